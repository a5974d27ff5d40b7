//! The log of an export: one line for all that happened to it.

use sea_orm::FromQueryResult;

use crate::domain::{Export, ExportEvent, ExportId, Status, Timestamp};

use super::super::row::big;
use super::super::statement::sql;
use super::{Exports, StoreError, note};

#[derive(FromQueryResult)]
struct Line {
    seq: i64,
    at: i64,
    kind: String,
    status: String,
    message: String,
}

impl Exports {
    /// Up to `limit` lines after number `seq`, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events(&self, id: ExportId, seq: i64, limit: u64) -> Result<Vec<ExportEvent>, StoreError> {
        let text = "SELECT seq, at, kind, status, message FROM export_events
            WHERE export_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        let reader = &self.database.reader().await?;
        let values = [id.to_string().into(), seq.into(), big(limit).into()];
        let lines = Line::find_by_statement(sql(reader, text, values)).all(reader).await?;
        lines.into_iter().map(ExportEvent::try_from).collect()
    }

    /// Notes that `new` was asked for to be what `old`, which stands at `status`, was to be.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn retried(
        &self,
        old: ExportId,
        new: &Export,
        status: Status,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let by = self.database.acts().by(new.owner.as_str());
        self.note(old, "retry", status, &format!("asked for again{by} as {}", new.id), now).await
    }

    /// Adds a line that no change of state writes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note(
        &self,
        id: ExportId,
        kind: &str,
        status: Status,
        message: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        note(&transaction, id, now, kind, status, message).await?;
        Ok(transaction.commit().await?)
    }
}

impl TryFrom<Line> for ExportEvent {
    type Error = StoreError;

    fn try_from(line: Line) -> Result<Self, StoreError> {
        let status = Status::parse(&line.status).ok_or_else(|| StoreError::Corrupt {
            table: "export_events",
            what: format!("status is {}", line.status),
        })?;
        Ok(Self {
            seq: line.seq,
            at: Timestamp::from_millis(line.at),
            kind: line.kind,
            status,
            message: line.message,
        })
    }
}
