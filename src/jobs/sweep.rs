//! What a sweep does, apart from when.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::db::StoreError;
use crate::domain::{ExportId, Occasion, PackageKey, PastSweep, Swept, Timestamp};
use crate::storage::StorageError;

use super::events;
use super::strays::Strays;
use super::works::Works;

/// Rows taken at a time.
const BATCH: u64 = 200;
/// For so long after its end whoever comes back is told that a session has expired.
const KEPT_SESSIONS: Duration = Duration::from_secs(86_400);
/// Entries of the audit cut off at a time: each cut is an entry itself.
const AUDIT_BATCH: u64 = 5000;
/// For so long it is remembered what sweeps did.
const KEPT_SWEEPS: Duration = Duration::from_secs(90 * 86_400);
/// For so long it is remembered how many exports a day had: five years, leap days and all.
const KEPT_DAYS: Duration = Duration::from_secs(1_827 * 86_400);
/// The duty that one node at a time has.
const DUTY: &str = "sweep";

/// Sweeps once: rows first, then their files, then files without rows.
///
/// Another node's sweep under way makes this one do nothing; one of this node is waited for, so that
/// no file is counted by both. One failing file does not stop the rest.
///
/// # Errors
/// [`StoreError`] when the database does not answer; what was done stays done.
pub async fn sweep(works: &Works, occasion: Occasion) -> Result<Swept, StoreError> {
    let _one_at_a_time = works.sweeping.lock().await;
    let now = works.parts.clock.now();
    let until = now.plus(works.tuned.borrow().interval * 2);
    if works.parts.database.duties().hold(DUTY, &works.worker, now, until).await?.is_none() {
        return Ok(Swept::default());
    }
    let began = Instant::now();
    let swept = sweep_now(works, now, occasion).await;
    if let Ok(swept) = &swept {
        let worker = works.worker.clone();
        note(works, PastSweep { at: now, worker, occasion, swept: *swept, took: began.elapsed() }).await;
    }
    works.parts.database.duties().release(DUTY, &works.worker).await?;
    swept
}

/// What did nothing is nothing to remember: most sweeps find nothing due.
async fn note(works: &Works, past: PastSweep) {
    if past.swept == Swept::default() {
        return;
    }
    if let Err(error) = works.parts.database.sweeps().record(&past).await {
        tracing::warn!(%error, "what the sweep did is in this log alone");
    }
}

async fn sweep_now(works: &Works, now: Timestamp, occasion: Occasion) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    expire(works, now, &mut swept).await?;
    delete_ended(works, now, &mut swept).await?;
    works.parts.database.nonces().prune(now).await?;
    if occasion.is_deep() {
        delete_unneeded(works, occasion, &mut swept).await?;
        clear_benches(works, &mut swept).await?;
        put_into_words(works).await?;
        prune(works, now, &mut swept).await?;
    }
    report(works, now, &swept).await?;
    Ok(swept)
}

/// Marks what is due. Its file goes after its row is expired, never before.
async fn expire(works: &Works, now: Timestamp, swept: &mut Swept) -> Result<(), StoreError> {
    loop {
        let expired = works.rows.expire_due(now, BATCH).await?;
        swept.expired += expired.len() as u64;
        for export in &expired {
            works.parts.bell.ring_for(export.id);
        }
        if (expired.len() as u64) < BATCH {
            return Ok(());
        }
    }
}

/// Deletes the packages of rows that have ended, these and those an earlier sweep failed on.
async fn delete_ended(works: &Works, now: Timestamp, swept: &mut Swept) -> Result<(), StoreError> {
    let mut failed = HashSet::new();
    loop {
        let ended = works.rows.unswept(BATCH + failed.len() as u64).await?;
        let todo: Vec<(ExportId, PackageKey)> =
            ended.into_iter().filter(|(id, _)| !failed.contains(id)).collect();
        if todo.is_empty() {
            return Ok(());
        }
        for (id, key) in todo {
            if delete(works, &key, swept).await {
                swept.deleted_files += 1;
                works.rows.mark_swept(id, now).await?;
            } else {
                failed.insert(id);
            }
        }
    }
}

/// Deletes files of ours that no row needs: parts whose job is gone, packages whose row is gone
/// or was never written. The row is asked *after* the file was seen, so a package that is being
/// made has its row by then.
async fn delete_unneeded(works: &Works, occasion: Occasion, swept: &mut Swept) -> Result<(), StoreError> {
    let packages = works.parts.packages.clone();
    let listed = tokio::task::spawn_blocking(move || packages.list()).await.expect("listing does not panic");
    let stored = match listed {
        Ok(stored) => stored,
        Err(error) => {
            tracing::warn!(%error, "the store cannot be listed; orphans stay until the next deep sweep");
            swept.errors += 1;
            return Ok(());
        }
    };
    let strays = Strays::of(works, occasion).await?;
    let mut foreign = (0_u64, 0_u64);
    for some in stored.chunks(BATCH as usize) {
        for orphan in strays.among(works, some).await? {
            if !orphan.is_ours {
                foreign = (foreign.0 + 1, foreign.1 + orphan.stored.bytes);
                continue;
            }
            let (packages, name) = (works.parts.packages.clone(), orphan.stored.name.clone());
            let removed = tokio::task::spawn_blocking(move || packages.delete_stray(&orphan.stored)).await;
            if tally(removed.expect("deleting does not panic"), &name, swept) {
                swept.orphans_removed += 1;
            }
        }
    }
    if foreign.0 > 0 {
        tracing::warn!(
            files = foreign.0,
            bytes = foreign.1,
            "files of exports that the database has never known are left where they are; \
             is `database.url` the one that belongs to `storage.root`?"
        );
    }
    Ok(())
}

/// Clears the benches of exports that have ended, or are not known any more.
async fn clear_benches(works: &Works, swept: &mut Swept) -> Result<(), StoreError> {
    let packages = works.parts.packages.clone();
    let listed = tokio::task::spawn_blocking(move || packages.benches()).await.expect("no panic");
    let benches = listed.unwrap_or_else(|error| {
        tracing::warn!(%error, "the store cannot be listed; parts stay until the next deep sweep");
        swept.errors += 1;
        Vec::new()
    });
    for some in benches.chunks(BATCH as usize) {
        let needed = works.rows.under_way(some).await?;
        for export in some.iter().filter(|export| !needed.contains(export)) {
            let bench = works.parts.packages.bench(*export);
            let cleared = tokio::task::spawn_blocking(move || bench.clear()).await.expect("no panic");
            if tally(cleared.map(|()| 0), &export.to_string(), swept) {
                swept.orphans_removed += 1;
            }
        }
    }
    Ok(())
}

/// Exports of earlier versions can be searched from now on, too.
async fn put_into_words(works: &Works) -> Result<(), StoreError> {
    while works.rows.put_into_words(BATCH).await? == BATCH {}
    Ok(())
}

async fn prune(works: &Works, now: Timestamp, swept: &mut Swept) -> Result<(), StoreError> {
    let (database, records_end) = (&works.parts.database, now.minus(works.parts.keep_records));
    database.replies().prune(now).await?;
    database.api_tokens().prune(records_end).await?;
    database.sessions().prune(now.minus(KEPT_SESSIONS)).await?;
    database.charges().prune(now).await?;
    database.sweeps().prune(now.minus(KEPT_SWEEPS)).await?;
    works.rows.forget_days(now.minus(KEPT_DAYS)).await?;
    cut_audit(works, now).await?;
    loop {
        let pruned = works.rows.prune(records_end, BATCH).await?;
        swept.pruned_rows += pruned;
        if pruned < BATCH {
            return Ok(());
        }
    }
}

/// The audit has a retention of its own.
async fn cut_audit(works: &Works, now: Timestamp) -> Result<(), StoreError> {
    let before = now.minus(works.parts.keep_audit);
    loop {
        let gone = works.parts.database.audit().cut(before, now, AUDIT_BATCH).await?;
        if gone > 0 {
            tracing::info!(entries = gone, "the audit was cut at its oldest end");
        }
        if gone < AUDIT_BATCH {
            return Ok(());
        }
    }
}

async fn delete(works: &Works, key: &PackageKey, swept: &mut Swept) -> bool {
    let (packages, name) = (works.parts.packages.clone(), key.clone());
    let deleted = tokio::task::spawn_blocking(move || packages.delete(&name)).await;
    tally(deleted.expect("deleting does not panic"), key.as_str(), swept)
}

fn tally(deleted: Result<u64, StorageError>, name: &str, swept: &mut Swept) -> bool {
    match deleted {
        Ok(freed) => swept.freed_bytes += freed,
        Err(error) => {
            tracing::warn!(file = name, %error, "not deleted; the next sweep tries again");
            swept.errors += 1;
            return false;
        }
    }
    true
}

async fn report(works: &Works, now: Timestamp, swept: &Swept) -> Result<(), StoreError> {
    let metrics = &works.parts.metrics;
    metrics.cleanup_deleted.inc_by(swept.deleted_files + swept.orphans_removed);
    metrics.cleanup_freed_bytes.inc_by(swept.freed_bytes);
    metrics.cleanup_errors.inc_by(swept.errors);
    if swept.errors == 0 {
        metrics.cleanup_last_success.set(now.millis() as f64 / 1000.0);
    }
    let packages = works.parts.packages.clone();
    let (used, free) = tokio::task::spawn_blocking(move || (packages.used_bytes(), packages.free_bytes()))
        .await
        .expect("no panic");
    if let (Ok(used), Ok(free)) = (used, free) {
        metrics.storage_used_bytes.set(used as f64);
        metrics.storage_free_bytes.set(free as f64);
    }
    if *swept != Swept::default() {
        events::swept(swept);
    }
    Ok(())
}
