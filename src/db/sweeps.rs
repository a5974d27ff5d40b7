//! What sweeps did.

use std::time::Duration;

use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::domain::{Occasion, PastSweep, Swept, Timestamp};

use super::row::{big, bytes};
use super::statement::{change, sql};
use super::{Database, StoreError};

/// The rows of `sweeps`.
#[derive(Debug, Clone)]
pub struct Sweeps {
    database: Database,
}

impl Sweeps {
    pub(super) const fn new(database: Database) -> Self {
        Self { database }
    }

    /// Notes a sweep that is over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record(&self, past: &PastSweep) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        let text =
            "INSERT INTO sweeps (at, worker, reason, expired, deleted_files, freed_bytes, orphans_removed,
                pruned_rows, errors, duration_ms)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let Swept { expired, deleted_files, freed_bytes, orphans_removed, pruned_rows, errors } = past.swept;
        let told = [past.at.millis().into(), past.worker.as_str().into(), past.occasion.as_str().into()];
        let took = u64::try_from(past.took.as_millis()).unwrap_or(u64::MAX);
        let counted = [expired, deleted_files, freed_bytes, orphans_removed, pruned_rows, errors, took];
        let counted = counted.into_iter().map(|number| Value::from(big(number)));
        change(&transaction, text, told.into_iter().chain(counted)).await?;
        Ok(transaction.commit().await?)
    }

    /// The last `limit` sweeps, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn latest(&self, limit: u64) -> Result<Vec<PastSweep>, StoreError> {
        let reader = &self.database.reader;
        let text = "SELECT * FROM sweeps ORDER BY at DESC, seq DESC LIMIT $1";
        let rows = reader.query_all_raw(sql(reader, text, [big(limit).into()])).await?;
        rows.iter().map(past_sweep).collect()
    }

    /// Forgets those that began before `before`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune(&self, before: Timestamp) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        change(&transaction, "DELETE FROM sweeps WHERE at < $1", [before.millis().into()]).await?;
        Ok(transaction.commit().await?)
    }
}

fn past_sweep(row: &QueryResult) -> Result<PastSweep, StoreError> {
    let number = |name: &str| Ok::<u64, StoreError>(bytes(row.try_get("", name)?));
    let reason: String = row.try_get("", "reason")?;
    let unknown = || StoreError::Corrupt { table: "sweeps", what: format!("reason is {reason}") };
    Ok(PastSweep {
        at: Timestamp::from_millis(row.try_get("", "at")?),
        worker: row.try_get("", "worker")?,
        occasion: Occasion::parse(&reason).ok_or_else(unknown)?,
        swept: Swept {
            expired: number("expired")?,
            deleted_files: number("deleted_files")?,
            freed_bytes: number("freed_bytes")?,
            orphans_removed: number("orphans_removed")?,
            pruned_rows: number("pruned_rows")?,
            errors: number("errors")?,
        },
        took: Duration::from_millis(number("duration_ms")?),
    })
}
