//! Who gets no further than the door, and what becomes of credentials that somebody wants.

use std::time::Duration;

use http::StatusCode;

use super::Problem;
use super::links::limited;
use super::rooms::unavailable;
use crate::app::{ProofError, SessionError, TokenError};
use crate::security::CredentialError;

/// Why a request is not carried out, whatever it asks for.
#[derive(Debug, thiserror::Error)]
pub enum AccessFault {
    /// Nobody is proved.
    #[error(transparent)]
    Unproved(#[from] ProofError),
    /// The same, and too many like it came from there.
    #[error("too many credentials that are not valid came from your address; wait before sending another")]
    Slowed {
        /// For how long.
        wait: Duration,
    },
    /// The credential is not for changing anything.
    #[error("this credential may only read; use one with the scope exports:write")]
    ReadOnly,
    /// A browser sends cookies along by itself; only our page sends this.
    #[error("a change by session cookie needs an X-CSRF-Token; GET /api/v1/session tells it as csrfToken")]
    CsrfMissing,
    /// Not of this session, or several.
    #[error("the X-CSRF-Token is not this session's; GET /api/v1/session tells it as csrfToken")]
    CsrfWrong,
    /// A page of somebody else's had it sent, as the browser says.
    #[error(
        "a change by session cookie comes from a page of this server, and {0} says that this one did not"
    )]
    FromElsewhere(&'static str),
    /// Only admins act for others.
    #[error("only an admin may act for another user with X-On-Behalf-Of")]
    ActingNotAllowed,
    /// It names nobody, or several.
    #[error("X-On-Behalf-Of names one user, once")]
    ActingForNobody,
    /// The caller did not come by a session, where it is about theirs.
    #[error("this request was not sent with a session's cookie alone; POST /api/v1/session begins one")]
    NoSession,
}

impl AccessFault {
    /// Every word for metrics that no credential's fault has.
    pub const REASONS: [&str; 5] = ["read_only", "csrf_missing", "csrf_wrong", "from_elsewhere", "acting"];

    /// The word for metrics; `None` for what is nobody's fault.
    pub const fn reason(&self) -> Option<&'static str> {
        Some(match self {
            Self::Unproved(ProofError::Credential(error)) => error.reason(),
            Self::ReadOnly => "read_only",
            Self::CsrfMissing => "csrf_missing",
            Self::CsrfWrong => "csrf_wrong",
            Self::FromElsewhere(_) => "from_elsewhere",
            Self::ActingNotAllowed | Self::ActingForNobody => "acting",
            Self::Unproved(ProofError::Store(_)) | Self::Slowed { .. } | Self::NoSession => return None,
        })
    }
}

impl From<CredentialError> for AccessFault {
    fn from(error: CredentialError) -> Self {
        Self::Unproved(error.into())
    }
}

impl From<AccessFault> for Problem {
    fn from(fault: AccessFault) -> Self {
        use AccessFault as F;
        let detail = fault.to_string();
        match fault {
            F::Unproved(ProofError::Credential(error)) => error.into(),
            F::Unproved(ProofError::Store(error)) => unavailable(&error),
            F::Slowed { wait } => limited("RATE_LIMITED", detail, wait),
            F::ReadOnly | F::CsrfMissing | F::CsrfWrong | F::FromElsewhere(_) | F::ActingNotAllowed => {
                Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail)
            }
            F::ActingForNobody => Self::new(StatusCode::BAD_REQUEST, "VALIDATION_FAILED", detail),
            F::NoSession => Self::new(StatusCode::NOT_FOUND, "SESSION_NOT_FOUND", detail),
        }
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        use TokenError as E;
        let detail = error.to_string();
        match error {
            E::TooWide(_) | E::Foreign | E::NotByATokenOrMachine => {
                Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail)
            }
            E::Unknown(_) => Self::new(StatusCode::NOT_FOUND, "TOKEN_NOT_FOUND", detail),
            E::TooMany => Self::new(StatusCode::CONFLICT, "CONFLICT", detail),
            E::Store(error) => unavailable(&error),
        }
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        use SessionError as E;
        let detail = error.to_string();
        match error {
            E::OfASession | E::OfAMachine => Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail),
            E::Credential(error) => error.into(),
            E::Store(error) => unavailable(&error),
        }
    }
}
