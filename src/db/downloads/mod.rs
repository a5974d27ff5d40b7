//! Who downloaded what, and how much of it.
//!
//! One process counts the downloads of one store: it writes whole rows, never differences, so
//! that a write whose answer was lost can be done again.

mod find;
mod record;
mod row;

use uuid::Uuid;

use crate::domain::{Caller, Timestamp};

use super::{Acting, Database, StoreError};

pub use record::Recording;
pub use row::DownloadRow;

/// The rows of `downloads`.
#[derive(Debug, Clone)]
pub struct Downloads {
    database: Database,
}

/// Where a page of downloads ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownloadMark {
    /// When its last download began.
    pub began_at: Timestamp,
    /// Its last download.
    pub id: Uuid,
}

/// A page of an export's downloads, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadsPage {
    /// What is on it.
    pub items: Vec<DownloadRow>,
    /// Where the next one begins; `None` after the last.
    pub next: Option<DownloadMark>,
}

impl Downloads {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// The same rows, read and written in the name of `caller`.
    #[must_use]
    pub fn acting_for(&self, caller: &Caller) -> Self {
        Self { database: self.database.acting(Acting::of(caller)) }
    }
}
