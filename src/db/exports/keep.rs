//! Keeping: a package that is being downloaded does not expire under it.

use std::time::Duration;

use sea_orm::ConnectionTrait;

use crate::domain::{ExportId, Status, Timestamp};

use super::super::row::big;
use super::super::statement::{change, sql};
use super::{Exports, StoreError, note};

impl Exports {
    /// Puts the expiry of a package that is there at `now` off until `until`, but not beyond
    /// `longest` after its completion, and never closer. Tells when it expires then; `None` when
    /// nothing was changed. The log tells it the first time.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn keep(
        &self,
        id: ExportId,
        until: Timestamp,
        longest: Duration,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let transaction = self.database.begin().await?;
        let end = "CASE WHEN completed_at + $4 < $3 THEN completed_at + $4 ELSE $3 END";
        let text = format!(
            "UPDATE exports SET expires_at = {end}, updated_at = $2
             WHERE id = $1 AND status = 'completed' AND expires_at > $2 AND expires_at < {end} RETURNING expires_at"
        );
        // What is longer than any age would pass the end of time when it is added.
        let longest = big(u64::try_from(longest.as_millis()).unwrap_or(u64::MAX).min(u64::MAX / 4));
        let values = [id.to_string().into(), now.millis().into(), until.millis().into(), longest.into()];
        let Some(row) = transaction.query_one_raw(sql(&transaction, &text, values)).await? else {
            transaction.rollback().await?;
            return Ok(None);
        };
        let text = "INSERT INTO export_events (export_id, at, kind, status, message)
            SELECT $1, $2, 'kept', $3, 'its expiry is put off while it is downloaded'
            WHERE NOT EXISTS (SELECT 1 FROM export_events WHERE export_id = $1 AND kind = 'kept')";
        let values = [id.to_string().into(), now.millis().into(), Status::Completed.as_str().into()];
        change(&transaction, text, values).await?;
        self.database.tell(&transaction, Some(id)).await?;
        transaction.commit().await?;
        Ok(Some(Timestamp::from_millis(row.try_get("", "expires_at")?)))
    }

    /// Keeps a package that is there at `now` until `until`, because somebody asked for it; never
    /// beyond `longest` after its completion, and never for less time than it is kept already.
    /// `false` when it is not there to be kept.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn extend(
        &self,
        id: ExportId,
        until: Timestamp,
        longest: Duration,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.database.begin().await?;
        let end = "CASE WHEN completed_at + $4 < $3 THEN completed_at + $4 ELSE $3 END";
        let text = format!(
            "UPDATE exports SET updated_at = $2,
                expires_at = CASE WHEN expires_at < {end} THEN {end} ELSE expires_at END
             WHERE id = $1 AND status = 'completed' AND expires_at > $2 RETURNING expires_at, owner"
        );
        let longest = big(u64::try_from(longest.as_millis()).unwrap_or(u64::MAX).min(u64::MAX / 4));
        let values = [id.to_string().into(), now.millis().into(), until.millis().into(), longest.into()];
        let Some(row) = transaction.query_one_raw(sql(&transaction, &text, values)).await? else {
            transaction.rollback().await?;
            return Ok(false);
        };
        let (end, by) = (row.try_get("", "expires_at")?, row.try_get::<String>("", "owner")?);
        let (end, by) = (Timestamp::from_millis(end), self.database.acts().by(&by));
        // Not as `kept`: that is told once, of downloads.
        let message = format!("kept until {end}{by}");
        note(&transaction, id, now, "extended", Status::Completed, &message).await?;
        self.database.tell(&transaction, Some(id)).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
