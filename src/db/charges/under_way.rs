//! Bytes under way: reserved for a response, and given back when it did not send them.

use uuid::Uuid;

use crate::domain::Timestamp;

use super::super::row::big;
use super::super::statement::change;
use super::{Charges, StoreError};

/// How long a charge matters to any limit.
const MATTERS: std::time::Duration = std::time::Duration::from_secs(86_400);

/// How many bytes a response has sent for which some were reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// The reservation.
    pub reserved: Uuid,
    /// How many.
    pub bytes: u64,
    /// Whether it has ended.
    pub ended: bool,
}

impl Charges {
    /// Writes down what was sent of what was reserved; what an ended response did not send is
    /// free again. More than was reserved counts as well.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn settle(&self, sent: &[Sent]) -> Result<(), StoreError> {
        // In one order, so that two who write the same rows never wait for each other.
        let mut sent = sent.to_vec();
        sent.sort_by_key(|sent| sent.reserved);
        let transaction = self.database.begin().await?;
        for Sent { reserved, bytes, ended } in sent {
            let text = match ended {
                true => "UPDATE charges SET amount = $2, sent = $2, holder = NULL WHERE id = $1",
                false => {
                    "UPDATE charges SET sent = $2, amount = CASE WHEN amount < $2 THEN $2 ELSE amount END
                     WHERE id = $1"
                }
            };
            change(&transaction, text, [reserved.to_string().into(), big(bytes).into()]).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Gives back what was reserved by `holder`, who is gone, and was not sent as far as is known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn free_of(&self, holder: &str) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        let text = "UPDATE charges SET amount = sent, holder = NULL WHERE holder = $1";
        change(&transaction, text, [holder.into()]).await?;
        Ok(transaction.commit().await?)
    }

    /// Deletes charges that have left every window.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune(&self, now: Timestamp) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        change(&transaction, "DELETE FROM charges WHERE at <= $1", [now.minus(MATTERS).millis().into()])
            .await?;
        Ok(transaction.commit().await?)
    }
}
