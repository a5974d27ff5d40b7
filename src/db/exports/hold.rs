//! Holding: what a job writes while it works, and hears in return.

use std::time::Duration;

use sea_orm::{ConnectionTrait, QueryResult};

use crate::domain::{Progress, Status, Timestamp};

use super::super::statement::{json, sql};
use super::{Beat, Exports, Held, StoreError};

impl Exports {
    /// Says that the holder lives, writes how far it has come, and hears whether to stop.
    ///
    /// # Errors
    /// [`StoreError`]; the lease goes on as it was.
    pub async fn beat(
        &self,
        held: &Held,
        now: Timestamp,
        lease_for: Duration,
        progress: Option<&Progress>,
    ) -> Result<Beat, StoreError> {
        let transaction = self.database.begin().await?;
        let text = "UPDATE exports SET lease_until = $3, updated_at = $4, progress = coalesce($5, progress)
            WHERE id = $1 AND lease = $2 AND status IN ('processing', 'cancelling') RETURNING status";
        let values = [
            held.id.to_string().into(),
            held.lease.into(),
            now.plus(lease_for).millis().into(),
            now.millis().into(),
            progress.map_or(sea_orm::Value::Json(None), json),
        ];
        let row = transaction.query_one_raw(sql(&transaction, text, values)).await?;
        self.database.tell(&transaction, Some(held.id)).await?;
        transaction.commit().await?;
        heard(row)
    }

    /// Hears whether to stop, without writing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn peek(&self, held: &Held) -> Result<Beat, StoreError> {
        let text = "SELECT status FROM exports WHERE id = $1 AND lease = $2 AND status IN ('processing', 'cancelling')";
        let reader = &self.database.reader().await?;
        heard(reader.query_one_raw(sql(reader, text, [held.id.to_string().into(), held.lease.into()])).await?)
    }
}

fn heard(row: Option<QueryResult>) -> Result<Beat, StoreError> {
    let Some(row) = row else { return Ok(Beat::Lost) };
    let status: String = row.try_get("", "status")?;
    Ok(if status == Status::Cancelling.as_str() { Beat::CancelAsked } else { Beat::Held })
}
