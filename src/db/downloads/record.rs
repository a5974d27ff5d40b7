//! Writing downloads down.

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::domain::audit::{Action, AuditEntry, Author};
use crate::domain::{Status, Timestamp};

use super::super::audit;
use super::super::row::big;
use super::super::statement::{change, json, sql};
use super::{DownloadRow, Downloads, StoreError};

/// What is written at once.
#[derive(Debug)]
pub struct Recording<'a> {
    /// The store out of which the downloads were sent.
    pub store: Uuid,
    /// Downloads, new ones and ones that went on.
    pub downloads: &'a [DownloadRow],
    /// How far nginx's report was read to know of them; `None` when it was not.
    pub places: Option<&'a Json>,
}

impl Downloads {
    /// Writes downloads and counts the new ones, all in one transaction with what the audit is to
    /// know of them and with how far nginx's report was read: whatever happens, the count is that of
    /// the rows, the audit tells of each, and no line of the report is lost or counted twice.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn record(&self, recording: &Recording<'_>) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        let mut told = Vec::new();
        for download in recording.downloads {
            told.extend(write(&transaction, download, recording.store).await?);
        }
        if let Some(places) = recording.places {
            let text = "INSERT INTO accel_logs (store, places) VALUES ($1, $2)
                ON CONFLICT (store) DO UPDATE SET places = $2";
            change(&transaction, text, [recording.store.to_string().into(), json(places)]).await?;
        }
        if !told.is_empty() {
            audit::enter(&transaction, &told).await?;
        }
        transaction.commit().await?;
        self.database.count_audit(&told);
        Ok(())
    }
}

/// Brings one row up to date, and tells what is to be audited of that: a download that began, and
/// one of which every byte was sent, once each.
async fn write(
    on: &DatabaseTransaction,
    download: &DownloadRow,
    store: Uuid,
) -> Result<Vec<AuditEntry>, StoreError> {
    let was_complete = download.complete && is_complete(on, download).await?;
    let completed = (download.complete && !was_complete).then(|| completed(download));
    // Mostly it is there. A row that was pruned while its last download was on its way counts no
    // more.
    if update(on, download).await? {
        return Ok(completed.into_iter().collect());
    }
    if !is_exported(on, download).await? || !insert(on, download, store).await? {
        return Ok(Vec::new());
    }
    count(on, download).await?;
    Ok(std::iter::once(began(download)).chain(completed).collect())
}

fn began(download: &DownloadRow) -> AuditEntry {
    let by = download.by.as_deref().cloned().unwrap_or_else(|| Author::receiving(&download.to));
    let entry = AuditEntry::done(download.began_at, by, Action::PackageDownloaded);
    let entry = entry.to("export", &download.export.to_string());
    entry.with("download", download.id.to_string().as_str()).with("mode", download.mode.as_str())
}

fn completed(download: &DownloadRow) -> AuditEntry {
    let entry = AuditEntry { action: Action::PackageCompleted, at: download.last_at, ..began(download) };
    entry.with("bytes", download.bytes).with("size", download.size)
}

async fn is_complete(on: &DatabaseTransaction, download: &DownloadRow) -> Result<bool, StoreError> {
    let text = "SELECT complete FROM downloads WHERE id = $1";
    let row = on.query_one_raw(sql(on, text, [download.id.to_string().into()])).await?;
    Ok(row.map(|row| row.try_get("", "complete")).transpose()?.unwrap_or(false))
}

async fn is_exported(on: &DatabaseTransaction, download: &DownloadRow) -> Result<bool, StoreError> {
    let text = "SELECT 1 AS one FROM exports WHERE id = $1";
    Ok(on.query_one_raw(sql(on, text, [download.export.to_string().into()])).await?.is_some())
}

async fn update(on: &DatabaseTransaction, download: &DownloadRow) -> Result<bool, StoreError> {
    let text =
        "UPDATE downloads SET last_at = $2, ended_at = $3, size = $4, bytes = $5, covered = $6, complete = $7
        WHERE id = $1";
    let values = [
        download.id.to_string().into(),
        download.last_at.millis().into(),
        download.ended_at.map(Timestamp::millis).into(),
        big(download.size).into(),
        big(download.bytes).into(),
        covered(download),
        download.complete.into(),
    ];
    Ok(change(on, text, values).await? == 1)
}

async fn insert(on: &DatabaseTransaction, download: &DownloadRow, store: Uuid) -> Result<bool, StoreError> {
    let text = "INSERT INTO downloads (id, export_id, user_id, link_id, address, agent, mode, store,
            began_at, last_at, ended_at, size, bytes, covered, complete)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (id) DO NOTHING";
    let values = [
        download.id.to_string().into(),
        download.export.to_string().into(),
        download.to.user.as_str().into(),
        download.to.link.map(|link| link.to_string()).into(),
        download.to.address.to_string().into(),
        download.to.agent.clone().into(),
        download.mode.as_str().into(),
        store.to_string().into(),
        download.began_at.millis().into(),
        download.last_at.millis().into(),
        download.ended_at.map(Timestamp::millis).into(),
        big(download.size).into(),
        big(download.bytes).into(),
        covered(download),
        download.complete.into(),
    ];
    Ok(change(on, text, values).await? == 1)
}

async fn count(on: &DatabaseTransaction, download: &DownloadRow) -> Result<(), StoreError> {
    let text = "UPDATE exports SET download_count = download_count + 1, updated_at = $2,
            first_downloaded_at = CASE WHEN first_downloaded_at < $2 THEN first_downloaded_at ELSE $2 END,
            last_downloaded_at = CASE WHEN last_downloaded_at > $2 THEN last_downloaded_at ELSE $2 END
        WHERE id = $1";
    change(on, text, [download.export.to_string().into(), download.began_at.millis().into()]).await?;
    let text = "INSERT INTO export_events (export_id, at, kind, status, message) VALUES ($1, $2, 'download', $3, $4)";
    let by = match download.to.link {
        Some(link) => format!("by link {link}"),
        None => format!("by {}", download.to.user),
    };
    let values = [
        download.export.to_string().into(),
        download.began_at.millis().into(),
        Status::Completed.as_str().into(),
        format!("download began {by} from {}", download.to.address).into(),
    ];
    change(on, text, values).await.map(drop)
}

fn covered(download: &DownloadRow) -> sea_orm::Value {
    json(&download.covered.iter().map(|range| (range.start, range.end)).collect::<Vec<_>>())
}
