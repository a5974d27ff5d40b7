//! Why there is no answer.

use std::io;
use std::time::Duration;

/// Why there is no answer, or none that can be used.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Nobody answers there, the connection broke, or whoever answers cannot prove who they are.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// It took too long.
    #[error("no answer within {}", humantime::format_duration(*.0))]
    TooSlow(Duration),
    /// It is too long.
    #[error("an answer of more than {0} bytes")]
    TooLarge(usize),
    /// Anything but 200; a redirect is not followed.
    #[error("the answer has status {0}")]
    Refused(u16),
    /// There is nothing to check a server's certificate with.
    #[error("no certificate authority is known here; install ca-certificates, or set SSL_CERT_FILE")]
    NoAuthorities(#[source] io::Error),
}

/// What it was in the end; the layers above say "client error (Connect)".
pub(super) fn deepest(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}
