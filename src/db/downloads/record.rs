//! Writing downloads down.

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::domain::{Status, Timestamp};

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
    /// Writes downloads and counts the new ones, all in one transaction with how far nginx's
    /// report was read: whatever happens, the count is that of the rows, and no line of the
    /// report is lost or counted twice.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn record(&self, recording: &Recording<'_>) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        for download in recording.downloads {
            // Mostly it is there. A row that was pruned while its last download was on its way
            // counts no more.
            if !update(&transaction, download).await?
                && is_exported(&transaction, download).await?
                && insert(&transaction, download, recording.store).await?
            {
                count(&transaction, download).await?;
            }
        }
        if let Some(places) = recording.places {
            let text = "INSERT INTO accel_logs (store, places) VALUES ($1, $2)
                ON CONFLICT (store) DO UPDATE SET places = $2";
            change(&transaction, text, [recording.store.to_string().into(), json(places)]).await?;
        }
        Ok(transaction.commit().await?)
    }
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
