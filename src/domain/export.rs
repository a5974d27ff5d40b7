//! The noun everything turns around.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    ExportId, Format, Options, Package, Pins, Progress, Selection, Status, Timestamp, UserId, Warning,
    file_name,
};

/// Where a request came from; stored with its export, so that every log line of the job can be
/// joined with the request that asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// `X-Correlation-Id`, sent or made.
    pub correlation_id: String,
    /// W3C Trace Context, as sent.
    pub traceparent: Option<String>,
}

impl Origin {
    /// The trace that it belongs to (W3C Trace Context §3.2.2.3).
    pub fn trace_id(&self) -> Option<&str> {
        self.traceparent.as_deref()?.split('-').nth(1)
    }
}

/// An export that somebody wants, with everything decided and nothing done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExport {
    /// Whose it will be.
    pub owner: UserId,
    /// What, and which part of it.
    pub selection: Selection,
    /// In which shape.
    pub format: Format,
    /// What the versions that it names stood for, as far as that is settled.
    pub pins: Pins,
    /// And what else was chosen.
    pub options: Options,
    /// What people call its content; becomes the file name's slug.
    pub title: String,
    /// Higher runs sooner: each step is worth a head start of some minutes, not a place at the
    /// very front, so that nothing waits for ever.
    pub priority: i32,
    /// How long the package is kept, counted from completion.
    pub retention: Duration,
    /// Not before this instant.
    pub run_at: Timestamp,
    /// Whether an identical one will not do that has begun to read its source.
    pub fresh: bool,
    /// Attempts before it is given up.
    pub max_attempts: u32,
    /// Who asked, for the log.
    pub origin: Origin,
}

/// What a caller asked for, and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Which.
    pub id: ExportId,
    /// Whose.
    pub owner: UserId,
    /// What, and which part of it.
    pub selection: Selection,
    /// In which shape.
    pub format: Format,
    /// What the versions that it names stood for, as far as that is settled.
    pub pins: Pins,
    /// And what else was chosen.
    pub options: Options,
    /// What people call its content.
    pub title: String,
    /// Where it stands.
    pub status: Status,
    /// Higher runs sooner.
    pub priority: i32,
    /// How far the current attempt has come.
    pub progress: Progress,
    /// Attempts begun and not forgiven (a rescue or a shutdown does not burn one).
    pub attempt: u32,
    /// Attempts before it is given up.
    pub max_attempts: u32,
    /// How often its worker has died under it.
    pub rescues: u32,
    /// The right to write this row: grows with every claim, never reused.
    pub lease: i64,
    /// What the package had to leave out or change.
    pub warnings: Vec<Warning>,
    /// The finished file, once there is one; kept here after expiry.
    pub package: Option<Package>,
    /// Why there will be no package.
    pub failure: Option<Failure>,
    /// Downloads counted so far.
    pub tally: Tally,
    /// How long the package is kept, counted from completion.
    pub retention: Duration,
    /// Who asked.
    pub origin: Origin,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Not before this instant.
    pub run_at: Timestamp,
    /// When the current or last attempt began.
    pub started_at: Option<Timestamp>,
    /// When the package was published, or the end came without one.
    pub completed_at: Option<Timestamp>,
    /// From when on the package is gone.
    pub expires_at: Option<Timestamp>,
}

impl Export {
    /// Where it stands at `now`: a completed export is expired from the instant of its expiry,
    /// whether or not a sweep has seen it.
    pub fn status_at(&self, now: Timestamp) -> Status {
        match (self.status, self.expires_at) {
            (Status::Completed, Some(end)) if now >= end => Status::Expired,
            (status, _) => status,
        }
    }

    /// The name its package is saved under. Until there is a package, the date is the request's.
    pub fn file_name(&self) -> String {
        let snapshot = self.package.as_ref().map_or(self.created_at, |package| package.snapshot_at);
        let name = file_name(&self.title, self.selection.version(), snapshot, self.id, self.format);
        name + self.options.compression().suffix()
    }

    /// The media type of its package.
    pub fn media_type(&self) -> &'static str {
        self.options.compression().media_type(self.format)
    }
}

/// Downloads counted so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// When the first began.
    pub first_at: Option<Timestamp>,
    /// When the last began.
    pub last_at: Option<Timestamp>,
}

/// Why an attempt, or a whole export, came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// For programs.
    pub code: FailureCode,
    /// For people: what happened and what to do. Never a path of the server.
    pub message: String,
}

/// What went wrong, as a client may rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FailureCode {
    /// The project is not there (any more).
    ProjectNotFound,
    /// The project has no such version (any more).
    VersionNotFound,
    /// The data set is not there (any more).
    DatasetNotFound,
    /// The source refuses the data set's query.
    QueryFailed,
    /// What came is not what was declared, or cannot be written in this format.
    DataInvalid,
    /// Not as many rows came as there are.
    DataIncomplete,
    /// The template of the report cannot be rendered.
    TemplateFailed,
    /// The package would exceed `limits.max_package`.
    PackageTooLarge,
    /// With this package its owner would have more than `limits.user_storage`.
    QuotaExceeded,
    /// More entries than `limits.max_files`.
    TooManyFiles,
    /// The source could not be read at all.
    SourceUnreadable,
    /// The disk of the packages is full.
    InsufficientStorage,
    /// The store or the database did not answer.
    Unavailable,
    /// The attempt took longer than `jobs.deadline`.
    DeadlineExceeded,
    /// Its worker died under it three times.
    CrashedItsWorker,
    /// A fault of ours.
    Internal,
}

impl FailureCode {
    /// Every code.
    pub const ALL: [Self; 16] = [
        Self::ProjectNotFound,
        Self::VersionNotFound,
        Self::DatasetNotFound,
        Self::QueryFailed,
        Self::DataInvalid,
        Self::DataIncomplete,
        Self::TemplateFailed,
        Self::PackageTooLarge,
        Self::QuotaExceeded,
        Self::TooManyFiles,
        Self::SourceUnreadable,
        Self::InsufficientStorage,
        Self::Unavailable,
        Self::DeadlineExceeded,
        Self::CrashedItsWorker,
        Self::Internal,
    ];

    /// The word in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProjectNotFound => "PROJECT_NOT_FOUND",
            Self::VersionNotFound => "VERSION_NOT_FOUND",
            Self::DatasetNotFound => "DATASET_NOT_FOUND",
            Self::QueryFailed => "QUERY_FAILED",
            Self::DataInvalid => "DATA_INVALID",
            Self::DataIncomplete => "DATA_INCOMPLETE",
            Self::TemplateFailed => "TEMPLATE_FAILED",
            Self::PackageTooLarge => "PACKAGE_TOO_LARGE",
            Self::QuotaExceeded => "QUOTA_EXCEEDED",
            Self::TooManyFiles => "TOO_MANY_FILES",
            Self::SourceUnreadable => "SOURCE_UNREADABLE",
            Self::InsufficientStorage => "INSUFFICIENT_STORAGE",
            Self::Unavailable => "UNAVAILABLE",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::CrashedItsWorker => "CRASHED_ITS_WORKER",
            Self::Internal => "INTERNAL",
        }
    }

    /// The code of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == word)
    }

    /// Whether another attempt might end better.
    pub const fn is_retryable(self) -> bool {
        match self {
            Self::SourceUnreadable
            | Self::InsufficientStorage
            | Self::Unavailable
            | Self::DataIncomplete
            | Self::Internal => true,
            Self::ProjectNotFound
            | Self::DatasetNotFound
            | Self::QueryFailed
            | Self::DataInvalid
            | Self::TemplateFailed
            | Self::VersionNotFound
            | Self::PackageTooLarge
            | Self::QuotaExceeded
            | Self::TooManyFiles
            | Self::DeadlineExceeded
            | Self::CrashedItsWorker => false,
        }
    }
}

/// One line of an export's log. Lines of an export are numbered by `seq`, growing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportEvent {
    /// Its number; replay goes on after it.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What: `status`, `attempt`, `warning`, `download`, `link`, `retry`, `kept` or `extended`.
    pub kind: String,
    /// The status after it.
    pub status: Status,
    /// For people.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_has_the_same_word_wherever_it_is_told() {
        for code in FailureCode::ALL {
            assert_eq!(serde_json::to_value(code).expect("a word"), code.as_str());
            assert_eq!(FailureCode::parse(code.as_str()), Some(code));
        }
        assert_eq!(FailureCode::parse("EATEN"), None);
    }
}
