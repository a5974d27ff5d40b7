//! What may come of a download other than the package, and how the command then ends.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;

use crate::cli::client::{ClientError, Origin};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::plain::plain_path;
use crate::cli::server_args::{exit_of, refused};
use crate::domain::{Sha256, human_size};

/// Why there is no package.
#[derive(Debug, thiserror::Error)]
pub enum GetError {
    /// The server says no, and another try would not help.
    #[error("{status}: {detail}{hint}")]
    Refused {
        /// What it answered.
        status: StatusCode,
        /// Its reason.
        detail: String,
        /// What may be missing on our side; empty, or with a semicolon in front.
        hint: &'static str,
    },
    /// The package is being made, and nobody wants to wait.
    #[error("the package is not ready, its export is {0}; without --no-wait it is waited for")]
    NotReady(String),
    /// The address moved to a server that was not asked for.
    #[error("it is at {0} now, which is another server; give that address if you trust it")]
    Elsewhere(Origin),
    /// The address leads from one to the next.
    #[error("the address leads in a circle")]
    Circle,
    /// It was tried often enough.
    #[error("{why}; given up after {retries} more tries")]
    GivenUp {
        /// The last failure.
        why: String,
        /// How often it was tried again.
        retries: u32,
    },
    /// The server wants to be left alone for longer than anybody waits.
    #[error("{why}; the server asks to come back in {}", humantime::format_duration(*.after))]
    ComeBack {
        /// What it answered.
        why: String,
        /// From when on it answers again.
        after: Duration,
    },
    /// Each time, another package.
    #[error("another package lies at the address each time it is asked for")]
    Restless,
    /// Another package, and part of the first has left already.
    #[error("another package lies at the address now, and part of the first was written out already")]
    SplicedOut,
    /// The answer is none to what was asked.
    #[error("the server's answer is none: {0}")]
    Nonsense(&'static str),
    /// No answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// There is something else under the name.
    #[error("{} is there already, and is something else; --force writes over it", plain_path(.0))]
    InTheWay(PathBuf),
    /// There is a folder, a device or a pipe under the name.
    #[error("{} is there and is no file; name another, or stream with -o -", plain_path(.0))]
    NoFile(PathBuf),
    /// The partial file was not made here.
    #[error("{} is there and was not left by exportd; remove it, or use --force", plain_path(.0))]
    ForeignPart(PathBuf),
    /// Another download of the same file is running.
    #[error("another exportd is writing {}", plain_path(.0))]
    Busy(PathBuf),
    /// The package does not fit.
    #[error("the disk is full: {} has no room for {}", plain_path(path), human_size(*.needed))]
    DiskFull {
        /// What was written.
        path: PathBuf,
        /// Bytes still needed.
        needed: u64,
    },
    /// The file cannot be written or read.
    #[error("{} cannot be written", plain_path(path))]
    Disk {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// Standard output is closed, or full.
    #[error("standard output cannot be written")]
    Output(#[source] io::Error),
    /// The bytes are not those that were promised.
    #[error(
        "what came is not the package: its SHA-256 is {found}, promised was {promised}; nothing of it is kept"
    )]
    Damaged {
        /// Of what came.
        found: Sha256,
        /// What the server said.
        promised: Sha256,
    },
    /// A signal.
    #[error("interrupted")]
    Interrupted,
}

impl GetError {
    /// A disk that did not take `needed` bytes for `path`.
    pub fn disk(path: impl Into<PathBuf>, needed: u64, error: io::Error) -> Self {
        let path = path.into();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path, needed },
            _ => Self::Disk { path, error },
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Refused { status, .. } => exit_of(*status),
            Self::NotReady(_) => Exit::Missing,
            Self::Client(error) => refused(error).exit,
            Self::NoFile(_) => Exit::WrongUse,
            Self::Damaged { .. } => Exit::Damaged,
            Self::Interrupted => Exit::Interrupted,
            Self::Elsewhere(_)
            | Self::Circle
            | Self::GivenUp { .. }
            | Self::ComeBack { .. }
            | Self::Restless
            | Self::SplicedOut
            | Self::Nonsense(_)
            | Self::InTheWay(_)
            | Self::ForeignPart(_)
            | Self::Busy(_)
            | Self::DiskFull { .. }
            | Self::Disk { .. }
            | Self::Output(_) => Exit::Failed,
        }
    }
}

impl From<GetError> for Failure {
    fn from(error: GetError) -> Self {
        Self { exit: error.exit(), ..Self::because(&error) }
    }
}

/// Why a request did not bring what it was for.
#[derive(Debug)]
pub enum Trouble {
    /// It passes: the same request may succeed later, `after` so long if the server says so.
    Passing {
        /// What happened.
        why: String,
        /// What the server asks for.
        after: Option<Duration>,
    },
    /// The package is still being made; its export is in this state.
    NotReady {
        /// In the server's word.
        status: String,
        /// When to ask again.
        after: Duration,
    },
    /// Another package lies there than before.
    Changed,
    /// The server sends the whole, whatever is asked for.
    OnlyWhole,
    /// It does not pass.
    Final(GetError),
}

impl From<GetError> for Trouble {
    fn from(error: GetError) -> Self {
        Self::Final(error)
    }
}

impl From<ClientError> for Trouble {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Unreachable { .. } | ClientError::Silent(_) | ClientError::Broken(_) => {
                Self::Passing { why: error.to_string(), after: None }
            }
            ClientError::Untrusted { .. }
            | ClientError::Refused { .. }
            | ClientError::Unintelligible(_)
            | ClientError::Stranger { .. }
            | ClientError::Output(_)
            | ClientError::NoAuthorities(_) => Self::Final(error.into()),
        }
    }
}
