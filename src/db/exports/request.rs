//! Asking: one live row for identical requests, however many come at once.

use std::time::Duration;

use sea_orm::{DatabaseTransaction, Value};

use crate::domain::{
    Allowance, Export, ExportId, Limit, Limits, NewExport, Policy, Progress, Refusal, Status, Timestamp,
    UserId, file_name,
};

use super::super::charges::{charge_export, rate, reach_back, storage};
use super::super::row::{COLUMNS, Metadata, big};
use super::super::statement::{change, json};
use super::super::user_limits::hold;
use super::words::words;
use super::{Charged, Exports, Requested, StoreError, exports, note};

/// What one step of priority is worth: a head start, so that age catches up with importance and
/// nothing waits for ever.
const HEAD_START: Duration = Duration::from_secs(600);

const LIVE: &str = "status IN ('scheduled', 'queued', 'processing', 'completed')";

impl Exports {
    /// The live export that `dedup_key` names, if there is one at `now`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn twin(&self, dedup_key: &str, now: Timestamp) -> Result<Option<Export>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM exports WHERE dedup_key = $1 AND {LIVE}");
        let twin = exports(&self.database.reader().await?, &text, [dedup_key.into()]).await?.pop();
        Ok(twin.filter(|twin| twin.status_at(now).is_live()))
    }

    /// Makes a row for `new`, unless an identical live one is there: the partial unique index
    /// decides, so a thousand callers at once make one row. A twin that has expired without a
    /// sweep having seen it makes room, and so does one that has begun where that will not do; it
    /// lives on as what nothing is identical to. Charged to nobody.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn request(
        &self,
        new: &NewExport,
        dedup_key: &str,
        now: Timestamp,
    ) -> Result<Requested, StoreError> {
        loop {
            let transaction = self.database.begin().await?;
            if let Some(export) = self.made(&transaction, new, dedup_key, now).await? {
                transaction.commit().await?;
                return Ok(Requested::New(export));
            }
            transaction.rollback().await?;
            // A twin that has ended since makes room for a row: then the next round makes it.
            if let Some(twin) = self.twin(dedup_key, now).await? {
                return Ok(Requested::Twin(twin));
            }
        }
    }

    /// As [`request`](Self::request), charged to the owner: as many rows are made as their limits
    /// allow, whoever else asks at the same time on any server. The twin is the answer also where
    /// a new row would be refused.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn request_within(
        &self,
        new: &NewExport,
        dedup_key: &str,
        configured: &Limits,
        now: Timestamp,
    ) -> Result<Charged, StoreError> {
        loop {
            let transaction = self.database.begin().await?;
            let limits = hold(&transaction, &new.owner, configured).await?;
            let was_ahead = reach_back(&transaction, &new.owner, now).await?;
            let mut looked_at = rates(&transaction, &new.owner, &limits, now).await?;
            let mut allowances: Vec<_> = looked_at.iter().map(|(allowance, _)| *allowance).collect();
            if let Limit::AtMost(most) = limits[Policy::UserStorage] {
                looked_at.push(storage(&transaction, &new.owner, most, now).await?);
            }
            let refusal = Refusal::of(&looked_at, now);
            if refusal.is_none()
                && let Some(export) = self.made(&transaction, new, dedup_key, now).await?
            {
                charge_export(&transaction, &new.owner, export.id, now).await?;
                transaction.commit().await?;
                for allowance in &mut allowances {
                    allowance.used += 1;
                    allowance.comes_back =
                        allowance.comes_back.or(allowance.policy.window().map(|w| now.plus(w)));
                }
                return Ok(Charged::New(export, allowances));
            }
            match refusal.is_some() && was_ahead {
                true => transaction.commit().await?,
                false => transaction.rollback().await?,
            }
            if let Some(twin) = self.twin(dedup_key, now).await? {
                return Ok(Charged::Twin(twin));
            }
            if let Some(refusal) = refusal {
                return Ok(Charged::Refused(refusal));
            }
        }
    }

    /// The new row with all that belongs to it, or `None` when a twin stands in its way.
    async fn made(
        &self,
        on: &DatabaseTransaction,
        new: &NewExport,
        dedup_key: &str,
        now: Timestamp,
    ) -> Result<Option<Export>, StoreError> {
        if new.fresh {
            step_aside(on, dedup_key).await?;
        }
        let made = match insert(on, new, dedup_key, now).await? {
            None if expire_twin(on, dedup_key, now).await? => insert(on, new, dedup_key, now).await?,
            made => made,
        };
        if let Some(export) = &made {
            self.enter(on, export, now).await?;
        }
        Ok(made)
    }

    /// What else is to be written beside a new row.
    async fn enter(
        &self,
        on: &DatabaseTransaction,
        export: &Export,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tenant = "INSERT INTO tenants (user_id) VALUES ($1) ON CONFLICT DO NOTHING";
        change(on, tenant, [export.owner.as_str().into()]).await?;
        let message = format!("requested{}", self.database.acts().by(export.owner.as_str()));
        note(on, export.id, now, "status", export.status, &message).await?;
        self.database.tell(on, None).await
    }
}

/// The limits that count exports, as far as there are any.
async fn rates(
    on: &DatabaseTransaction,
    owner: &UserId,
    limits: &Limits,
    now: Timestamp,
) -> Result<Vec<(Allowance, Option<Timestamp>)>, StoreError> {
    let mut rates = Vec::new();
    for policy in Policy::OF_EXPORTS {
        if let Limit::AtMost(most) = limits[policy] {
            rates.push(rate(on, owner, policy, most, now).await?);
        }
    }
    Ok(rates)
}

/// Whether a twin stood in the way that has expired, and is marked so now.
async fn expire_twin(on: &DatabaseTransaction, dedup_key: &str, now: Timestamp) -> Result<bool, StoreError> {
    let text = format!(
        "UPDATE exports SET status = 'expired', updated_at = $2
         WHERE dedup_key = $1 AND status = 'completed' AND expires_at <= $2 RETURNING {COLUMNS}"
    );
    let expired = exports(on, &text, [dedup_key.into(), now.millis().into()]).await?;
    for export in &expired {
        note(on, export.id, now, "status", Status::Expired, "expired").await?;
    }
    Ok(!expired.is_empty())
}

/// Whatever has begun is nobody's twin any more: a row's own id is no other's key.
async fn step_aside(on: &DatabaseTransaction, dedup_key: &str) -> Result<(), StoreError> {
    let text =
        "UPDATE exports SET dedup_key = id WHERE dedup_key = $1 AND status IN ('processing', 'completed')";
    change(on, text, [dedup_key.into()]).await.map(drop)
}

/// The new row, or `None` when the index has one already.
async fn insert(
    on: &DatabaseTransaction,
    new: &NewExport,
    dedup_key: &str,
    now: Timestamp,
) -> Result<Option<Export>, StoreError> {
    let status = if new.run_at > now { Status::Scheduled } else { Status::Queued };
    let text = format!(
        "INSERT INTO exports (id, owner, kind, format, title, project_id, data_selector, options, metadata, status,
             dedup_key, priority, run_at, rank_at, max_attempts, progress, warnings, retention_ms, correlation_id,
             traceparent, created_at, updated_at, words)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $21, $22)
         ON CONFLICT (dedup_key) WHERE {LIVE} DO NOTHING RETURNING {COLUMNS}"
    );
    let id = ExportId::new();
    let name = file_name(&new.title, new.selection.version(), now, id, new.format);
    let name = name + new.options.compression().suffix();
    let values: [Value; 22] = [
        id.to_string().into(),
        new.owner.as_str().into(),
        new.selection.kind().as_str().into(),
        new.format.as_str().into(),
        new.title.as_str().into(),
        new.selection.project().map(ToString::to_string).into(),
        new.selection.to_json().into(),
        json(&new.options),
        json(&Metadata { pins: new.pins.clone() }),
        status.as_str().into(),
        dedup_key.into(),
        new.priority.into(),
        new.run_at.millis().into(),
        rank_at(new.run_at, new.priority).into(),
        i32::try_from(new.max_attempts).unwrap_or(i32::MAX).into(),
        json(&Progress::default()),
        json(&serde_json::json!([])),
        big(u64::try_from(new.retention.as_millis()).unwrap_or(u64::MAX)).into(),
        new.origin.correlation_id.as_str().into(),
        new.origin.traceparent.clone().into(),
        now.millis().into(),
        words(&name, &new.title, &new.selection).into(),
    ];
    Ok(exports(on, &text, values).await?.pop())
}

/// Where a row stands in its owner's queue: earlier runs sooner.
pub(super) fn rank_at(run_at: Timestamp, priority: i32) -> i64 {
    let head_start = i64::from(priority) * i64::try_from(HEAD_START.as_millis()).unwrap_or(0);
    run_at.millis().saturating_sub(head_start)
}
