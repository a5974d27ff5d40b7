//! What an export would be like, by a scan alone.

use crate::domain::Warning;

use super::source::{EntryKind, Source};
use super::{Control, Limits, PackError};

/// What a package would hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Estimate {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Entries left out; a folder counts once.
    pub excluded: u64,
    /// What it would have to leave out or change.
    pub warnings: Vec<Warning>,
}

pub(super) fn estimate(
    mut source: Box<dyn Source>,
    limits: &Limits,
    control: &Control,
) -> Result<Estimate, PackError> {
    let scan = source.scan(limits, control)?;
    let files = scan.entries.iter().filter(|entry| entry.kind == EntryKind::File);
    Ok(Estimate {
        files: files.clone().count() as u64,
        bytes: files.map(|entry| entry.size).sum(),
        excluded: scan.excluded.len() as u64,
        warnings: scan.warnings,
    })
}
