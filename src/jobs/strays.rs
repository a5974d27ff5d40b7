//! Files that no row needs, and whose they are.

use std::collections::HashSet;

use crate::db::StoreError;
use crate::domain::{ExportId, Occasion, PackageKey, Timestamp};
use crate::storage::Stored;

use super::works::Works;

/// Tells garbage from what may be somebody's: a store that was opened with other rows than its own,
/// by a slip of the pen or after a restore, looks as if no row needed any of it.
pub(super) struct Strays {
    /// When the rows began. What is older and not known to them belongs to others.
    rows_began: Timestamp,
    /// Whether what only may be ours is ours.
    is_sure: bool,
}

/// A file that no row needs.
pub(super) struct Orphan {
    /// The file.
    pub stored: Stored,
    /// Whether it is garbage of ours.
    pub is_ours: bool,
}

impl Strays {
    /// As a sweep on this `occasion` sees them.
    pub async fn of(works: &Works, occasion: Occasion) -> Result<Self, StoreError> {
        let rows_began = works.parts.database.made_at().await?;
        Ok(Self { rows_began, is_sure: occasion != Occasion::Opened })
    }

    /// Those among `stored`. The rows are asked now, after the files were seen.
    pub async fn among(&self, works: &Works, stored: &[Stored]) -> Result<Vec<Orphan>, StoreError> {
        let keys: Vec<PackageKey> = stored.iter().map(|stored| stored.key.clone()).collect();
        let needed = works.rows.keys_in_use(&keys).await?;
        let unneeded: Vec<&Stored> = stored.iter().filter(|stored| !needed.contains(&stored.key)).collect();
        let exports: Vec<ExportId> = unneeded.iter().filter_map(|stored| stored.key.export()).collect();
        let known = works.rows.known(&exports).await?;
        let orphan =
            |stored: &Stored| Orphan { stored: stored.clone(), is_ours: self.is_ours(stored, &known) };
        Ok(unneeded.into_iter().map(orphan).collect())
    }

    /// What a row knows, and does not need, is what an attempt has left behind.
    fn is_ours(&self, stored: &Stored, known: &HashSet<ExportId>) -> bool {
        let is_known = stored.key.export().is_some_and(|export| known.contains(&export));
        is_known || (self.is_sure && stored.modified >= self.rows_began)
    }
}
