//! Who may say who somebody is.

use crate::clock::Clock;
use crate::domain::{Caller, Timestamp};

use super::jwt::{self, KeyError};

/// Turns credentials into callers.
#[derive(Debug)]
pub struct Authority {
    tokens: jwt::Tokens,
    clock: Clock,
}

impl Authority {
    /// Reads the keys that `config` names.
    ///
    /// # Errors
    /// When there is no usable key: a server that cannot tell its callers apart must not start.
    pub fn new(config: &jwt::Config, clock: Clock) -> Result<Self, KeyError> {
        Ok(Self { tokens: jwt::Tokens::new(config)?, clock })
    }

    /// The caller that a bearer token (RFC 6750) proves.
    ///
    /// # Errors
    /// Why it proves nobody, for metrics and the log; a refused caller learns no more than
    /// whether the token has merely expired.
    #[expect(clippy::unused_async, reason = "keys may have to be fetched")]
    pub async fn prove(&self, bearer: &str) -> Result<Caller, CredentialError> {
        self.tokens.prove(bearer, self.clock.now())
    }
}

/// Why a credential proves nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// None was given.
    #[error("no credentials were given")]
    Missing,
    /// Several were given, or one of a scheme that is not understood.
    #[error("credentials are not one bearer token")]
    NotABearer,
    /// Not a JWT, or not one that this server can read.
    #[error("the token is not a signed JWT")]
    Malformed,
    /// Its `alg` is not the one that the configured key is for.
    #[error("the token is signed with another algorithm")]
    WrongAlgorithm,
    /// Nobody with the key signed this.
    #[error("the token's signature does not fit")]
    Forged,
    /// Without `exp` a leaked token would be good for ever.
    #[error("the token has no expiry")]
    NoExpiry,
    /// It was good once.
    #[error("the token expired at {at}")]
    Expired {
        /// When.
        at: Timestamp,
    },
    /// Its `nbf` has not come yet.
    #[error("the token is not valid before {from}")]
    NotYetValid {
        /// From when on it is.
        from: Timestamp,
    },
    /// `iss` is missing or another than configured.
    #[error("the token was issued by somebody else")]
    WrongIssuer,
    /// `aud` is missing or does not name this server.
    #[error("the token is meant for somebody else")]
    WrongAudience,
    /// Neither `sub` nor `userId`, or two that differ, or one that cannot be a user.
    #[error("the token names no user")]
    NoUser,
    /// A `role` that does not exist here.
    #[error("the token's role is unknown")]
    UnknownRole,
    /// It begins as API tokens do, and its checksum is wrong.
    #[error("this was never an API token")]
    BrokenApiToken,
    /// No API token is this one.
    #[error("there is no such API token")]
    UnknownApiToken,
    /// It was good until somebody took it back.
    #[error("the API token was revoked")]
    RevokedApiToken,
    /// The cookie of a session says something that no session's says.
    #[error("the session's cookie is broken")]
    BrokenSession,
    /// Two cookies claim to be the session's.
    #[error("there are several cookies of sessions")]
    SeveralSessions,
    /// No session is this one, or it was ended.
    #[error("there is no such session")]
    UnknownSession,
}

impl CredentialError {
    /// Every word for metrics.
    pub const REASONS: &[&str] = &[
        "missing",
        "not_a_bearer",
        "malformed",
        "algorithm",
        "signature",
        "no_expiry",
        "expired",
        "not_yet_valid",
        "issuer",
        "audience",
        "no_user",
        "role",
        "api_token_broken",
        "api_token_unknown",
        "api_token_revoked",
        "session_broken",
        "session_several",
        "session_unknown",
    ];

    /// The word for metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotABearer => "not_a_bearer",
            Self::Malformed => "malformed",
            Self::WrongAlgorithm => "algorithm",
            Self::Forged => "signature",
            Self::NoExpiry => "no_expiry",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::WrongIssuer => "issuer",
            Self::WrongAudience => "audience",
            Self::NoUser => "no_user",
            Self::UnknownRole => "role",
            Self::BrokenApiToken => "api_token_broken",
            Self::UnknownApiToken => "api_token_unknown",
            Self::RevokedApiToken => "api_token_revoked",
            Self::BrokenSession => "session_broken",
            Self::SeveralSessions => "session_several",
            Self::UnknownSession => "session_unknown",
        }
    }

    /// Whether whoever keeps doing this is to be slowed: neither whoever shows nothing nor whoever
    /// shows what was good once is trying to guess.
    pub const fn is_a_try(&self) -> bool {
        !matches!(self, Self::Missing | Self::Expired { .. })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_is_told_and_no_two_are_called_the_same() {
        use CredentialError as E;
        let at = Timestamp::from_millis(0);
        let all = [
            E::Missing,
            E::NotABearer,
            E::Malformed,
            E::WrongAlgorithm,
            E::Forged,
            E::NoExpiry,
            E::Expired { at },
            E::NotYetValid { from: at },
            E::WrongIssuer,
            E::WrongAudience,
            E::NoUser,
            E::UnknownRole,
            E::BrokenApiToken,
            E::UnknownApiToken,
            E::RevokedApiToken,
            E::BrokenSession,
            E::SeveralSessions,
            E::UnknownSession,
        ];
        let reasons: BTreeSet<&str> = all.iter().map(CredentialError::reason).collect();
        assert_eq!(reasons, E::REASONS.iter().copied().collect());
        assert_eq!(reasons.len(), all.len());
    }
}
