//! Who downloaded what, and how much of it.

use std::ops::Range;

use sea_orm::{DatabaseTransaction, FromQueryResult, Value};
use serde_json::Value as Json;

use crate::domain::{ExportId, Receiver, Status, Timestamp};

use super::row::{big, bytes, document};
use super::statement::{change, json, sql};
use super::{Database, StoreError};

/// One download as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadRow {
    /// Its id.
    pub id: String,
    /// Whose package.
    pub export: ExportId,
    /// Who received it.
    pub to: Receiver,
    /// When it began.
    pub began_at: Timestamp,
    /// When it was last heard of.
    pub last_at: Timestamp,
    /// Bytes of the whole package.
    pub size: u64,
    /// Bytes sent, repeated ones included.
    pub bytes: u64,
    /// Which bytes were sent.
    pub covered: Vec<Range<u64>>,
    /// Whether every byte was.
    pub complete: bool,
}

/// The rows of `downloads`.
#[derive(Debug, Clone)]
pub struct Downloads {
    database: Database,
}

impl Downloads {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Writes downloads, new ones and ones that went on, and counts the new ones, all in one
    /// transaction: whatever happens, the count is that of the rows.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn record(&self, downloads: &[DownloadRow]) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        for download in downloads {
            if is_exported(&transaction, download).await? && insert(&transaction, download).await? {
                count(&transaction, download).await?;
            }
            update(&transaction, download).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Downloads last heard of at `since` or later: those that a resume may still join.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_since(&self, since: Timestamp) -> Result<Vec<DownloadRow>, StoreError> {
        self.select("last_at >= $1 ORDER BY began_at, id", [since.millis().into()]).await
    }

    /// The downloads of one export, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of(&self, export: ExportId) -> Result<Vec<DownloadRow>, StoreError> {
        self.select("export_id = $1 ORDER BY began_at, id", [export.to_string().into()]).await
    }

    async fn select(&self, which: &str, values: [Value; 1]) -> Result<Vec<DownloadRow>, StoreError> {
        let text = format!(
            "SELECT id, export_id, user_id, link_id, address, agent, began_at, last_at, size, bytes, covered, complete
             FROM downloads WHERE {which}"
        );
        let reader = &self.database.reader;
        let rows = Row::find_by_statement(sql(reader, &text, values)).all(reader).await?;
        rows.into_iter().map(DownloadRow::try_from).collect()
    }
}

/// A row that was pruned while its last download was on its way counts no more.
async fn is_exported(on: &DatabaseTransaction, download: &DownloadRow) -> Result<bool, StoreError> {
    use sea_orm::ConnectionTrait;
    let text = "SELECT 1 AS one FROM exports WHERE id = $1";
    Ok(on.query_one_raw(sql(on, text, [download.export.to_string().into()])).await?.is_some())
}

async fn insert(on: &DatabaseTransaction, download: &DownloadRow) -> Result<bool, StoreError> {
    let text = "INSERT INTO downloads
            (id, export_id, user_id, link_id, address, agent, began_at, last_at, size, bytes, covered, complete)
        VALUES ($1, $2, $3, $10, $4, $5, $6, $6, $7, 0, $8, $9) ON CONFLICT (id) DO NOTHING";
    let values = [
        download.id.as_str().into(),
        download.export.to_string().into(),
        download.to.user.as_str().into(),
        download.to.address.to_string().into(),
        download.to.agent.clone().into(),
        download.began_at.millis().into(),
        big(download.size).into(),
        json(&Json::Array(Vec::new())),
        false.into(),
        download.to.link.map(|link| link.to_string()).into(),
    ];
    Ok(change(on, text, values).await? == 1)
}

async fn count(on: &DatabaseTransaction, download: &DownloadRow) -> Result<(), StoreError> {
    let text = "UPDATE exports SET download_count = download_count + 1, updated_at = $2,
            first_downloaded_at = coalesce(first_downloaded_at, $2),
            last_downloaded_at = CASE WHEN last_downloaded_at > $2 THEN last_downloaded_at ELSE $2 END
        WHERE id = $1";
    change(on, text, [download.export.to_string().into(), download.began_at.millis().into()]).await?;
    let text = "INSERT INTO export_events (export_id, at, kind, status, message) VALUES ($1, $2, 'download', $3, $4)";
    let message = format!("download began by {} from {}", download.to.user, download.to.address);
    let values = [
        download.export.to_string().into(),
        download.began_at.millis().into(),
        Status::Completed.as_str().into(),
        message.into(),
    ];
    change(on, text, values).await.map(drop)
}

async fn update(on: &DatabaseTransaction, download: &DownloadRow) -> Result<(), StoreError> {
    let text = "UPDATE downloads SET last_at = $2, bytes = $3, covered = $4, complete = $5 WHERE id = $1";
    let covered: Vec<(u64, u64)> = download.covered.iter().map(|range| (range.start, range.end)).collect();
    let values = [
        download.id.as_str().into(),
        download.last_at.millis().into(),
        big(download.bytes).into(),
        json(&covered),
        download.complete.into(),
    ];
    change(on, text, values).await.map(drop)
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    export_id: String,
    user_id: String,
    link_id: Option<String>,
    address: String,
    agent: Option<String>,
    began_at: i64,
    last_at: i64,
    size: i64,
    bytes: i64,
    covered: Json,
    complete: bool,
}

impl TryFrom<Row> for DownloadRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |what: String| StoreError::Corrupt { table: "downloads", what };
        let covered: Vec<(u64, u64)> = document("covered", row.covered)?;
        Ok(Self {
            export: row.export_id.parse().map_err(|_| corrupt(format!("export_id is {}", row.export_id)))?,
            to: Receiver {
                user: row.user_id.parse().map_err(|_| corrupt(format!("user_id is {}", row.user_id)))?,
                link: row.link_id.and_then(|link| link.parse().ok()),
                address: row.address.parse().map_err(|_| corrupt(format!("address is {}", row.address)))?,
                agent: row.agent,
            },
            id: row.id,
            began_at: Timestamp::from_millis(row.began_at),
            last_at: Timestamp::from_millis(row.last_at),
            size: bytes(row.size),
            bytes: bytes(row.bytes),
            covered: covered.into_iter().map(|(start, end)| start..end).collect(),
            complete: row.complete,
        })
    }
}
