//! Every situation's answer. No `_` arms: a new situation asks for its answer here.

use http::header::{ALLOW, CONNECTION, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};

use super::Problem;
use crate::domain::Kind;
use crate::http::kit::fields::FieldFault;
use crate::security::CredentialError;

/// What can be wrong with a request whatever it is about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestFault {
    /// No endpoint has this path.
    #[error("there is nothing at this path")]
    NoSuchPath,
    /// The path has endpoints, but none for the method.
    #[error("this path answers {allowed}")]
    WrongMethod {
        /// The methods it has, as `Allow` lists them.
        allowed: String,
    },
    /// RFC 9112 §3.2.
    #[error("an HTTP/1.1 request carries exactly one Host")]
    NotOneHost,
    /// Longer than a request to this server can reasonably be.
    #[error("a body has at most 1 MiB")]
    BodyTooLarge,
    /// No byte for a long time.
    #[error("the body did not arrive in time")]
    BodyTooSlow,
    /// The body ended early or its framing is broken.
    #[error("the body broke off")]
    BodyBroken,
    /// A body of another type, or in a coding.
    #[error("send the body as application/json, without a Content-Encoding")]
    NotJson,
    /// Not a JSON text, or an ambiguous one.
    #[error("the body is not JSON: {0}")]
    InvalidJson(String),
    /// JSON, or a query, with something wrong in it.
    #[error("{} cannot be accepted; see errors", fields(.0))]
    InvalidFields(Vec<FieldFault>),
    /// A parameter of the path.
    #[error("{0}")]
    InvalidId(String),
    /// Not a cursor, or not one of this listing.
    #[error("the cursor is not one of ours; start again without it")]
    InvalidCursor,
    /// `Idempotency-Key` is not one.
    #[error("an Idempotency-Key is 1 to 255 visible ASCII characters, sent once")]
    InvalidIdempotencyKey,
    /// A request with the same key and body has not been answered yet.
    #[error("a request with this Idempotency-Key is still being answered; try again shortly")]
    IdempotencyInProgress,
    /// The key stands for another request.
    #[error("this Idempotency-Key was used for another request; make a new key for a new request")]
    IdempotencyKeyReused,
    /// A word of the API for which there is no formatter (yet).
    #[error("{kind} exports come as {made}, not as {format}")]
    FormatNotMade {
        /// What is exported.
        kind: Kind,
        /// What it should become.
        format: String,
        /// What it can become.
        made: String,
    },
    /// `If-Match` or `If-Unmodified-Since` is about another one.
    #[error("this is not the one you asked for any more; get it anew")]
    PreconditionFailed {
        /// What tells this one.
        validators: HeaderMap,
    },
    /// A defect of ours.
    #[error("something went wrong here; it is in the server's log under this correlation id")]
    Panicked,
}

impl From<RequestFault> for Problem {
    fn from(fault: RequestFault) -> Self {
        use RequestFault as F;
        use StatusCode as S;
        let detail = fault.to_string();
        match fault {
            F::NoSuchPath => Self::new(S::NOT_FOUND, "NOT_FOUND", detail),
            F::WrongMethod { allowed } => {
                Self::new(S::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", detail).header(ALLOW, allowed)
            }
            F::NotOneHost => Self::new(S::BAD_REQUEST, "VALIDATION_FAILED", detail),
            F::BodyTooLarge => Self::new(S::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", detail),
            // The connection is no longer in a state in which a next request could be told apart.
            F::BodyTooSlow => {
                Self::new(S::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", detail).header(CONNECTION, "close")
            }
            F::BodyBroken => Self::new(S::BAD_REQUEST, "INVALID_JSON", detail).header(CONNECTION, "close"),
            F::NotJson => Self::new(S::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", detail),
            F::InvalidJson(_) => Self::new(S::BAD_REQUEST, "INVALID_JSON", detail),
            F::InvalidFields(errors) => {
                Self::new(S::BAD_REQUEST, "VALIDATION_FAILED", detail).with_errors(errors)
            }
            F::InvalidId(_) => Self::new(S::BAD_REQUEST, "INVALID_ID", detail),
            F::InvalidCursor => Self::new(S::BAD_REQUEST, "INVALID_CURSOR", detail),
            F::InvalidIdempotencyKey => Self::new(S::BAD_REQUEST, "VALIDATION_FAILED", detail),
            F::IdempotencyInProgress => {
                Self::new(S::CONFLICT, "IDEMPOTENCY_IN_PROGRESS", detail).retry_after(1)
            }
            F::IdempotencyKeyReused => Self::new(S::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_KEY_REUSED", detail),
            F::FormatNotMade { .. } => Self::new(S::UNPROCESSABLE_ENTITY, "UNSUPPORTED_FORMAT", detail),
            F::PreconditionFailed { validators } => {
                Self::new(S::PRECONDITION_FAILED, "PRECONDITION_FAILED", detail).with_headers(validators)
            }
            F::Panicked => Self::new(S::INTERNAL_SERVER_ERROR, "INTERNAL", detail),
        }
    }
}

/// All credentials that prove nobody are refused in the same words, so that trying teaches
/// nothing; only that a token has expired is told, because its owner can do something about it.
///
/// Source: RFC 6750 §3.
impl From<CredentialError> for Problem {
    fn from(error: CredentialError) -> Self {
        use CredentialError as E;
        let refused = |code, detail: &str, challenge| {
            Self::new(StatusCode::UNAUTHORIZED, code, detail).header(WWW_AUTHENTICATE, challenge)
        };
        match error {
            E::Signature(fault) => fault.into(),
            // Not 401: a client would throw away a token that may be good.
            E::Unavailable => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", error.to_string()).retry_after(2)
            }
            E::Missing => refused(
                "UNAUTHENTICATED",
                "send a token: Authorization: Bearer …",
                r#"Bearer realm="exportd""#,
            ),
            E::Expired { .. } => refused(
                "TOKEN_EXPIRED",
                "the token has expired; get a new one",
                r#"Bearer realm="exportd", error="invalid_token", error_description="the token has expired""#,
            ),
            E::NotABearer
            | E::Malformed
            | E::WrongAlgorithm
            | E::Forged
            | E::NoExpiry
            | E::NotYetValid { .. }
            | E::WrongIssuer
            | E::WrongAudience
            | E::NoUser
            | E::UnknownRole
            | E::BrokenApiToken
            | E::UnknownApiToken
            | E::RevokedApiToken
            | E::BrokenSession
            | E::SeveralSessions
            | E::UnknownSession
            | E::UnknownKey => refused(
                "UNAUTHENTICATED",
                "the token is not valid here; get a new one",
                r#"Bearer realm="exportd", error="invalid_token", error_description="the token is not valid""#,
            ),
        }
    }
}

fn fields(faults: &[FieldFault]) -> String {
    match faults {
        [only] if only.pointer.is_empty() => "the body".to_owned(),
        [only] => format!("`{}`", only.pointer.trim_start_matches('/')),
        several => format!("{} fields", several.len()),
    }
}
