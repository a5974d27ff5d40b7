//! Which node has which duty: a lease row with a term, no lock that a pooler could lose.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::domain::Timestamp;

use super::statement::sql;
use super::{Database, StoreError};

/// The rows of `duties`.
#[derive(Debug, Clone)]
pub struct Duties {
    database: Database,
}

impl Duties {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Takes or keeps the duty `name` for `holder` until `until`: free, its own, or lapsed. The
    /// term grows with every change of holder. `None` when another has it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hold(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let transaction = self.database.begin().await?;
        let text = "INSERT INTO duties (name, holder, term, until) VALUES ($1, $2, 1, $4)
            ON CONFLICT (name) DO UPDATE SET until = $4, holder = $2,
                term = CASE WHEN duties.holder = $2 THEN duties.term ELSE duties.term + 1 END
            WHERE duties.holder = $2 OR duties.until <= $3 RETURNING term";
        let values = [name.into(), holder.into(), now.millis().into(), until.millis().into()];
        let row = transaction.query_one_raw(sql(&transaction, text, values)).await?;
        transaction.commit().await?;
        Ok(row.map(|row| row.try_get("", "term")).transpose()?)
    }

    /// Frees the duties of workers that held `store`: for the one that holds it now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn free_of(&self, store: Uuid) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        let text = "UPDATE duties SET until = 0 WHERE holder LIKE $1";
        super::statement::change(&transaction, text, [format!("{store}.%").into()]).await?;
        Ok(transaction.commit().await?)
    }

    /// Lays the duty down, so that another need not wait for it to lapse.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        let text = "UPDATE duties SET until = 0 WHERE name = $1 AND holder = $2";
        super::statement::change(&transaction, text, [name.into(), holder.into()]).await?;
        Ok(transaction.commit().await?)
    }
}
