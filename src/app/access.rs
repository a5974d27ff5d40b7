//! Whose export is it? Asked in one place, before anything else about an export is told.

use crate::db::{self, StoreError};
use crate::domain::{Caller, Export, ExportId};

use super::{DownloadError, ExportError};

/// Finds exports for those who may see them.
#[derive(Debug, Clone)]
pub(super) struct Access {
    rows: db::Exports,
    hides_foreign: bool,
}

/// Why an export is not for a caller.
#[derive(Debug)]
pub(super) enum Barred {
    /// There is none, or nobody is to know that there is one.
    Unknown(ExportId),
    /// It is somebody else's.
    Foreign,
    /// The database did not answer.
    Store(StoreError),
}

impl Access {
    pub(super) const fn new(rows: db::Exports, hides_foreign: bool) -> Self {
        Self { rows, hides_foreign }
    }

    /// The export `id`, if `caller` may see it: its owner, or an admin.
    ///
    /// An export that is hidden is not looked for: the query that finds nothing is the same, and
    /// the only one, whether there is one or not.
    pub(super) async fn export(&self, caller: &Caller, id: ExportId) -> Result<Export, Barred> {
        if let Some(export) = self.rows.acting_for(caller).find(id).await? {
            return Ok(export);
        }
        if !self.hides_foreign && self.rows.owner(id).await?.is_some_and(|owner| owner != caller.user) {
            return Err(Barred::Foreign);
        }
        Err(Barred::Unknown(id))
    }
}

impl From<StoreError> for Barred {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Barred> for ExportError {
    fn from(barred: Barred) -> Self {
        match barred {
            Barred::Unknown(id) => Self::Unknown(id),
            Barred::Foreign => Self::Foreign,
            Barred::Store(error) => Self::Store(error),
        }
    }
}

impl From<Barred> for DownloadError {
    fn from(barred: Barred) -> Self {
        match barred {
            Barred::Unknown(id) => Self::Unknown(id),
            Barred::Foreign => Self::Foreign,
            Barred::Store(error) => Self::Store(error),
        }
    }
}
