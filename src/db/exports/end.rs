//! Ending: every way out of an attempt, and out of a life. Each is one guarded update, with its
//! line of the log in the same transaction; each says whether it changed the row.

use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};

use crate::domain::{
    ExportId, Failure, Limit, Limits, Package, Phase, Policy, Progress, Status, Timestamp, UserId, Warning,
};

use super::super::charges::storage;
use super::super::row::{COLUMNS, big};
use super::super::statement::{change, json, sql};
use super::super::user_limits::hold;
use super::words::put_into_words;
use super::{Completion, Exports, Held, StoreError, exports, note};

/// Warnings that get a line of the log each.
const LOGGED_WARNINGS: usize = 20;

impl Exports {
    /// As [`complete`](Self::complete), unless its owner would have more packages then than they
    /// may. Of two that end at once, the one that still has room is completed.
    ///
    /// # Errors
    /// [`StoreError`]; whether it was written is unknown then.
    pub async fn complete_within(
        &self,
        held: &Held,
        package: &Package,
        warnings: &[Warning],
        now: Timestamp,
        expires_at: Timestamp,
        configured: &Limits,
    ) -> Result<Completion, StoreError> {
        let transaction = self.database.begin().await?;
        if let Some(owner) = owner(&transaction, held).await?
            && let Limit::AtMost(most) = hold(&transaction, &owner, configured).await?[Policy::UserStorage]
        {
            let (allowance, _) = storage(&transaction, &owner, most, now).await?;
            if package.size > allowance.remaining() {
                return Ok(Completion::OverStorage(allowance));
            }
        }
        match self.write_completion(transaction, held, package, warnings, now, expires_at).await? {
            true => Ok(Completion::Done),
            false => Ok(Completion::Lost),
        }
    }

    /// The package is published: the row is completed, if it is still the holder's and nobody
    /// wants it cancelled.
    ///
    /// # Errors
    /// [`StoreError`]; whether it was written is unknown then.
    pub async fn complete(
        &self,
        held: &Held,
        package: &Package,
        warnings: &[Warning],
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.database.begin().await?;
        self.write_completion(transaction, held, package, warnings, now, expires_at).await
    }

    async fn write_completion(
        &self,
        transaction: DatabaseTransaction,
        held: &Held,
        package: &Package,
        warnings: &[Warning],
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let progress = Progress {
            phase: Phase::Completed,
            files_done: package.file_count,
            files_total: Some(package.file_count),
            bytes_total: Some(package.source_bytes),
            bytes_read: package.source_bytes,
            rows_total: package.rows,
            rows_done: package.rows.unwrap_or(0),
            bytes_written: package.size,
            current_file: None,
        };
        let text = format!(
            "UPDATE exports SET status = 'completed', package_key = $4, file_size = $5, file_count = $6,
                file_checksum = $7, snapshot_at = $8, warnings = $9, expires_at = $10, progress = $11, failure = NULL,
                completed_at = $3, updated_at = $3, worker = NULL, lease_until = NULL
             WHERE id = $1 AND lease = $2 AND status = 'processing' RETURNING {COLUMNS}"
        );
        let values: [Value; 11] = [
            held.id.to_string().into(),
            held.lease.into(),
            now.millis().into(),
            package.key.as_str().into(),
            big(package.size).into(),
            big(package.file_count).into(),
            package.checksum.to_string().into(),
            package.snapshot_at.millis().into(),
            json(&warnings),
            expires_at.millis().into(),
            json(&progress),
        ];
        let Some(completed) = exports(&transaction, &text, values).await?.pop() else { return Ok(false) };
        if completed.created_at.date() != package.snapshot_at.date() {
            // Its file is called after the day of the snapshot.
            put_into_words(&transaction, &completed).await?;
        }
        for warning in warnings.iter().take(LOGGED_WARNINGS) {
            let place = warning.path.as_deref().unwrap_or("");
            let message = format!("{place}: {}", warning.message);
            note(&transaction, held.id, now, "warning", Status::Completed, message.trim_start_matches(": "))
                .await?;
        }
        let message = format!("{} files, {} bytes", package.file_count, package.size);
        self.ended(transaction, held.id, now, Status::Completed, &message).await
    }

    /// The attempt is over and another will be made after `run_at`. `burn` counts it; the reason
    /// stays in the log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn requeue(
        &self,
        held: &Held,
        now: Timestamp,
        run_at: Timestamp,
        failure: Option<&Failure>,
        burn: bool,
    ) -> Result<bool, StoreError> {
        let transaction = self.database.begin().await?;
        // The rank moves with the wait, by the same stretch, so that the head start stays.
        let text = "UPDATE exports SET status = 'queued', rank_at = rank_at + ($4 - run_at), run_at = $4,
                attempt = attempt - $5, updated_at = $3, worker = NULL, lease_until = NULL, progress = $6
            WHERE id = $1 AND lease = $2 AND status = 'processing'";
        let values: [Value; 6] = [
            held.id.to_string().into(),
            held.lease.into(),
            now.millis().into(),
            run_at.millis().into(),
            i32::from(!burn).into(),
            json(&Progress::default()),
        ];
        if change(&transaction, text, values).await? == 0 {
            return Ok(false);
        }
        let message =
            failure.map_or("its server is closing; it goes on later", |failure| failure.message.as_str());
        note(&transaction, held.id, now, "attempt", Status::Queued, message).await?;
        self.ended(transaction, held.id, now, Status::Queued, "queued again").await
    }

    /// There will be no package.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn fail(&self, held: &Held, failure: &Failure, now: Timestamp) -> Result<bool, StoreError> {
        let transaction = self.database.begin().await?;
        let text = "UPDATE exports SET status = 'failed', failure = $4, completed_at = $3, updated_at = $3,
                worker = NULL, lease_until = NULL
            WHERE id = $1 AND lease = $2 AND status = 'processing'";
        let values = [held.id.to_string().into(), held.lease.into(), now.millis().into(), json(failure)];
        if change(&transaction, text, values).await? == 0 {
            return Ok(false);
        }
        self.ended(transaction, held.id, now, Status::Failed, &failure.message).await
    }

    /// The holder has stopped because it was asked to.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cancelled(&self, held: &Held, now: Timestamp) -> Result<bool, StoreError> {
        let transaction = self.database.begin().await?;
        let text = "UPDATE exports SET status = 'cancelled', completed_at = $3, updated_at = $3,
                worker = NULL, lease_until = NULL
            WHERE id = $1 AND lease = $2 AND status = 'cancelling'";
        let values = [held.id.to_string().into(), held.lease.into(), now.millis().into()];
        if change(&transaction, text, values).await? == 0 {
            return Ok(false);
        }
        self.ended(transaction, held.id, now, Status::Cancelled, "cancelled").await
    }

    /// Asks for an end without a package: at once when nobody works on it, by its worker
    /// otherwise. Gives the status it has now; `None` when there is no such row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ask_cancel(&self, id: ExportId, now: Timestamp) -> Result<Option<Status>, StoreError> {
        let transaction = self.database.begin().await?;
        // One statement: between two, the row could be claimed or given back, and be missed by both.
        let text = "UPDATE exports SET updated_at = $2,
                completed_at = CASE WHEN status = 'processing' THEN completed_at ELSE $2 END,
                status = CASE WHEN status = 'processing' THEN 'cancelling' ELSE 'cancelled' END
            WHERE id = $1 AND status IN ('scheduled', 'queued', 'processing') RETURNING status, owner";
        let values = [id.to_string().into(), now.millis().into()];
        if let Some(row) = transaction.query_one_raw(sql(&transaction, text, values)).await? {
            let stopping = row.try_get::<String>("", "status")? == Status::Cancelling.as_str();
            let (status, what) = if stopping {
                (Status::Cancelling, "asked to stop")
            } else {
                (Status::Cancelled, "cancelled")
            };
            let by = self.database.acts().by(&row.try_get::<String>("", "owner")?);
            self.ended(transaction, id, now, status, &format!("{what}{by}")).await?;
            return Ok(Some(status));
        }
        transaction.rollback().await?;
        Ok(self.find(id).await?.map(|export| export.status_at(now)))
    }

    /// Writes the line of the log, tells the other nodes, commits.
    pub(super) async fn ended(
        &self,
        transaction: DatabaseTransaction,
        id: ExportId,
        now: Timestamp,
        status: Status,
        message: &str,
    ) -> Result<bool, StoreError> {
        note(&transaction, id, now, "status", status, message).await?;
        self.database.tell(&transaction, Some(id)).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Whose row it is that is held.
async fn owner(on: &DatabaseTransaction, held: &Held) -> Result<Option<UserId>, StoreError> {
    let text = "SELECT owner FROM exports WHERE id = $1";
    let row = on.query_one_raw(sql(on, text, [held.id.to_string().into()])).await?;
    let owner: Option<String> = row.map(|row| row.try_get("", "owner")).transpose()?;
    Ok(owner.and_then(|owner| owner.parse().ok()))
}
