//! Which entries are packed together.
//!
//! A plan follows from the paths and the sizes of the entries alone. Where a batch ends is decided
//! by single entries, not by counting from the first: so two trees that differ in one place are cut
//! alike again soon after it, and what was packed for the one is good for the other.

use std::ops::Range;

use crate::domain::Archive;

use super::archive::tar;
use super::source::{Entry, EntryKind};

/// The next thing to be packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Portion {
    /// Some entries at once.
    Batch(Range<usize>),
    /// One that goes chunk by chunk.
    Large(usize),
}

/// The sizes by which a format is cut, in bytes of the archive before it is compressed.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Larger files go chunk by chunk.
    large: u64,
    /// No batch ends before.
    least: u64,
    /// From there on it ends soon: after about so many more bytes.
    soon: u64,
    /// No batch of several entries is larger.
    most: u64,
}

impl Plan {
    /// The plan for packages of `format`.
    pub fn new(format: Archive) -> Self {
        match format {
            // Every entry is compressed by itself: a batch is no more than work for a while.
            Archive::Zip => Self { large: 3 << 19, least: 128 << 10, soon: 128 << 10, most: 512 << 10 },
            // A batch is compressed as one: shorter ones press worse, longer ones wait longer.
            Archive::TarGz => Self { large: 3 << 19, least: 512 << 10, soon: 512 << 10, most: 2 << 20 },
            Archive::TarZst => Self { large: 2 << 20, least: 1 << 20, soon: 512 << 10, most: 2 << 20 },
        }
    }

    /// What comes at `from`, which is the end of the portion before; `None` at the end.
    pub fn portion(&self, entries: &[Entry], from: usize) -> Option<Portion> {
        if self.is_large(entries.get(from)?) {
            return Some(Portion::Large(from));
        }
        let mut bytes = weight(&entries[from]);
        let rest = entries[from + 1..].iter().take_while(|entry| {
            let fits = !self.is_large(entry) && bytes + weight(entry) <= self.most;
            let goes_on = fits && !(bytes >= self.least && self.is_seam(entry));
            bytes += weight(entry);
            goes_on
        });
        Some(Portion::Batch(from..from + 1 + rest.count()))
    }

    /// Whether `entry` goes chunk by chunk.
    pub fn is_large(&self, entry: &Entry) -> bool {
        entry.kind == EntryKind::File && entry.size > self.large
    }

    /// Whether a batch that may end ends before `entry`: by its name, as if by lot, with a chance
    /// in proportion to its bytes.
    fn is_seam(&self, entry: &Entry) -> bool {
        let lot = u64::from(crc32fast::hash(entry.path.as_bytes()));
        (lot * self.soon) >> 32 < weight(entry)
    }
}

/// Bytes in a tar archive; about the work that it is in any other.
fn weight(entry: &Entry) -> u64 {
    tar::BLOCK as u64 + entry.size.next_multiple_of(tar::BLOCK as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(count: usize) -> Vec<Entry> {
        let size = |i: usize| (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 50;
        let entry = |i| Entry {
            path: format!("src/part{:03}/file{i:05}.rs", i / 100),
            kind: EntryKind::File,
            size: size(i),
            origin: None,
            identity: None,
        };
        (0..count).map(entry).collect()
    }

    fn portions(plan: Plan, entries: &[Entry]) -> Vec<Portion> {
        let mut from = 0;
        std::iter::from_fn(|| {
            let portion = plan.portion(entries, from)?;
            from = match &portion {
                Portion::Batch(range) => range.end,
                Portion::Large(index) => index + 1,
            };
            Some(portion)
        })
        .collect()
    }

    /// The paths of each batch.
    fn batches(plan: Plan, entries: &[Entry]) -> Vec<Vec<&str>> {
        let paths = |portion| match portion {
            Portion::Batch(range) => entries[range].iter().map(|entry| entry.path.as_str()).collect(),
            Portion::Large(index) => vec![entries[index].path.as_str()],
        };
        portions(plan, entries).into_iter().map(paths).collect()
    }

    #[test]
    fn every_entry_is_in_one_portion_and_no_batch_is_too_large() {
        let mut entries = entries(5_000);
        entries[700].size = 50 << 20;
        entries[701].size = 3 << 19;
        entries[702].size = (3 << 19) + 1;
        for format in Archive::ALL {
            let (plan, mut next) = (Plan::new(format), 0);
            for portion in portions(plan, &entries) {
                let range = match portion {
                    Portion::Batch(range) => range,
                    Portion::Large(index) => {
                        assert!(entries[index].size > plan.large);
                        index..index + 1
                    }
                };
                assert_eq!(range.start, next);
                let bytes: u64 = entries[range.clone()].iter().map(weight).sum();
                assert!(range.len() == 1 || bytes <= plan.most);
                next = range.end;
            }
            assert_eq!(next, entries.len());
        }
    }

    #[test]
    fn one_entry_more_or_less_changes_the_batches_around_it_alone() {
        let all = entries(20_000);
        for format in Archive::ALL {
            let plan = Plan::new(format);
            let before = batches(plan, &all);
            let mut strangers = Vec::new();
            for gone in (500..20_000).step_by(1_000) {
                let mut fewer = all.clone();
                fewer.remove(gone);
                let after = batches(plan, &fewer);
                strangers.push(after.iter().filter(|batch| !before.contains(batch)).count());
            }
            strangers.sort_unstable();
            let (usual, worst) = (strangers[strangers.len() / 2], strangers[strangers.len() - 1]);
            assert!(usual <= 3 && worst <= 16, "{format}: {strangers:?}");
            assert!(before.len() > 40, "{format}: {}", before.len());
        }
    }
}
