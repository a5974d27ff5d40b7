//! What the use cases may come to, other than done.

use std::error::Error;

use http::StatusCode;

use super::Problem;
use crate::app::{DownloadError, EntryError, ExportError, Misfit, ProjectError, ReplyError, RequestError};
use crate::domain::{Failure, FailureCode, Status, WhichVersion};
use crate::http::kit::fields::FieldFault;

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        use ExportError as E;
        let detail = error.to_string();
        match error {
            E::Unknown(_) => Self::new(StatusCode::NOT_FOUND, "JOB_NOT_FOUND", detail),
            E::Foreign => Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail),
            E::NotCancellable(status) => {
                Self::new(StatusCode::CONFLICT, "NOT_CANCELLABLE", detail).of_export(status)
            }
            E::StillActive(status) | E::NotKept(status) => {
                Self::new(StatusCode::CONFLICT, "CONFLICT", detail).of_export(status)
            }
            E::Retention(_) => invalid("/retentionSeconds", detail),
            E::Store(error) => unavailable(&error),
        }
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        use RequestError as E;
        let detail = error.to_string();
        match error {
            E::Export(error) => error.into(),
            E::ProjectNotFound(_) => Self::new(StatusCode::NOT_FOUND, "PROJECT_NOT_FOUND", detail),
            E::NoFolder(_) => Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", detail),
            E::VersionNotFound { which: WhichVersion::Selected, .. } => {
                invalid("/selector/versionId", detail)
            }
            E::VersionNotFound { which: WhichVersion::Since, .. } => invalid("/selector/since", detail),
            E::UnsupportedFormat { .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "UNSUPPORTED_FORMAT", detail)
            }
            E::NotPermitted { kind, format } => Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail)
                .with("kind", kind)
                .with("format", format),
            E::NoDataOf(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "UNSUPPORTED_KIND", detail),
            E::NoDataSet(_) => Self::new(StatusCode::NOT_FOUND, "DATASET_NOT_FOUND", detail),
            E::NotYours(_) => Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail),
            E::Misfits(misfits) => {
                let fault = |Misfit { pointer, why }| FieldFault { pointer, message: why };
                let faults = misfits.into_iter().map(fault).collect();
                Self::new(StatusCode::BAD_REQUEST, "VALIDATION_FAILED", detail).with_errors(faults)
            }
            E::BadGlob(_) => invalid("/selector/paths", detail),
            E::Retention(_) => invalid("/retentionSeconds", detail),
            E::PriorityNotAllowed(_) => Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail),
            E::NotRetryable(status) => Self::new(StatusCode::CONFLICT, "CONFLICT", detail).of_export(status),
            E::Refused(refusal) => refusal.into(),
            E::DiskFull => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "INSUFFICIENT_STORAGE", detail).retry_after(60)
            }
            E::Source(error) => unpackable(error.failure(), &error),
            E::Store(error) => unavailable(&error),
            E::Storage(error) => unavailable(&error),
        }
    }
}

impl From<DownloadError> for Problem {
    fn from(error: DownloadError) -> Self {
        use DownloadError as E;
        let detail = error.to_string();
        match error {
            E::Unknown(_) => Self::new(StatusCode::NOT_FOUND, "JOB_NOT_FOUND", detail),
            E::Foreign => Self::new(StatusCode::FORBIDDEN, "DOWNLOAD_UNAUTHORIZED", detail),
            E::NotReady(status) => {
                let problem = Self::new(StatusCode::NOT_FOUND, "PACKAGE_NOT_READY", detail).of_export(status);
                if status.is_active() { problem.retry_after(1) } else { problem }
            }
            E::Expired { expired_at } => {
                Self::new(StatusCode::GONE, "PACKAGE_EXPIRED", detail).with("expiresAt", expired_at)
            }
            E::FileMissing(id) => {
                let retry = format!("/api/v1/exports/{id}/retry");
                Self::new(StatusCode::NOT_FOUND, "FILE_NOT_FOUND", format!("{detail}: POST {retry}"))
                    .with("retry", retry)
            }
            E::Store(error) => unavailable(&error),
            E::Storage(error) => unavailable(&error),
        }
    }
}

impl From<EntryError> for Problem {
    fn from(error: EntryError) -> Self {
        use EntryError as E;
        let detail = error.to_string();
        match error {
            E::Package(error) => error.into(),
            E::Unknown { .. } => Self::new(StatusCode::NOT_FOUND, "FILE_NOT_FOUND", detail),
            E::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", detail).retry_after(5),
        }
    }
}

impl From<ProjectError> for Problem {
    fn from(error: ProjectError) -> Self {
        use ProjectError as E;
        let detail = error.to_string();
        match error {
            E::Unknown(_) => Self::new(StatusCode::NOT_FOUND, "PROJECT_NOT_FOUND", detail),
            E::NotAllowed | E::NoRepository => invalid("/source/path", detail),
            E::SnapshotNotAllowed => invalid("/path", detail),
            E::VersionsAreCommits(_) => Self::new(StatusCode::CONFLICT, "CONFLICT", detail),
            E::Source(error) => unpackable(error.failure(), &error),
            E::NotRegistered(_) => Self::new(StatusCode::CONFLICT, "CONFLICT", detail),
            E::Store(error) => unavailable(&error),
        }
    }
}

impl From<ReplyError> for Problem {
    fn from(error: ReplyError) -> Self {
        unavailable(&error)
    }
}

impl Problem {
    /// Where the export stands. Not called `status`: RFC 9457 has taken that name.
    fn of_export(self, status: Status) -> Self {
        self.with("exportStatus", status)
    }
}

/// One member of the body that only a use case could judge.
pub(super) fn invalid(pointer: &str, message: String) -> Problem {
    let fault = FieldFault { pointer: pointer.to_owned(), message: message.clone() };
    Problem::new(StatusCode::BAD_REQUEST, "VALIDATION_FAILED", message).with_errors(vec![fault])
}

/// What was selected cannot be read, or not be packed: mostly for a reason that its owner can do
/// something about.
fn unpackable(failure: Failure, error: &dyn Error) -> Problem {
    use FailureCode as F;
    let Failure { code, message } = failure;
    match code {
        F::ProjectNotFound => Problem::new(StatusCode::NOT_FOUND, "PROJECT_NOT_FOUND", message),
        F::DatasetNotFound => Problem::new(StatusCode::NOT_FOUND, "DATASET_NOT_FOUND", message),
        F::DataInvalid
        | F::DataIncomplete
        | F::QueryFailed
        | F::TemplateFailed
        | F::PackageTooLarge
        | F::QuotaExceeded
        | F::TooManyFiles
        | F::SourceUnreadable
        | F::VersionNotFound => Problem::new(StatusCode::CONFLICT, "CONFLICT", message).with("failure", code),
        F::InsufficientStorage => {
            Problem::new(StatusCode::INSUFFICIENT_STORAGE, "INSUFFICIENT_STORAGE", message).retry_after(60)
        }
        F::Unavailable | F::DeadlineExceeded | F::CrashedItsWorker | F::Internal => unavailable(error),
    }
}

/// Database or disk did not answer. What they said is for the log; a client can only try again.
pub(super) fn unavailable(error: &dyn Error) -> Problem {
    tracing::error!(error = told(error), "unavailable");
    let detail = "the server cannot reach its storage just now; try again shortly";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", detail).retry_after(2)
}

/// An error with all that caused it.
fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
