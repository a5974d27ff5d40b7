//! Why there is no answer.

use std::fmt;
use std::io;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper_util::client::legacy;
use serde_json::Value;

use super::origin::Origin;
use crate::cli::plain::plain;

/// Why there is no answer, or none of the kind that was wanted.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers there.
    #[error("no answer from {origin}: {why}")]
    Unreachable {
        /// Who was asked.
        origin: Origin,
        /// What the system says.
        why: String,
    },
    /// Somebody answers, who cannot prove to be the one that was asked.
    #[error("{origin} is not trusted: {why}")]
    Untrusted {
        /// Who was asked.
        origin: Origin,
        /// What is wrong with the certificate.
        why: String,
    },
    /// Nothing came for too long.
    #[error("nothing came for {}", humantime::format_duration(*.0))]
    Silent(Duration),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The server refused, and says why.
    #[error("{status}: {detail}")]
    Refused {
        /// What it answered.
        status: StatusCode,
        /// What to do about it, fit for a terminal.
        detail: String,
        /// For programs; empty where the answer has none.
        code: String,
        /// When to come again, if it says so.
        after: Option<Duration>,
        /// All that it said; `Null` when that is no JSON.
        body: Value,
    },
    /// The answer is not what the contract says.
    #[error("the answer cannot be understood")]
    Unintelligible(#[from] serde_json::Error),
    /// Somebody answers who may be no exportd at all.
    #[error("{origin} answered {came}, which no exportd answers here: perhaps it is something else")]
    Stranger {
        /// Who was asked.
        origin: Origin,
        /// How the answer looks.
        came: Came,
    },
    /// What was received cannot be written.
    #[error("what was received cannot be written")]
    Output(#[from] io::Error),
    /// There is nothing to check a server's certificate with.
    #[error("no certificate authority is known here; install ca-certificates, or set SSL_CERT_FILE")]
    NoAuthorities(#[source] io::Error),
}

impl ClientError {
    /// Whether the same request may be answered otherwise a little later.
    pub fn passes(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Silent(_) | Self::Broken(_) => true,
            Self::Refused { status, .. } => passes(*status),
            Self::Untrusted { .. }
            | Self::Unintelligible(_)
            | Self::Stranger { .. }
            | Self::Output(_)
            | Self::NoAuthorities(_) => false,
        }
    }

    /// When the server wants to be asked again.
    pub fn after(&self) -> Option<Duration> {
        match self {
            Self::Refused { after, .. } => *after,
            _ => None,
        }
    }

    /// What became of a request to `origin`.
    pub(super) fn of(origin: Origin, error: &legacy::Error) -> Self {
        // A certificate, too, says what its owner likes.
        let why = plain(&deepest(error)).into_owned();
        // The TLS library's own error is behind an `io::Error` and cannot be named from here.
        if why.contains("certificate") {
            Self::Untrusted { origin, why }
        } else if error.is_connect() {
            Self::Unreachable { origin, why }
        } else {
            Self::Broken(why)
        }
    }
}

impl From<hyper::Error> for ClientError {
    fn from(error: hyper::Error) -> Self {
        Self::Broken(deepest(&error))
    }
}

/// What an answer is by its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    status: StatusCode,
    kind: Option<String>,
}

impl Came {
    /// The answer with this status and these headers.
    pub fn of(status: StatusCode, headers: &HeaderMap) -> Self {
        let kind =
            headers.get(CONTENT_TYPE).map(|kind| String::from_utf8_lossy(kind.as_bytes()).into_owned());
        Self { status, kind }
    }
}

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Some(kind) => write!(f, "{} with {}", self.status.as_u16(), plain(kind)),
            None => write!(f, "{} without a media type", self.status.as_u16()),
        }
    }
}

/// Whether an answer of this status may be another one a little later.
pub fn passes(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// What it was in the end; the layers above say "client error (Connect)".
fn deepest(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}
