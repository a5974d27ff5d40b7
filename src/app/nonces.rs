//! The nonces of signed requests: a request that is sent again is refused.

use crate::clock::Clock;
use crate::db::{self, NewNonce, StoreError};
use crate::security::signature::Signed;

/// Why a nonce cannot be spent just now.
#[derive(Debug, thiserror::Error)]
#[error("the store failed")]
pub struct NonceError(#[from] StoreError);

/// Remembers which nonces were used, for as long as they could be used again.
#[derive(Debug)]
pub struct Nonces {
    rows: db::Nonces,
    clock: Clock,
}

impl Nonces {
    pub(super) const fn new(rows: db::Nonces, clock: Clock) -> Self {
        Self { rows, clock }
    }

    /// Spends the nonce of `signed`. `false` when it was spent before. What was signed is right
    /// already: strangers fill no rows.
    ///
    /// # Errors
    /// [`NonceError`] when the database does not answer; the nonce is to be taken for spent.
    pub async fn spend(&self, signed: &Signed) -> Result<bool, NonceError> {
        let new = NewNonce {
            key: signed.key().to_owned(),
            nonce: signed.nonce().to_owned(),
            created: signed.created(),
            good_until: signed.good_until(),
        };
        Ok(self.rows.spend(new, self.clock.now()).await?)
    }
}
