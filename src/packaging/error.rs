//! Why there is no package.

use std::io;

use crate::domain::{Failure, FailureCode, VersionId, WhichVersion};
use crate::records::{DataError, DataFault};

/// Why a source cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// What was selected is not there (any more), or may not be read.
    #[error("what is to be exported is not there")]
    NotThere,
    /// It has no such version (any more).
    #[error("this project has no version {version}: {why}")]
    NoVersion {
        /// Which of the selector's.
        which: WhichVersion,
        /// The version.
        version: VersionId,
        /// What is the matter with it; for people.
        why: String,
    },
    /// It is a repository that cannot be read; the words are for whoever asked.
    #[error("{0}")]
    Repository(String),
    /// A glob of the selector is none.
    #[error("`{0}` is no glob")]
    BadGlob(String),
    /// Its data cannot be had, or not be written as was asked for.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Whoever knows where it lies does not answer.
    #[error("looking it up failed")]
    LookUp(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why packing came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// It was told to stop.
    #[error("packing was cancelled")]
    Cancelled,
    /// The source cannot be opened.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The source cannot be read as a whole; single entries that cannot are warnings.
    #[error("the source cannot be read")]
    Source(#[source] io::Error),
    /// The source is kept by its content, and some of that is missing without which nothing
    /// can be found.
    #[error("the repository cannot give its object {object}: {why}")]
    Incomplete {
        /// The object's name.
        object: String,
        /// What is the matter with it.
        why: String,
    },
    /// More files than `limits.max_files`.
    #[error("the source has more than {limit} files")]
    TooManyFiles {
        /// `limits.max_files`.
        limit: u64,
    },
    /// More bytes than `limits.max_package`.
    #[error("the package would be larger than {limit} bytes")]
    TooLarge {
        /// `limits.max_package`.
        limit: u64,
    },
    /// The disk of the packages, or the quota on it, is full.
    #[error("the disk of the packages is full")]
    Full,
    /// The package cannot be written.
    #[error("the package cannot be written")]
    Output(#[source] io::Error),
    /// Its data ended too early, or cannot be written as was asked for.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A format's library failed.
    #[error("the document cannot be made: {0}")]
    Format(String),
    /// Code of ours panicked; the thread it ran on lives on.
    #[error("a packing thread panicked")]
    Panicked,
}

impl PackError {
    /// What an error while writing the package means.
    pub(super) fn output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Output(error),
        }
    }

    /// The same for a client: what happened and what to do, never a path of the server.
    pub fn failure(&self) -> Failure {
        let (code, message) = match self {
            Self::Data(error) | Self::Load(LoadError::Data(error)) => (code_of(error), error.to_string()),
            Self::Cancelled => (FailureCode::Internal, "packing was stopped".to_owned()),
            Self::Load(LoadError::NotThere) => {
                (FailureCode::ProjectNotFound, "the project's folder is not there any more".to_owned())
            }
            Self::Load(error @ LoadError::NoVersion { .. }) => {
                (FailureCode::VersionNotFound, error.to_string())
            }
            Self::Load(error @ LoadError::Repository(_)) => {
                (FailureCode::SourceUnreadable, error.to_string())
            }
            Self::Incomplete { .. } => (
                FailureCode::SourceUnreadable,
                format!("{self}; `git fsck` tells what is missing, `git fetch` may bring it back"),
            ),
            Self::Load(error @ LoadError::BadGlob(_)) => (FailureCode::ProjectNotFound, error.to_string()),
            Self::Load(LoadError::LookUp(_)) => {
                (FailureCode::Unavailable, "the project could not be looked up; try again later".to_owned())
            }
            Self::Source(_) => (
                FailureCode::SourceUnreadable,
                "the project's folder cannot be read by the server".to_owned(),
            ),
            Self::TooManyFiles { limit } => {
                (FailureCode::TooManyFiles, format!("more than {limit} files; export a part with `paths`"))
            }
            Self::TooLarge { limit } => (
                FailureCode::PackageTooLarge,
                format!(
                    "the package would be larger than {limit} bytes; export a part, or have it compressed"
                ),
            ),
            Self::Full => (
                FailureCode::InsufficientStorage,
                "the server ran out of disk space; try again later".to_owned(),
            ),
            Self::Output(_) => {
                (FailureCode::Unavailable, "the package storage failed; try again later".to_owned())
            }
            Self::Format(_) => {
                (FailureCode::Internal, "the document could not be made by a fault of the server".to_owned())
            }
            Self::Panicked => (FailureCode::Internal, "packing failed by a fault of the server".to_owned()),
        };
        Failure { code, message }
    }
}

/// What a fault of data means for an export.
const fn code_of(error: &DataError) -> FailureCode {
    match error.fault {
        DataFault::NotThere => FailureCode::DatasetNotFound,
        DataFault::SourceLost { .. } | DataFault::File { .. } | DataFault::NotReadable { .. } => {
            FailureCode::SourceUnreadable
        }
        DataFault::Query { .. } | DataFault::Columns(_) => FailureCode::QueryFailed,
        DataFault::NotOfType { .. } | DataFault::NotWritable { .. } | DataFault::Parameter { .. } => {
            FailureCode::DataInvalid
        }
        DataFault::Miscounted { .. } => FailureCode::DataIncomplete,
        DataFault::Deadline { .. } => FailureCode::DeadlineExceeded,
        DataFault::Template { .. } => FailureCode::TemplateFailed,
        DataFault::Stopped => FailureCode::Internal,
    }
}
