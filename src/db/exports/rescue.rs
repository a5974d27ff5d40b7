//! Rescuing: rows whose worker is gone go back to the queue, three times.

use sea_orm::{DatabaseTransaction, Value};
use uuid::Uuid;

use crate::domain::{Export, Failure, FailureCode, Status, Timestamp};

use super::super::row::COLUMNS;
use super::super::statement::{change, json};
use super::{Exports, Rescued, StoreError, exports, note};

/// Workers an export may lose; with the last of them it fails.
const RESCUES: u32 = 3;

/// Which workers are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// Those not heard of since before their lease ran out.
    Silent,
    /// Those that held this store, which somebody else holds by now.
    HeldStore(Uuid),
}

impl Gone {
    /// What is true of a row that such a worker holds; the value goes to place `place`.
    fn condition(self, now: Timestamp, place: usize) -> (String, Value) {
        match self {
            Self::Silent => (format!("lease_until < ${place}"), now.millis().into()),
            Self::HeldStore(store) => (format!("worker LIKE ${place}"), format!("{store}.%").into()),
        }
    }
}

impl Exports {
    /// Takes the rows of workers that are `gone`. A rescue burns no attempt; the third fails the
    /// export as having crashed its worker. What was being cancelled is cancelled.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rescue(&self, now: Timestamp, gone: Gone) -> Result<Vec<Rescued>, StoreError> {
        let (is_gone, value) = gone.condition(now, 1);
        let lost = format!(
            "SELECT {COLUMNS} FROM exports WHERE status IN ('processing', 'cancelling') AND {is_gone}"
        );
        let lost = exports(&self.database.reader().await?, &lost, [value]).await?;
        let mut rescued = Vec::new();
        for export in lost {
            let transaction = self.database.begin().await?;
            if let Some(row) = rescue(&transaction, &export, gone, now).await? {
                note(&transaction, export.id, now, "attempt", row.status, "its worker was lost").await?;
                note(&transaction, export.id, now, "status", row.status, "taken from its lost worker")
                    .await?;
                self.database.tell(&transaction, Some(export.id)).await?;
                transaction.commit().await?;
                rescued.push(row);
            }
        }
        Ok(rescued)
    }
}

/// Guarded by the lease that was read, and by what was wrong with it: a worker that has come back
/// to life since keeps its row.
async fn rescue(
    on: &DatabaseTransaction,
    export: &Export,
    gone: Gone,
    now: Timestamp,
) -> Result<Option<Rescued>, StoreError> {
    let rescues = export.rescues + 1;
    let status = match export.status {
        Status::Cancelling => Status::Cancelled,
        _ if rescues >= RESCUES => Status::Failed,
        _ => Status::Queued,
    };
    let (is_gone, value) = gone.condition(now, 9);
    let text = format!(
        "UPDATE exports SET status = $4, rescues = $5, lease = lease + 1, worker = NULL, lease_until = NULL,
            attempt = attempt - $6, updated_at = $3,
            completed_at = CASE WHEN $4 = 'queued' THEN completed_at ELSE $3 END,
            failure = CASE WHEN $4 = 'failed' THEN $7 ELSE failure END
        WHERE id = $1 AND lease = $2 AND status = $8 AND {is_gone}"
    );
    let failure = Failure {
        code: FailureCode::CrashedItsWorker,
        message: format!("its worker died {RESCUES} times while packing it"),
    };
    let values = [
        export.id.to_string().into(),
        export.lease.into(),
        now.millis().into(),
        status.as_str().into(),
        i32::try_from(rescues).unwrap_or(i32::MAX).into(),
        i32::from(status == Status::Queued).into(),
        json(&failure),
        export.status.as_str().into(),
        value,
    ];
    let changed = change(on, &text, values).await?;
    let failure = (status == Status::Failed).then_some(failure);
    Ok((changed == 1).then(|| Rescued { export: export.clone(), status, rescues, failure }))
}
