//! Claiming: whose turn it is, decided in one statement.
//!
//! Fair by users, not by rows: every user with something queued gets a first job before anyone
//! gets a second; among equals the one who waited longest since their last claim. Within a user
//! the order is `rank_at`. Users are found by skipping through the partial index of queued rows,
//! and of each at most as many rows are looked at as there are slots, so ten thousand queued
//! rows of one user cost no more than ten.

use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};

use crate::domain::{Export, Phase, Progress, Status, Timestamp};

use super::super::queue::is_paused;
use super::super::row::{COLUMNS, big};
use super::super::statement::{change, json, sql};
use super::{Claim, Exports, StoreError, exports, note};

/// The users with something queued, one index seek each. `$1` is not used here.
pub(super) const WAITING: &str = "
    waiting (owner) AS (
        SELECT min(owner) FROM exports WHERE status = 'queued'
        UNION ALL
        SELECT (SELECT min(owner) FROM exports WHERE status = 'queued' AND owner > waiting.owner)
        FROM waiting WHERE waiting.owner IS NOT NULL
    )";

/// The first rows of the user `w`, as many as there are slots.
const FIRST: &str = "
    SELECT q.id, q.owner, q.rank_at FROM exports q
    WHERE q.status = 'queued' AND q.owner = w.owner AND q.run_at <= $1
    ORDER BY q.rank_at, q.id LIMIT $2";

impl Exports {
    /// Claims up to `claim.slots` queued exports in one statement: two schedulers never claim the
    /// same row (`SKIP LOCKED` on PostgreSQL, one writer on SQLite). A claim begins an attempt
    /// and takes a new lease.
    ///
    /// Users for whom another node is claiming just now are passed over, so none may be claimed
    /// although some are queued. While the queue is paused none is.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is claimed then.
    pub async fn claim(&self, claim: &Claim) -> Result<Vec<Export>, StoreError> {
        if claim.slots == 0 {
            return Ok(Vec::new());
        }
        let transaction = self.database.begin().await?;
        let paused = is_paused(&transaction, self.database.is_postgres()).await?;
        promote(&transaction, claim.now).await?;
        if paused {
            transaction.commit().await?;
            return Ok(Vec::new());
        }
        let mut claimed = if self.database.is_postgres() {
            let owners = lock_tenants(&transaction, claim).await?;
            take(&transaction, claim, Some(owners)).await?
        } else {
            take(&transaction, claim, None).await?
        };
        for export in &claimed {
            let tenant = "UPDATE tenants SET last_claim = $2 WHERE user_id = $1";
            change(&transaction, tenant, [export.owner.as_str().into(), claim.now.millis().into()]).await?;
            let message = format!("attempt {} of {} began", export.attempt, export.max_attempts);
            note(&transaction, export.id, claim.now, "status", Status::Processing, &message).await?;
        }
        transaction.commit().await?;
        claimed.sort_by_key(|export| export.run_at);
        Ok(claimed)
    }

    /// Queues what was scheduled for `now` or before, as each claim does first.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is queued then.
    pub async fn queue_due(&self, now: Timestamp) -> Result<Vec<Export>, StoreError> {
        let transaction = self.database.begin().await?;
        let queued = promote(&transaction, now).await?;
        if !queued.is_empty() {
            self.database.tell(&transaction, None).await?;
        }
        transaction.commit().await?;
        Ok(queued)
    }

    /// When the next scheduled export is due, if one is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let text = "SELECT min(run_at) AS due FROM exports WHERE status = 'scheduled'
            UNION ALL SELECT min(run_at) FROM exports WHERE status = 'queued' AND run_at > $1 ORDER BY 1";
        let reader = &self.database.reader().await?;
        let rows = reader.query_all_raw(sql(reader, text, [now.millis().into()])).await?;
        let due = rows.iter().filter_map(|row| row.try_get::<Option<i64>>("", "due").ok().flatten());
        Ok(due.min().map(Timestamp::from_millis))
    }
}

/// Claims for `owners`, whose rows of `tenants` are locked, or for all.
async fn take(
    on: &DatabaseTransaction,
    claim: &Claim,
    owners: Option<Vec<String>>,
) -> Result<Vec<Export>, StoreError> {
    // The rows are locked by the same statement that chooses them; a row that another node has
    // locked is skipped, not waited for.
    let (chosen, locked) = match &owners {
        Some(_) => ("AND w.owner IN (SELECT jsonb_array_elements_text($7))", "FOR UPDATE OF e SKIP LOCKED"),
        None => ("", ""),
    };
    // SQLite has no LATERAL, and PostgreSQL would try every row against the list of each user.
    let first_of_each = match &owners {
        Some(_) => format!("CROSS JOIN LATERAL ({FIRST}) e"),
        None => format!("JOIN exports e ON e.id IN (SELECT id FROM ({FIRST}))"),
    };
    let at_a_time = at_a_time("c.owner");
    let text = format!(
        "WITH RECURSIVE {WAITING},
         busy AS (
            SELECT owner, count(*) AS n FROM exports WHERE status IN ('processing', 'cancelling') GROUP BY owner
         ),
         candidate AS (
            SELECT e.id, e.owner, e.rank_at,
                row_number() OVER (PARTITION BY e.owner ORDER BY e.rank_at, e.id) + coalesce(b.n, 0) AS turn
            FROM waiting w
            {first_of_each}
            LEFT JOIN busy b ON b.owner = w.owner
            WHERE w.owner IS NOT NULL {chosen}
         ),
         pick AS (
            SELECT c.id FROM candidate c LEFT JOIN tenants t ON t.user_id = c.owner
            WHERE c.turn <= {at_a_time}
            ORDER BY c.turn, coalesce(t.last_claim, 0), c.rank_at, c.id LIMIT $2
         ),
         mine AS (SELECT e.id FROM exports e WHERE e.id IN (SELECT id FROM pick) AND e.status = 'queued' {locked})
         UPDATE exports SET status = 'processing', lease = lease + 1, attempt = attempt + 1, worker = $4,
            lease_until = $5, started_at = $1, updated_at = $1,
            progress = $6
         WHERE id IN (SELECT id FROM mine) RETURNING {COLUMNS}"
    );
    let mut values: Vec<Value> = vec![
        claim.now.millis().into(),
        i64::from(claim.slots).into(),
        i64::from(claim.per_user).into(),
        claim.worker.as_str().into(),
        claim.now.plus(claim.lease_for).millis().into(),
        json(&Progress { phase: Phase::Scanning, ..Progress::default() }),
    ];
    values.extend(owners.map(|owners| json(&owners)));
    exports(on, &text, values).await
}

/// How many jobs `owner` may have at a time: what is set for them, or for everyone, or `$3`.
fn at_a_time(owner: &str) -> String {
    format!(
        "coalesce((SELECT jobs_per_user FROM limits WHERE user_id = {owner}),
            (SELECT jobs_per_user FROM limits WHERE user_id = ''), $3)"
    )
}

/// What was scheduled for now is queued now.
async fn promote(on: &DatabaseTransaction, now: Timestamp) -> Result<Vec<Export>, StoreError> {
    let text = format!(
        "UPDATE exports SET status = 'queued', updated_at = $1
         WHERE status = 'scheduled' AND run_at <= $1 RETURNING {COLUMNS}"
    );
    let queued = exports(on, &text, [now.millis().into()]).await?;
    for export in &queued {
        note(on, export.id, now, "status", Status::Queued, "its time has come").await?;
    }
    Ok(queued)
}

/// Locks users whose turn is near and who may begin something, so that no other node counts their
/// running jobs at the same time, which would let both start one job too many. Those that another
/// node has locked are passed over: nobody waits, so nobody waits in a circle.
async fn lock_tenants(on: &DatabaseTransaction, claim: &Claim) -> Result<Vec<String>, StoreError> {
    let at_a_time = at_a_time("t.user_id");
    let text = format!(
        "WITH RECURSIVE {WAITING}
         SELECT t.user_id FROM tenants t WHERE t.user_id IN (SELECT owner FROM waiting)
            AND EXISTS (SELECT 1 FROM exports q
                WHERE q.status = 'queued' AND q.owner = t.user_id AND q.run_at <= $2)
            AND (SELECT count(*) FROM exports r
                WHERE r.status IN ('processing', 'cancelling') AND r.owner = t.user_id) < {at_a_time}
         ORDER BY t.last_claim, t.user_id LIMIT $1 FOR UPDATE SKIP LOCKED"
    );
    let values =
        [big(u64::from(claim.slots) * 4).into(), claim.now.millis().into(), i64::from(claim.per_user).into()];
    let locked = on.query_all_raw(sql(on, &text, values)).await?;
    Ok(locked.iter().map(|row| row.try_get("", "user_id")).collect::<Result<_, _>>()?)
}
