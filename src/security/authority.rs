//! Who may say who somebody is.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::domain::{Caller, Timestamp};

use super::jwt::{self, FetchKeys, KeyError};
use super::signature::{Message, SignatureFault, Signatures, Signed};

/// Between two looks at files of keys, and at whether keys are due to be fetched.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Turns credentials into callers.
#[derive(Debug)]
pub struct Authority {
    tokens: Option<jwt::Tokens>,
    signatures: Option<Arc<Signatures>>,
    clock: Clock,
}

impl Authority {
    /// Reads the keys of tokens that `config` names, and those of machines in the file
    /// `signing_keys`. Keys that lie elsewhere are fetched by `fetcher`, from
    /// [`Self::keep_current`] on.
    ///
    /// # Errors
    /// When there is no usable key: a server that cannot tell its callers apart must not start.
    pub fn new(
        config: &jwt::Config,
        signing_keys: Option<&Path>,
        fetcher: Option<Arc<dyn FetchKeys>>,
        clock: Clock,
    ) -> Result<Self, KeyError> {
        let signatures = signing_keys.map(Signatures::open).transpose()?.map(Arc::new);
        let tokens = match jwt::Tokens::new(config, fetcher, &clock) {
            Err(KeyError::Missing) if signatures.is_some() => None,
            tokens => Some(tokens?),
        };
        Ok(Self { tokens, signatures, clock })
    }

    /// The caller that a bearer token (RFC 6750) proves.
    ///
    /// # Errors
    /// Why it proves nobody, for metrics and the log; a refused caller learns no more than
    /// whether the token has merely expired.
    pub async fn prove(&self, bearer: &str) -> Result<Caller, CredentialError> {
        let tokens = self.tokens.as_ref().ok_or(CredentialError::UnknownKey)?;
        let proved = tokens.prove(bearer, self.clock.now());
        if !matches!(proved, Err(CredentialError::UnknownKey | CredentialError::Unavailable)) {
            return proved;
        }
        match tokens.provider() {
            Some(provider) if provider.look_for_unknown().await => tokens.prove(bearer, self.clock.now()),
            _ => proved,
        }
    }

    /// What the signature of a request proves, before its body and its nonce are looked at.
    ///
    /// # Errors
    /// Why it proves nobody.
    pub fn signed(&self, message: &Message<'_>) -> Result<Signed, SignatureFault> {
        let signatures = self.signatures.as_ref().ok_or(SignatureFault::NotOneKnown { known: 0 })?;
        signatures.check(message, self.clock.now())
    }

    /// Reads keys again when their files change, and fetches those that lie elsewhere, until it
    /// is dropped.
    pub async fn keep_current(self: Arc<Self>) {
        loop {
            if let Some(provider) = self.tokens.as_ref().and_then(jwt::Tokens::provider) {
                provider.keep_current().await;
            }
            if let Some(signatures) = self.signatures.clone() {
                let read = tokio::task::spawn_blocking(move || signatures.read_again());
                read.await.expect("reading keys does not panic");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
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
    /// It names a key that is not here, or none where there are several.
    #[error("no key that is known here has signed the token")]
    UnknownKey,
    /// What it would be checked with cannot be had just now: whoever sent it may well be right.
    #[error("credentials cannot be checked just now")]
    Unavailable,
    /// A signed request.
    #[error(transparent)]
    Signature(#[from] SignatureFault),
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
            Self::UnknownKey => "unknown_key",
            Self::Unavailable => "unavailable",
            Self::Signature(fault) => fault.reason(),
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
