//! Finding downloads: of an export, one by its id, and those that may still go on.

use sea_orm::ConnectionTrait;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::domain::{ExportId, Timestamp};

use super::super::row::big;
use super::super::statement::{change, sql};
use super::row::downloads;
use super::{DownloadMark, DownloadRow, Downloads, DownloadsPage, StoreError};

impl Downloads {
    /// A page of the downloads of `export`, newest first, from after `after` on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of(
        &self,
        export: ExportId,
        after: Option<DownloadMark>,
        limit: u64,
    ) -> Result<DownloadsPage, StoreError> {
        let mut which = "export_id = $1".to_owned();
        let mut values = vec![export.to_string().into(), big(limit + 1).into()];
        if let Some(mark) = after {
            which.push_str(" AND (began_at, id) < ($3, $4)");
            values.extend([mark.began_at.millis().into(), mark.id.to_string().into()]);
        }
        which.push_str(" ORDER BY began_at DESC, id DESC LIMIT $2");
        let mut items = downloads(&self.database.reader().await?, &which, values).await?;
        let more = items.len() as u64 > limit;
        items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let last = items.last().filter(|_| more);
        let next = last.map(|last| DownloadMark { began_at: last.began_at, id: last.id });
        Ok(DownloadsPage { items, next })
    }

    /// The download `id`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, id: Uuid) -> Result<Option<DownloadRow>, StoreError> {
        Ok(downloads(&self.database.reader().await?, "id = $1", [id.to_string().into()]).await?.pop())
    }

    /// The downloads of `store` that a later process goes on with: those last heard of at `since`
    /// or later, which a resume may join, and all that were under way when their process died.
    /// These have ended now, without having been heard of again; here they are told as they were.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has ended then.
    pub async fn take_over(&self, store: Uuid, since: Timestamp) -> Result<Vec<DownloadRow>, StoreError> {
        let transaction = self.database.begin().await?;
        let under_way = "store = $1 AND ended_at IS NULL";
        let mut found = downloads(&transaction, under_way, [store.to_string().into()]).await?;
        let recent = "last_at >= $2 AND ended_at IS NOT NULL AND coalesce(store, $1) = $1";
        let values = [store.to_string().into(), since.millis().into()];
        found.extend(downloads(&transaction, recent, values).await?);
        let end = format!("UPDATE downloads SET ended_at = last_at WHERE {under_way}");
        change(&transaction, &end, [store.to_string().into()]).await?;
        transaction.commit().await?;
        found.sort_by_key(|download| (download.began_at, download.id));
        Ok(found)
    }

    /// How far nginx's report of what it sent out of `store` was read, as it was
    /// [recorded](Self::record).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn places(&self, store: Uuid) -> Result<Option<Json>, StoreError> {
        let reader = &self.database.reader().await?;
        let text = "SELECT places FROM accel_logs WHERE store = $1";
        let row = reader.query_one_raw(sql(reader, text, [store.to_string().into()])).await?;
        Ok(row.map(|row| row.try_get("", "places")).transpose()?)
    }
}
