//! The queue as a whole: whether it is paused, what runs, for whom, and where.

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, QueryResult};

use crate::domain::{Export, Timestamp, UserId};

use super::row::{COLUMNS, Row, big, bytes};
use super::statement::{change, sql};
use super::{Database, StoreError};

/// The row of `queue`, and those of `exports` and `nodes` that tell of the queue.
#[derive(Debug, Clone)]
pub struct Queue {
    database: Database,
}

/// Since when nothing is claimed, and who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paused {
    /// When it was said.
    pub at: Timestamp,
    /// By whom: a user, or a key as `key:ID`.
    pub by: String,
}

/// An export that a worker holds.
#[derive(Debug, Clone)]
pub struct Running {
    /// The export.
    pub export: Export,
    /// The worker's name.
    pub worker: String,
    /// When the worker was last heard of.
    pub heard_at: Timestamp,
}

/// What one user has in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// Who.
    pub user: UserId,
    /// How many of their exports wait.
    pub queued: u64,
    /// How many are worked on.
    pub running: u64,
}

/// A node that was seen lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its worker's name.
    pub worker: String,
    /// How many jobs it runs at a time.
    pub slots: u64,
    /// How many it holds.
    pub running: u64,
    /// When it last showed up.
    pub seen_at: Timestamp,
}

impl Queue {
    pub(super) const fn new(database: Database) -> Self {
        Self { database }
    }

    /// Since when it is paused; `None` while it is not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn paused(&self) -> Result<Option<Paused>, StoreError> {
        let reader = &self.database.reader;
        let asked = sql(reader, "SELECT paused_at, paused_by FROM queue", []);
        let Some(row) = reader.query_one_raw(asked).await? else { return Ok(None) };
        let at: Option<i64> = row.try_get("", "paused_at")?;
        let by: Option<String> = row.try_get("", "paused_by")?;
        Ok(at.zip(by).map(|(at, by)| Paused { at: Timestamp::from_millis(at), by }))
    }

    /// Pauses it, on every node: when this returns, no claim is under way and none will succeed.
    /// What runs goes on. Paused already, it stays as it was.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is changed then.
    pub async fn pause(&self, by: &str, now: Timestamp) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        let text = "UPDATE queue SET paused_at = $1, paused_by = $2 WHERE paused_at IS NULL";
        change(&transaction, text, [now.millis().into(), by.into()]).await?;
        Ok(transaction.commit().await?)
    }

    /// Lets it go on, and tells the other nodes.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is changed then.
    pub async fn resume(&self) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        change(&transaction, "UPDATE queue SET paused_at = NULL, paused_by = NULL", []).await?;
        self.database.tell(&transaction, None).await?;
        Ok(transaction.commit().await?)
    }

    /// Up to `most` exports that workers hold, the longest running first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn running(&self, most: u64) -> Result<Vec<Running>, StoreError> {
        // A beat writes the row, also one that tells of no progress.
        let text = format!(
            "SELECT {COLUMNS}, worker, updated_at FROM exports WHERE status IN ('processing', 'cancelling')
             ORDER BY started_at, id LIMIT $1"
        );
        let reader = &self.database.reader;
        let rows = reader.query_all_raw(sql(reader, &text, [big(most).into()])).await?;
        let held = |row: &QueryResult| {
            Ok(Running {
                export: Row::from_query_result(row, "")?.try_into()?,
                worker: row.try_get("", "worker")?,
                heard_at: Timestamp::from_millis(row.try_get("", "updated_at")?),
            })
        };
        rows.iter().map(held).collect()
    }

    /// Up to `most` users who have something queued or running, those with most of it first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn loads(&self, most: u64) -> Result<Vec<Load>, StoreError> {
        let text = "SELECT owner, count(*) AS n, sum(CASE WHEN status = 'queued' THEN 1 ELSE 0 END) AS queued
            FROM exports WHERE status IN ('queued', 'processing', 'cancelling')
            GROUP BY owner ORDER BY n DESC, owner LIMIT $1";
        let reader = &self.database.reader;
        let rows = reader.query_all_raw(sql(reader, text, [big(most).into()])).await?;
        let load = |row: &QueryResult| {
            let (owner, queued): (String, i64) = (row.try_get("", "owner")?, row.try_get("", "queued")?);
            let corrupt = |_| StoreError::Corrupt { table: "exports", what: format!("owner is {owner}") };
            let all: i64 = row.try_get("", "n")?;
            Ok(Load {
                user: owner.parse().map_err(corrupt)?,
                queued: bytes(queued),
                running: bytes(all - queued),
            })
        };
        rows.iter().map(load).collect()
    }

    /// The nodes that were seen within the last hour, and how many jobs each holds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn nodes(&self) -> Result<Vec<Node>, StoreError> {
        let text = "SELECT n.worker, n.slots, n.seen_at,
                (SELECT count(*) FROM exports e
                    WHERE e.status IN ('processing', 'cancelling') AND e.worker = n.worker) AS running
            FROM nodes n ORDER BY n.worker";
        let reader = &self.database.reader;
        let rows = reader.query_all_raw(sql(reader, text, [])).await?;
        let node = |row: &QueryResult| {
            Ok(Node {
                worker: row.try_get("", "worker")?,
                slots: bytes(row.try_get("", "slots")?),
                running: bytes(row.try_get("", "running")?),
                seen_at: Timestamp::from_millis(row.try_get("", "seen_at")?),
            })
        };
        rows.iter().map(node).collect()
    }
}

/// Whether the queue is paused, as whoever claims has to know. On PostgreSQL the row is held to the
/// end of the transaction, together with others who claim: a pause waits for them. SQLite has one
/// writer anyway.
pub(super) async fn is_paused(on: &DatabaseTransaction, is_postgres: bool) -> Result<bool, StoreError> {
    let held = if is_postgres { "FOR SHARE" } else { "" };
    let text = format!("SELECT paused_at FROM queue {held}");
    let row = on.query_one_raw(sql(on, &text, [])).await?;
    Ok(row.map(|row| row.try_get::<Option<i64>>("", "paused_at")).transpose()?.flatten().is_some())
}
