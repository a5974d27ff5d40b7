//! Which nodes there are, and how many jobs they run at a time.

use uuid::Uuid;

use crate::domain::Timestamp;

use super::row::big;
use super::statement::change;
use super::{Database, StoreError};

/// The rows of `nodes`.
#[derive(Debug, Clone)]
pub struct Nodes {
    database: Database,
}

impl Nodes {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// The node of `worker` lives, and runs up to `slots` jobs. Those last seen before `since` are
    /// forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seen(
        &self,
        worker: &str,
        slots: u64,
        now: Timestamp,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        let text = "INSERT INTO nodes (worker, slots, seen_at) VALUES ($1, $2, $3)
            ON CONFLICT (worker) DO UPDATE SET slots = $2, seen_at = $3";
        change(&transaction, text, [worker.into(), big(slots).into(), now.millis().into()]).await?;
        change(&transaction, "DELETE FROM nodes WHERE seen_at < $1", [since.millis().into()]).await?;
        Ok(transaction.commit().await?)
    }

    /// Forgets the nodes that held `store`: for the one that holds it now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn free_of(&self, store: Uuid) -> Result<(), StoreError> {
        self.forget("DELETE FROM nodes WHERE worker LIKE $1", format!("{store}.%")).await
    }

    /// The node of `worker` runs no more jobs.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn gone(&self, worker: &str) -> Result<(), StoreError> {
        self.forget("DELETE FROM nodes WHERE worker = $1", worker.to_owned()).await
    }

    async fn forget(&self, text: &str, which: String) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        change(&transaction, text, [which.into()]).await?;
        Ok(transaction.commit().await?)
    }
}
