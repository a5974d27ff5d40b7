//! Why there is no answer.

use std::io;
use std::time::Duration;

use hyper::StatusCode;
use hyper_util::client::legacy;

use super::origin::Origin;

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
        /// What to do about it.
        detail: String,
    },
    /// The answer is not what the contract says.
    #[error("the answer cannot be understood")]
    Unintelligible(#[from] serde_json::Error),
    /// What was received cannot be written.
    #[error("what was received cannot be written")]
    Output(#[from] io::Error),
    /// There is nothing to check a server's certificate with.
    #[error("no certificate authority is known here; install ca-certificates, or set SSL_CERT_FILE")]
    NoAuthorities(#[source] io::Error),
}

impl ClientError {
    /// What became of a request to `origin`.
    pub(super) fn of(origin: Origin, error: &legacy::Error) -> Self {
        let why = deepest(error);
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

/// What it was in the end; the layers above say "client error (Connect)".
fn deepest(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}
