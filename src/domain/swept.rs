//! What a sweep did.

use serde::Serialize;

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
