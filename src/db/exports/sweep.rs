//! Sweeping: rows expire first, then their files go, then, much later, the rows.

use std::collections::{BTreeSet, HashSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};

use crate::domain::{Export, ExportId, Format, PackageKey, Status, Timestamp};

use super::super::row::{COLUMNS, big};
use super::super::statement::{change, places, sql};
use super::stats::each_export;
use super::{Exports, StoreError, exports, note};

impl Exports {
    /// Expires up to `limit` packages that are due, before their files go.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn expire_due(&self, now: Timestamp, limit: u64) -> Result<Vec<Export>, StoreError> {
        let transaction = self.database.begin().await?;
        let text = format!(
            "UPDATE exports SET status = 'expired', updated_at = $1
             WHERE status = 'completed' AND id IN (
                SELECT id FROM exports WHERE status = 'completed' AND expires_at <= $1 ORDER BY expires_at LIMIT $2)
             RETURNING {COLUMNS}"
        );
        let expired = exports(&transaction, &text, [now.millis().into(), big(limit).into()]).await?;
        for export in &expired {
            note(&transaction, export.id, now, "status", Status::Expired, "expired").await?;
            self.database.tell(&transaction, Some(export.id)).await?;
        }
        transaction.commit().await?;
        Ok(expired)
    }

    /// Expires one package now. `false` when it is not completed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete(&self, id: ExportId, now: Timestamp) -> Result<bool, StoreError> {
        let transaction = self.database.begin().await?;
        let text = "UPDATE exports SET status = 'expired', updated_at = $2,
                expires_at = CASE WHEN expires_at < $2 THEN expires_at ELSE $2 END
            WHERE id = $1 AND status = 'completed' RETURNING owner";
        let asked = sql(&transaction, text, [id.to_string().into(), now.millis().into()]);
        let Some(row) = transaction.query_one_raw(asked).await? else { return Ok(false) };
        let by = self.database.acts().by(&row.try_get::<String>("", "owner")?);
        self.ended(transaction, id, now, Status::Expired, &format!("deleted{by}")).await
    }

    /// Up to `limit` ended exports whose package has not been deleted yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unswept(&self, limit: u64) -> Result<Vec<(ExportId, PackageKey)>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM exports WHERE status = 'expired' AND swept_at IS NULL ORDER BY id LIMIT $1"
        );
        let ended = exports(&self.database.reader().await?, &text, [big(limit).into()]).await?;
        Ok(ended.into_iter().filter_map(|export| Some((export.id, export.package?.key))).collect())
    }

    /// The package of `id` is deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mark_swept(&self, id: ExportId, now: Timestamp) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        let text = "UPDATE exports SET swept_at = $2, updated_at = $2 WHERE id = $1 AND status = 'expired'";
        change(&transaction, text, [id.to_string().into(), now.millis().into()]).await?;
        Ok(transaction.commit().await?)
    }

    /// Deletes up to `limit` rows that ended before `before` and need no file any more, with
    /// their logs and downloads; their figures stay (`export_days`). Tells how many.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is deleted then.
    pub async fn prune(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let transaction = self.database.begin().await?;
        let held = if self.database.is_postgres() { "FOR UPDATE" } else { "" };
        let text = format!(
            "SELECT id FROM exports
             WHERE completed_at < $1 AND (status IN ('failed', 'cancelled') OR (status = 'expired' AND swept_at IS NOT NULL
                AND expires_at < $1))
             ORDER BY completed_at LIMIT $2 {held}"
        );
        let asked = sql(&transaction, &text, [before.millis().into(), big(limit).into()]);
        let found = transaction.query_all_raw(asked).await?;
        let ids = found.iter().map(|row| Ok(row.try_get::<String>("", "id")?.into()));
        let ids = ids.collect::<Result<Vec<Value>, StoreError>>()?;
        if ids.is_empty() {
            return Ok(0);
        }
        let these = format!("id IN ({})", places(1, ids.len()));
        fold(&transaction, &these, ids.clone()).await?;
        let pruned = change(&transaction, &format!("DELETE FROM exports WHERE {these}"), ids).await?;
        transaction.commit().await?;
        Ok(pruned)
    }

    /// Forgets the figures of exports that were asked for before `before`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_days(&self, before: Timestamp) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        change(&transaction, "DELETE FROM export_days WHERE day < $1", [before.millis().into()]).await?;
        Ok(transaction.commit().await?)
    }

    /// Those of `ids` whose packages are still to be made.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn under_way(&self, ids: &[ExportId]) -> Result<HashSet<ExportId>, StoreError> {
        self.of_these(ids, "AND status IN ('scheduled', 'queued', 'processing', 'cancelling')").await
    }

    /// Those of `ids` that there are rows of, whatever has become of them.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn known(&self, ids: &[ExportId]) -> Result<HashSet<ExportId>, StoreError> {
        self.of_these(ids, "").await
    }

    async fn of_these(&self, ids: &[ExportId], that: &str) -> Result<HashSet<ExportId>, StoreError> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let text = format!("SELECT id FROM exports WHERE id IN ({}) {that}", places(1, ids.len()));
        let reader = &self.database.reader().await?;
        let values: Vec<Value> = ids.iter().map(|id| id.to_string().into()).collect();
        let rows = reader.query_all_raw(sql(reader, &text, values)).await?;
        let ids = rows.into_iter().map(|row| Ok::<String, StoreError>(row.try_get("", "id")?));
        Ok(ids.collect::<Result<Vec<_>, _>>()?.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// Which of these files a row needs: a package that can be downloaded, one that has ended and
    /// will be deleted as that, or one that is being made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keys_in_use(&self, keys: &[PackageKey]) -> Result<HashSet<PackageKey>, StoreError> {
        if keys.is_empty() {
            return Ok(HashSet::new());
        }
        let ids: BTreeSet<String> = keys.iter().filter_map(|key| Some(key.export()?.to_string())).collect();
        let text = format!(
            "SELECT id, lease, format, status, package_key FROM exports WHERE id IN ({})
                AND (status IN ('completed', 'processing', 'cancelling') OR (status = 'expired' AND swept_at IS NULL))",
            places(1, ids.len())
        );
        let reader = &self.database.reader().await?;
        let values: Vec<Value> = ids.into_iter().map(Value::from).collect();
        let mut used = HashSet::new();
        for row in reader.query_all_raw(sql(reader, &text, values)).await? {
            let (id, lease): (String, i64) = (row.try_get("", "id")?, row.try_get("", "lease")?);
            let (format, published): (String, Option<String>) =
                (row.try_get("", "format")?, row.try_get("", "package_key")?);
            let being_made = id.parse().ok().zip(Format::parse(&format));
            used.extend(match published {
                Some(key) => Some(PackageKey::from_stored(key)),
                None => being_made.map(|(id, format)| PackageKey::new(id, lease, format)),
            });
        }
        used.retain(|key| keys.contains(key));
        Ok(used)
    }
}

/// Adds what `these` rows tell to the figures of their days.
async fn fold(on: &DatabaseTransaction, these: &str, ids: Vec<Value>) -> Result<(), StoreError> {
    let each = each_export();
    let text = format!(
        "INSERT INTO export_days AS d (owner, day, kind, format, status, exports, bytes, largest, files, most_files,
            downloads, took, longest)
         SELECT owner, midnight, kind, format, status, sum(exports), sum(bytes), max(largest), sum(files),
            max(most_files), sum(downloads), sum(took), max(longest)
         FROM (SELECT {each}, status FROM exports WHERE {these}) AS gone
         GROUP BY owner, midnight, kind, format, status
         ON CONFLICT (owner, day, kind, format, status) DO UPDATE SET
            exports = d.exports + excluded.exports, bytes = d.bytes + excluded.bytes,
            largest = CASE WHEN d.largest > excluded.largest THEN d.largest ELSE excluded.largest END,
            files = d.files + excluded.files,
            most_files = CASE WHEN d.most_files > excluded.most_files THEN d.most_files ELSE excluded.most_files END,
            downloads = d.downloads + excluded.downloads, took = d.took + excluded.took,
            longest = CASE WHEN d.longest > excluded.longest THEN d.longest ELSE excluded.longest END"
    );
    change(on, &text, ids).await.map(drop)
}
