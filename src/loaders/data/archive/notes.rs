//! What an archive of data says of itself: its manifest, its checksums, and how to read it or to
//! restore from it.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::domain::Warning;

use super::block::Block;
use super::plan::Plan;
use super::restore::{RESTORE, restore_guide};

/// Files that are not of data, and how many rows the others hold.
pub struct Notes {
    /// Paths and contents.
    pub files: Vec<(String, Vec<u8>)>,
    /// Rows in all parts; what is there in two formats counts once.
    pub rows: u64,
}

/// What is known of an archive beside its blocks.
pub struct Facts<'a> {
    /// What it says of itself.
    pub about: &'a [(String, String)],
    /// What is to be told of it.
    pub warnings: &'a [Warning],
}

/// The notes about an archive of `plan` that is made of `blocks`.
pub fn notes(plan: Plan, facts: &Facts<'_>, blocks: &[Block]) -> Notes {
    let rows = blocks.iter().map(Block::rows).sum();
    let mut files = vec![
        ("manifest.json".to_owned(), manifest(facts, blocks, rows)),
        ("SHA256SUMS".to_owned(), checksums(blocks)),
    ];
    match plan {
        Plan::OfOne => files.push(("README.txt".to_owned(), README.as_bytes().to_vec())),
        Plan::OfEveryone => {
            let guide = restore_guide(blocks, facts.warnings).into_bytes();
            files.push(("RESTORE.md".to_owned(), guide));
            files.push(("restore.py".to_owned(), RESTORE.as_bytes().to_vec()));
        }
    }
    Notes { files, rows }
}

const README: &str = "This archive holds what is kept about you, one section in two files each:

  *.csv    for people: opens in any spreadsheet (UTF-8, RFC 4180)
  *.jsonl  for programs: one JSON object a line

manifest.json tells how many rows each file has, of which moment they are, and whether anything
was left out or masked. `sha256sum -c SHA256SUMS` checks that every file is whole.
";

fn manifest(facts: &Facts<'_>, blocks: &[Block], rows: u64) -> Vec<u8> {
    let warnings: Vec<_> = facts.warnings.iter().map(words).collect();
    let facts: Map<String, Value> =
        facts.about.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let blocks: Vec<_> = blocks.iter().enumerate().map(|(number, block)| told(number, block)).collect();
    let users: u64 = users(&blocks);
    let totals = json!({"rows": rows, "users": users});
    let document = json!({"about": facts, "totals": totals, "warnings": warnings, "blocks": blocks});
    serde_json::to_vec_pretty(&document).expect("it has only text keys")
}

/// A warning in one line, with what it is about.
pub fn words(warning: &Warning) -> String {
    match &warning.path {
        Some(section) => format!("{section}: {}", warning.message),
        None => warning.message.clone(),
    }
}

fn users(blocks: &[Value]) -> u64 {
    blocks.iter().filter_map(|block| block["users"]["count"].as_u64()).sum()
}

fn told(number: usize, block: &Block) -> Value {
    let parts: Vec<_> = block
        .parts
        .iter()
        .map(|part| {
            let mut told = json!({
                "path": part.path, "section": part.section, "columns": part.columns, "types": part.types,
                "rows": part.rows, "bytes": part.bytes, "sha256": part.sha256,
            });
            if !part.masked.is_empty() {
                told["masked"] = json!(part.masked);
            }
            told
        })
        .collect();
    let left_out = block
        .left_out
        .iter()
        .map(|(section, left_out)| json!({"section": section, "rows": left_out.rows, "why": left_out.why()}));
    let left_out: Vec<_> = left_out.collect();
    let mut told = json!({"block": number, "snapshotAt": block.snapshot_at, "parts": parts});
    if !left_out.is_empty() {
        told["leftOut"] = json!(left_out);
    }
    if let (Some(first), Some(last)) = (block.users.first(), block.users.last()) {
        let count: u64 = block.users.iter().map(|span| span.count).sum();
        told["users"] = json!({"first": first.first, "last": last.last, "count": count});
    }
    told
}

/// As `sha256sum` writes and reads them.
fn checksums(blocks: &[Block]) -> Vec<u8> {
    let mut text = String::new();
    for part in blocks.iter().flat_map(|block| &block.parts) {
        let _ = writeln!(text, "{}  {}", part.sha256, part.path);
    }
    text.into_bytes()
}
