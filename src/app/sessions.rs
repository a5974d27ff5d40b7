//! Sessions of the page: begun with another credential, believed, ended.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::db::{self, StoreError};
use crate::domain::{ApiTokenId, Caller, Proof, Session, SessionId, Timestamp};
use crate::security::{CredentialError, SessionToken};

use super::uses::Uses;
use super::{DeskParts, ProofError};

/// `auth.session.*` of the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionConfig {
    /// How long a session lasts at most.
    #[serde(with = "crate::config_units::duration")]
    pub lifetime: Duration,
    /// A session that nobody used for so long has ended. Uses are known to the minute.
    #[serde(with = "crate::config_units::duration")]
    pub idle: Duration,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self { lifetime: Duration::from_secs(12 * 3600), idle: Duration::from_secs(2 * 3600) }
    }
}

/// Why a session is not begun.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// It would live on by itself for ever.
    #[error("a session is begun with another credential, not with a session")]
    OfASession,
    /// It would live on after the machine's key is taken away.
    #[error("a machine signs each of its requests; sessions are for people")]
    OfAMachine,
    /// What it was to be begun with is not good any more.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The database did not answer.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Begins and ends sessions, and tells who shows one.
#[derive(Debug)]
pub struct Sessions {
    rows: db::Sessions,
    tokens: db::ApiTokens,
    config: SessionConfig,
    uses: Uses<SessionId>,
    clock: Clock,
}

impl Sessions {
    pub(super) fn new(parts: &DeskParts) -> Self {
        Self {
            rows: parts.database.sessions(),
            tokens: parts.database.api_tokens(),
            config: parts.session.clone(),
            uses: Uses::new(),
            clock: parts.clock.clone(),
        }
    }

    /// Begins a session of the caller's, which lasts no longer than what they proved themselves
    /// with: `good_until`, if that is known, and what is known of API tokens here. It is always a
    /// new one: what was in a cookie before the sign-in is worth nothing after it.
    ///
    /// # Errors
    /// [`SessionError`].
    pub async fn begin(
        &self,
        caller: &Caller,
        good_until: Option<Timestamp>,
    ) -> Result<(Session, SessionToken), SessionError> {
        let now = self.clock.now();
        let (api_token, token_end) = self.api_token(caller).await?;
        let ends = [good_until, token_end].into_iter().flatten();
        let expires_at = ends.fold(now.plus(self.config.lifetime), Timestamp::min);
        if expires_at <= now {
            return Err(CredentialError::Expired { at: expires_at }.into());
        }
        let token = SessionToken::new();
        let session = Session {
            id: SessionId::new(),
            user: caller.user.clone(),
            role: caller.role,
            scope: caller.scope,
            acting: caller.acting.clone(),
            token_hash: token.hash(),
            api_token,
            created_at: now,
            expires_at,
            last_used_at: now,
        };
        self.rows.begin(&session).await?;
        Ok((session, token))
    }

    /// The session whose cookie says `token`, with the caller that it stands for. Its row is read
    /// for each request, so that it ends everywhere at once.
    ///
    /// # Errors
    /// [`ProofError`].
    pub async fn prove(&self, token: &SessionToken) -> Result<Session, ProofError> {
        let found = self.rows.by_hash(&token.hash()).await?;
        let session = found
            .filter(|session| token.is_of(&session.token_hash))
            .ok_or(CredentialError::UnknownSession)?;
        let (now, at) = (self.clock.now(), session.ends_at(self.config.idle));
        if now >= at {
            return Err(CredentialError::Expired { at }.into());
        }
        let (rows, id) = (self.rows.clone(), session.id);
        let write = async move { rows.used(id, now).await };
        self.uses.write_down(id, Some(session.last_used_at), now, write);
        Ok(session)
    }

    /// Ends a session, everywhere and at once.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn end(&self, id: SessionId) -> Result<(), SessionError> {
        Ok(self.rows.end(id).await?)
    }

    /// What the caller's API token says of how long it is good, if they came with one.
    async fn api_token(
        &self,
        caller: &Caller,
    ) -> Result<(Option<ApiTokenId>, Option<Timestamp>), SessionError> {
        let id = match &caller.proof {
            Proof::Session { .. } => return Err(SessionError::OfASession),
            Proof::Signature { .. } => return Err(SessionError::OfAMachine),
            Proof::Jwt => return Ok((None, None)),
            Proof::ApiToken { id } => id.parse().map_err(|_| CredentialError::UnknownApiToken)?,
        };
        let token = self.tokens.find(id).await?.ok_or(CredentialError::UnknownApiToken)?;
        Ok((Some(id), token.expires_at))
    }
}
