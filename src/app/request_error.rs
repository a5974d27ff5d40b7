//! Why an export that is asked for is refused.

use crate::db::StoreError;
use crate::domain::{Format, Kind, ProjectId, Refusal, RetentionError, Status, VersionId, WhichVersion};
use crate::packaging::{BadGlob, LoadError, PackError};
use crate::projects::PlaceError;
use crate::storage::StorageError;

use super::ExportError;

/// A member of a request that does not fit to the rest of it, or to the data set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer} {why}")]
pub struct Misfit {
    /// Which (RFC 6901).
    pub pointer: String,
    /// What is the matter with it.
    pub why: String,
}

impl Misfit {
    pub(super) fn new(pointer: impl Into<String>, why: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), why: why.into() }
    }
}

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The export it refers to cannot be used.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The caller has no such project.
    #[error("there is no project {0}")]
    ProjectNotFound(ProjectId),
    /// The project has no such version.
    #[error("this project has no version {version}: {why}")]
    VersionNotFound {
        /// Which of the selector's.
        which: WhichVersion,
        /// The version.
        version: VersionId,
        /// What is the matter with it.
        why: String,
    },
    /// The project has no such folder, or nothing of it would be packed.
    #[error("this project has no folder {0} of which anything would be packed")]
    NoFolder(String),
    /// This kind does not come in this format.
    #[error("{kind} exports come as {}, not as {format}", kind.formats().iter().map(|f| f.as_str()).collect::<Vec<_>>().join(", "))]
    UnsupportedFormat {
        /// What is exported.
        kind: Kind,
        /// What it should have become.
        format: Format,
    },
    /// An admin has said that they may not.
    #[error("you may not ask for {kind} exports as {format}; an admin can allow it")]
    NotPermitted {
        /// What is exported.
        kind: Kind,
        /// In which shape.
        format: Format,
    },
    /// Nothing of this kind is kept here.
    #[error("this server exports no {0}: no data set is declared for it")]
    NoDataOf(Kind),
    /// No data set has this name.
    #[error("there is no data set {0}; `GET /api/v1/datasets` lists those that you may ask for")]
    NoDataSet(String),
    /// The data set is for others.
    #[error("you may not ask for the data set {0}; its operator has said for whom it is")]
    NotYours(String),
    /// What is asked for does not fit together.
    #[error("this cannot be asked for: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Misfits(Vec<Misfit>),
    /// One of the `paths` cannot be read as a glob.
    #[error("{0}; write globs as in a .gitignore")]
    BadGlob(#[from] BadGlob),
    /// Kept for longer than the operator allows.
    #[error(transparent)]
    Retention(#[from] RetentionError),
    /// Outside the range, or above what the caller may ask for.
    #[error("priority {0} is not yours to ask for; users may ask for -10 to 0, admins for up to 10")]
    PriorityNotAllowed(i32),
    /// Only an export without a package, or whose package is lost or damaged, can be made again.
    #[error(
        "this export is {0}; only one that failed, was cancelled, has expired, is lost or was found damaged (`/verify` looks) can be retried"
    )]
    NotRetryable(Status),
    /// The owner has used up what they may.
    #[error("a limit is reached")]
    Refused(Refusal),
    /// Less than `storage.reserve` is free.
    #[error("the server is short of disk space; try again later")]
    DiskFull,
    /// What is selected cannot be read.
    #[error("the source cannot be read")]
    Source(#[source] PackError),
    /// Disk or database did not answer.
    #[error("the store failed")]
    Store(#[source] StoreError),
    /// The disk of the packages did not answer.
    #[error("the package storage failed")]
    Storage(#[source] StorageError),
}

impl From<StoreError> for RequestError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<LoadError> for RequestError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::NoVersion { which, version, why } => Self::VersionNotFound { which, version, why },
            error => Self::Source(PackError::Load(error)),
        }
    }
}

impl From<PlaceError> for RequestError {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Store(error) => Self::Store(error),
            PlaceError::NotAllowed | PlaceError::Missing | PlaceError::NoRepository => {
                Self::Source(PackError::Load(LoadError::NotThere))
            }
        }
    }
}
