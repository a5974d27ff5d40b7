//! The nonces of signed requests: a request that is sent again is refused.

use crate::db::{self, StoreError};
use crate::domain::Timestamp;

/// Why a nonce cannot be spent just now.
#[derive(Debug, thiserror::Error)]
#[error("the store failed")]
pub struct NonceError(#[from] StoreError);

/// Remembers which nonces were used, for as long as they could be used again.
#[derive(Debug)]
pub struct Nonces {
    rows: db::Nonces,
}

impl Nonces {
    pub(super) const fn new(rows: db::Nonces) -> Self {
        Self { rows }
    }

    /// Spends `nonce` of `key`, in whose signature it is good until `good_until`. `false` when it
    /// was spent before. To be called for right signatures only: strangers must not fill rows.
    ///
    /// # Errors
    /// [`NonceError`] when the database does not answer; the nonce is to be taken for spent.
    pub async fn spend(&self, key: &str, nonce: &str, good_until: Timestamp) -> Result<bool, NonceError> {
        Ok(self.rows.spend(key, nonce, good_until).await?)
    }
}
