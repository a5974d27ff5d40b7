//! API tokens: made, listed, taken back, and believed.

use std::time::Duration;

use crate::clock::Clock;
use crate::db::{self, MOST_API_TOKENS, StoreError};
use crate::domain::{ApiToken, ApiTokenId, Caller, Role, Scope, Scopes, UserId};
use crate::security::{ApiTokenSecret, CredentialError};

use super::uses::Uses;
use super::{DeskParts, ProofError};

/// Why a token is not made, shown or taken back.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It would reach further than what it is made with.
    #[error("a token reaches no further than what it is made with; {} is too much", .0.word())]
    TooWide(Scope),
    /// It would be good after what it is made with was taken back.
    #[error("tokens are made by who signed in themselves, not with an API token or a machine's signature")]
    NotByATokenOrMachine,
    /// Somebody else's tokens.
    #[error("only an admin sees the tokens of others")]
    Foreign,
    /// The caller has no such token.
    #[error("there is no token {0}")]
    Unknown(ApiTokenId),
    /// There are too many.
    #[error("a user has at most {MOST_API_TOKENS} tokens at a time; revoke one first")]
    TooMany,
    /// The database did not answer.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// A token that somebody wants.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// By which they will know it.
    pub name: String,
    /// What it is to be used for.
    pub scopes: Scopes,
    /// For how long it is good; until it is revoked when nothing is said.
    pub lifetime: Option<Duration>,
}

/// Makes, shows and takes back tokens, and tells who shows one.
#[derive(Debug)]
pub struct Tokens {
    rows: db::ApiTokens,
    uses: Uses<ApiTokenId>,
    clock: Clock,
}

impl Tokens {
    pub(super) fn new(parts: &DeskParts) -> Self {
        Self { rows: parts.database.api_tokens(), uses: Uses::new(), clock: parts.clock.clone() }
    }

    /// Makes a token of the caller's. Its secret is told now and never again.
    ///
    /// # Errors
    /// [`TokenError::NotByATokenOrMachine`], [`TokenError::TooWide`], [`TokenError::TooMany`].
    pub async fn make(
        &self,
        caller: &Caller,
        new: NewToken,
    ) -> Result<(ApiToken, ApiTokenSecret), TokenError> {
        if caller.proof.can_be_taken_back() {
            return Err(TokenError::NotByATokenOrMachine);
        }
        let reach = new.scopes.reach();
        // `admin` means nothing in a user's hands: better refused than misunderstood.
        if reach > caller.scope || (reach == Scope::Admin && caller.role != Role::Admin) {
            return Err(TokenError::TooWide(reach));
        }
        let (secret, now) = (ApiTokenSecret::new(), self.clock.now());
        let token = ApiToken {
            id: ApiTokenId::new(),
            owner: caller.user.clone(),
            role: caller.role,
            acting: caller.acting.clone(),
            name: new.name,
            token_hash: secret.hash(),
            scopes: new.scopes,
            created_at: now,
            expires_at: new.lifetime.map(|lifetime| now.plus(lifetime)),
            revoked_at: None,
            last_used_at: None,
        };
        if self.rows.make(&token).await? { Ok((token, secret)) } else { Err(TokenError::TooMany) }
    }

    /// The tokens of `owner`, the caller when nothing is said, that are good now, oldest first.
    ///
    /// # Errors
    /// [`TokenError::Foreign`].
    pub async fn list(&self, caller: &Caller, owner: Option<&UserId>) -> Result<Vec<ApiToken>, TokenError> {
        let owner = owner.unwrap_or(&caller.user);
        if *owner != caller.user && !caller.is_admin() {
            return Err(TokenError::Foreign);
        }
        Ok(self.rows.good_of(owner, self.clock.now()).await?)
    }

    /// Takes a token back: from now on it proves nobody, on any node.
    ///
    /// # Errors
    /// [`TokenError::Unknown`], also for a token of somebody else's.
    pub async fn revoke(&self, caller: &Caller, id: ApiTokenId) -> Result<(), TokenError> {
        let token = self.rows.find(id).await?.ok_or(TokenError::Unknown(id))?;
        if token.owner != caller.user && !caller.is_admin() {
            return Err(TokenError::Unknown(id));
        }
        Ok(self.rows.revoke(id, self.clock.now()).await?)
    }

    /// The caller who shows `text`. The token's row is read for each request, so that a token that
    /// was revoked is refused everywhere at once.
    ///
    /// # Errors
    /// [`ProofError`].
    pub async fn prove(&self, text: &str) -> Result<Caller, ProofError> {
        let secret = ApiTokenSecret::parse(text).ok_or(CredentialError::BrokenApiToken)?;
        let found = self.rows.by_hash(&secret.hash()).await?;
        let token =
            found.filter(|token| secret.is_of(&token.token_hash)).ok_or(CredentialError::UnknownApiToken)?;
        let now = self.clock.now();
        if token.revoked_at.is_some() {
            return Err(CredentialError::RevokedApiToken.into());
        }
        if let Some(at) = token.expires_at.filter(|end| now >= *end) {
            return Err(CredentialError::Expired { at }.into());
        }
        let rows = self.rows.clone();
        let write = async move { rows.used(token.id, now).await };
        self.uses.write_down(token.id, token.last_used_at, now, write);
        Ok(token.caller())
    }
}
