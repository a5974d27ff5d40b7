//! What a sweep did.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Swept;

/// What a sweep did; all zeros while another server sweeps.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Swept)]
pub struct SweptView {
    /// Exports that became `expired`.
    expired: u64,
    /// Packages deleted.
    deleted_files: u64,
    /// Bytes freed.
    freed_bytes: u64,
    /// Unfinished or forgotten files deleted.
    orphans_removed: u64,
    /// Rows deleted for their age.
    pruned_rows: u64,
    /// Files that could not be deleted; the next sweep tries again.
    errors: u64,
}

impl From<Swept> for SweptView {
    fn from(swept: Swept) -> Self {
        let Swept { expired, deleted_files, freed_bytes, orphans_removed, pruned_rows, errors } = swept;
        Self { expired, deleted_files, freed_bytes, orphans_removed, pruned_rows, errors }
    }
}
