//! What a sweep did.

use std::time::Duration;

use serde::Serialize;

use super::Timestamp;

/// What a sweep did, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Swept {
    /// Exports that became `expired`.
    pub expired: u64,
    /// Packages deleted.
    pub deleted_files: u64,
    /// Bytes freed.
    pub freed_bytes: u64,
    /// Unfinished or forgotten files deleted.
    pub orphans_removed: u64,
    /// Rows deleted for their age.
    pub pruned_rows: u64,
    /// Files that could not be deleted; the next sweep tries again.
    pub errors: u64,
}

/// Why there is a sweep, and so how far it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// It is time again: what is due.
    Tick,
    /// It is the time of day: also files that no row needs, and rows that are too old.
    Deep,
    /// The house has opened: as deep, but for packages of exports that the rows do not know. Whoever has
    /// opened it with the wrong rows is to find out before these are gone. Remembered as a deep one.
    Opened,
    /// Somebody asked for it: as deep.
    Asked,
}

impl Occasion {
    /// Every occasion that is remembered.
    pub const ALL: [Self; 3] = [Self::Tick, Self::Deep, Self::Asked];

    /// Whether it goes to the depths.
    pub const fn is_deep(self) -> bool {
        matches!(self, Self::Deep | Self::Opened | Self::Asked)
    }

    /// The word in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tick => "tick",
            Self::Deep | Self::Opened => "deep",
            Self::Asked => "asked",
        }
    }

    /// The occasion of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|occasion| occasion.as_str() == word)
    }
}

/// A sweep that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastSweep {
    /// When it began.
    pub at: Timestamp,
    /// Who swept: a worker's name.
    pub worker: String,
    /// Why.
    pub occasion: Occasion,
    /// What it did.
    pub swept: Swept,
    /// How long it took.
    pub took: Duration,
}
