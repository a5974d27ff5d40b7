//! What is to be told of an archive of data: in the export, in its manifest and before anybody restores
//! from it.

use crate::domain::{Warning, WarningCode};

use super::block::Block;

/// What is to be told of an archive that is made of `blocks`. Its own statistics are of everything that
/// there is, so they are no measure where only a range was wanted.
pub fn warnings(blocks: &[Block], is_masked: bool, is_ranged: bool) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |code, path: Option<&str>, message: String| {
        warnings.push(Warning { code, path: path.map(str::to_owned), message });
    };
    for (section, rows) in left_out(blocks) {
        let message = format!("{rows} rows are left out: an export has no more of this; ask for a part");
        warn(WarningCode::RowsLeftOut, Some(section), message);
    }
    for (section, told, there) in missed(blocks).into_iter().filter(|_| !is_ranged) {
        let message = format!(
            "{there} rows are here, and its data set told of {told}: either some came or went meanwhile, or \
             its query does not give all of them"
        );
        let is_short = there < told;
        let code = if is_short { WarningCode::RowsLeftOut } else { WarningCode::SeveralMoments };
        warn(code, Some(section), message);
    }
    for changed in blocks.iter().flat_map(|block| &block.changed) {
        warn(WarningCode::ContentChanged, None, changed.clone());
    }
    if is_masked {
        warn(WarningCode::DataMasked, None, "personal data are masked".to_owned());
    }
    let moments: Vec<_> = blocks.iter().filter_map(|block| block.snapshot_at).collect();
    if let [first, .., last] = &moments[..] {
        let message =
            format!("its parts are of different moments, from {first} to {last}; the manifest tells which");
        warn(WarningCode::SeveralMoments, None, message);
    }
    warnings
}

/// Rows beyond a limit, by section.
fn left_out(blocks: &[Block]) -> Vec<(&str, u64)> {
    let mut sums: Vec<(&str, u64)> = Vec::new();
    for (section, rows) in blocks.iter().flat_map(|block| &block.left_out) {
        match sums.iter_mut().find(|(known, _)| known == section) {
            Some((_, sum)) => *sum += rows,
            None => sums.push((section, *rows)),
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
