//! What is to be told of an archive of data: in the export, in its manifest and before anybody restores
//! from it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Warning, WarningCode};
use crate::records::{LeftOut, LimitOf};

use super::super::lacking;
use super::block::Block;

/// What is to be told of an archive that is made of `blocks`. Its own statistics are of everything that
/// there is, so they are no measure where only a range was wanted.
pub fn warnings(blocks: &[Block], is_ranged: bool) -> Vec<Warning> {
    let mut warnings: Vec<_> = cut(blocks).collect();
    let mut warn = |code, path: Option<&str>, message: String| {
        warnings.push(Warning { code, path: path.map(str::to_owned), message });
    };
    for (section, told, there) in missed(blocks).into_iter().filter(|_| !is_ranged) {
        let rows = if there == 1 { "row is" } else { "rows are" };
        let message = format!(
            "{there} {rows} here, and its data set told of {told}: either some came or went meanwhile, or \
             its query does not give all of them"
        );
        let is_short = there < told;
        let code = if is_short { WarningCode::RowsLeftOut } else { WarningCode::SeveralMoments };
        warn(code, Some(section), message);
    }
    for changed in blocks.iter().flat_map(|block| &block.changed) {
        warn(WarningCode::ContentChanged, None, changed.clone());
    }
    let moments: Vec<_> = blocks.iter().filter_map(|block| block.snapshot_at).collect();
    if let [first, .., last] = &moments[..] {
        let message =
            format!("its parts are of different moments, from {first} to {last}; the manifest tells which");
        warn(WarningCode::SeveralMoments, None, message);
    }
    let parts = blocks.iter().flat_map(|block| &block.parts);
    let masked = parts.flat_map(|part| part.masked.iter().map(|column| (&*part.section, &**column)));
    let masked: BTreeSet<_> = masked.collect();
    warnings.extend(masked.into_iter().map(|(section, column)| lacking::masked(section, column)));
    warnings
}

/// What each limit leaves out of all blocks; each block has as many rows as a document.
fn cut(blocks: &[Block]) -> impl Iterator<Item = Warning> {
    let mut sums: BTreeMap<(&str, LimitOf), LeftOut> = BTreeMap::new();
    for (section, left_out) in blocks.iter().flat_map(|block| &block.left_out) {
        let sum = sums.entry((section, left_out.limit)).or_insert(LeftOut { rows: 0, ..*left_out });
        sum.rows += left_out.rows;
    }
    let is_one = blocks.len() == 1;
    sums.into_iter().map(move |((section, _), sum)| {
        let message =
            if is_one { sum.to_string() } else { format!("{sum} (each part of the archive for itself)") };
        lacking::left_out(section, &sum, message)
    })
}

/// Rows beyond a limit, by section.
fn left_out(blocks: &[Block]) -> Vec<(&str, u64)> {
    let mut sums: Vec<(&str, u64)> = Vec::new();
    for (section, left_out) in blocks.iter().flat_map(|block| &block.left_out) {
        match sums.iter_mut().find(|(known, _)| known == section) {
            Some((_, sum)) => *sum += left_out.rows,
            None => sums.push((section, left_out.rows)),
        }
    }
    sums
}

/// Sections of which the parts hold (and a limit left out) more or fewer rows than were told of: what
/// was told, and what is here.
fn missed(blocks: &[Block]) -> Vec<(&str, u64, u64)> {
    let left_out = left_out(blocks);
    let parts = || blocks.iter().flat_map(|block| &block.parts);
    let told = blocks.iter().flat_map(|block| &block.told);
    let told = told.filter(|(section, _)| parts().any(|part| part.section == *section));
    let counted = told.map(|(section, told)| {
        let here: u64 = parts().filter(|part| part.section == *section).map(|part| part.rows).sum();
        let beyond = left_out.iter().find(|(other, _)| other == section).map_or(0, |(_, rows)| *rows);
        (section.as_str(), *told, here + beyond)
    });
    counted.filter(|(_, told, there)| told != there).collect()
}
