//! Replies that are given again for the same `Idempotency-Key`.

use std::time::Duration;

use crate::clock::Clock;
use crate::db::{self, Begun, StoreError, StoredReply};
use crate::domain::{Caller, Sha256};

/// A request that nothing was heard of for so long died with its server; its key may be used again.
const GIVEN_UP: Duration = Duration::from_secs(120);
/// How often a request that takes long tells that it goes on.
pub const TELL_AGAIN: Duration = Duration::from_secs(30);

/// Why a key cannot be used just now.
#[derive(Debug, thiserror::Error)]
#[error("the store failed")]
pub struct ReplyError(#[from] StoreError);

/// Remembers the replies to requests that carried a key, for 24 hours.
#[derive(Debug)]
pub struct Replies {
    rows: db::Replies,
    clock: Clock,
}

impl Replies {
    pub(super) fn new(rows: db::Replies, clock: Clock) -> Self {
        Self { rows, clock }
    }

    /// A request with `key` arrives; `fingerprint` is of all that makes it this request.
    ///
    /// # Errors
    /// [`ReplyError`] when the database does not answer.
    pub async fn begin(&self, caller: &Caller, key: &str, fingerprint: &Sha256) -> Result<Begun, ReplyError> {
        Ok(self.rows.begin(&caller.user, key, fingerprint, self.clock.now(), GIVEN_UP).await?)
    }

    /// The request with `key` was answered with `reply`.
    ///
    /// # Errors
    /// [`ReplyError`] when the database does not answer.
    pub async fn finish(&self, caller: &Caller, key: &str, reply: &StoredReply) -> Result<(), ReplyError> {
        Ok(self.rows.finish(&caller.user, key, reply, self.clock.now()).await?)
    }

    /// The request with `key` is still being carried out: so its key is not free. To be told every
    /// [`TELL_AGAIN`].
    ///
    /// # Errors
    /// [`ReplyError`] when the database does not answer.
    pub async fn still(&self, caller: &Caller, key: &str) -> Result<(), ReplyError> {
        Ok(self.rows.still(&caller.user, key, self.clock.now()).await?)
    }

    /// The request with `key` came to nothing worth repeating; the key is free again.
    ///
    /// # Errors
    /// [`ReplyError`] when the database does not answer.
    pub async fn forget(&self, caller: &Caller, key: &str) -> Result<(), ReplyError> {
        Ok(self.rows.forget(&caller.user, key).await?)
    }
}
