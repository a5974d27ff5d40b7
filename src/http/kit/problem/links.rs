//! What links may come to, other than a download.

use http::StatusCode;
use http::header::WWW_AUTHENTICATE;

use super::Problem;
use super::rooms::{invalid, unavailable};
use crate::app::{DoorError, LinkError};

/// Asks a browser for a password, and curl, wget or aria2 for the one they were given.
///
/// Source: RFC 7617 §2, §2.1.
const CHALLENGE: &str = r#"Basic realm="exportd link", charset="UTF-8""#;

impl From<LinkError> for Problem {
    fn from(error: LinkError) -> Self {
        use LinkError as E;
        let detail = error.to_string();
        match error {
            E::Package(error) => error.into(),
            E::Export(error) => error.into(),
            E::Unknown(_) => Self::new(StatusCode::NOT_FOUND, "LINK_NOT_FOUND", detail),
            E::Lifetime { left } => invalid("/expiresInSeconds", detail).with("secondsLeft", left.as_secs()),
            E::TooMany => Self::new(StatusCode::CONFLICT, "CONFLICT", detail),
            E::Busy => busy(detail),
            E::Store(error) => unavailable(&error),
        }
    }
}

/// Ends are 410 and not 404: browsers keep what they have of a download then, and people hear
/// that they came too late rather than astray.
impl From<DoorError> for Problem {
    fn from(error: DoorError) -> Self {
        use DoorError as E;
        use StatusCode as S;
        let detail = error.to_string();
        match error {
            E::Unknown => Self::new(S::NOT_FOUND, "LINK_NOT_FOUND", detail),
            E::UnknownSlowed { wait } | E::PasswordSlowed { wait } => limited("RATE_LIMITED", detail, wait),
            E::OwnerLimited { wait } => limited("QUOTA_EXCEEDED", detail, wait),
            E::PasswordWanted => {
                Self::new(S::UNAUTHORIZED, "PASSWORD_REQUIRED", detail).header(WWW_AUTHENTICATE, CHALLENGE)
            }
            E::PasswordWrong => {
                Self::new(S::UNAUTHORIZED, "PASSWORD_WRONG", detail).header(WWW_AUTHENTICATE, CHALLENGE)
            }
            E::Busy => busy(detail),
            E::Revoked => Self::new(S::GONE, "LINK_REVOKED", detail),
            E::Expired { at } => Self::new(S::GONE, "LINK_EXPIRED", detail).with("expiresAt", at),
            E::UsedUp => Self::new(S::GONE, "LINK_USED_UP", detail),
            E::Store(error) => unavailable(&error),
        }
    }
}

/// Too much of something: try again after `wait`.
pub(super) fn limited(code: &'static str, detail: String, wait: std::time::Duration) -> Problem {
    // Rounded up: whoever comes back after that many seconds is not too early.
    let seconds = wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX);
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, code, detail);
    problem.retry_after(seconds).with("retryAfterSeconds", seconds).with("remaining", 0)
}

fn busy(detail: String) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", detail).retry_after(2)
}
