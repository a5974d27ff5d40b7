//! Carrying out how an attempt ended: one guarded write, and what follows from it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::db::{Completion, Held, StoreError};
use crate::domain::{Allowance, Export, Failure, FailureCode, PackageKey, Timestamp, expires_at, human_size};
use crate::telemetry::whole_millis;

use super::ending::{Ending, Made};
use super::events;
use super::works::Works;

/// Between two tries to write while the database does not answer.
const TRY_AGAIN: Duration = Duration::from_millis(500);

/// Carries out `ending` for `export`: writes the row under its lease, deletes what became
/// garbage, counts, and rings.
///
/// A database that is away is waited for as long as the lease may last; after that the row is
/// another's to decide about, and what was made is garbage for the sweep.
pub async fn settle(works: Arc<Works>, export: Export, ending: Ending) {
    let held = Held { id: export.id, lease: export.lease };
    let outcome = match ending {
        Ending::Complete(made) => complete(&works, &export, &held, made).await,
        Ending::Requeue { wait, failure, burn } => requeue(&works, &export, &held, wait, failure, burn).await,
        Ending::Fail(failure) => fail(&works, &export, &held, &failure).await,
        Ending::Cancel(made) => cancel(&works, &export, &held, made).await,
        Ending::Abandon(made) => abandon(&works, made).await,
    };
    if matches!(outcome, Outcome::Completed | Outcome::Failed | Outcome::Cancelled) {
        clear_bench(&works, &export).await;
    }
    count(&works, &export, outcome);
    works.parts.bell.ring_for(export.id);
}

/// What became of the attempt, as metrics tell it.
#[derive(Clone, Copy)]
enum Outcome {
    Completed,
    Requeued,
    Failed,
    Cancelled,
    /// Another worker's row by now.
    Lost,
}

async fn complete(works: &Works, export: &Export, held: &Held, made: Made) -> Outcome {
    let now = works.parts.clock.now();
    // The ceiling was checked when the export was asked for.
    let expires_at = expires_at(now, export.retention, export.retention).unwrap_or(now);
    let complete = || {
        let (package, limits) = (&made.package, &works.parts.limits);
        works.rows.complete_within(held, package, &made.warnings, now, expires_at, limits)
    };
    match insist(works, complete).await {
        Ok(Completion::Done) => {
            tell_completed(works, export, &made, now);
            Outcome::Completed
        }
        Ok(Completion::OverStorage(allowance)) => {
            let failure = over_storage(made.package.size, allowance);
            discard(works, Some(made)).await;
            fail(works, export, held, &failure).await
        }
        // The row changed hands, or somebody cancelled while the package was being published.
        Ok(Completion::Lost) => cancel(works, export, held, Some(made)).await,
        // Whether it was written is unknown: the file must stay, the sweep knows by the row.
        Err(error) => {
            tracing::error!(export.id = %export.id, %error, "completion not written; left to the rescue");
            Outcome::Lost
        }
    }
}

fn tell_completed(works: &Works, export: &Export, made: &Made, now: Timestamp) {
    let (metrics, size) = (&works.parts.metrics, made.package.size);
    metrics.package_bytes.with_label_values(&[export.format.as_str()]).observe(size as f64);
    metrics.packed_source_bytes.inc_by(made.package.source_bytes);
    events::export_completed(export, made, now);
}

/// Why a package of `size` bytes is not kept.
fn over_storage(size: u64, allowance: Allowance) -> Failure {
    let Allowance { limit, used, .. } = allowance;
    let [size, limit, used] = [size, limit, used].map(human_size);
    Failure {
        code: FailureCode::QuotaExceeded,
        message: format!(
            "the package has {size}, and {used} of the {limit} that you may keep are taken; delete packages that you no longer need, or ask for a part with `paths`"
        ),
    }
}

async fn requeue(
    works: &Works,
    export: &Export,
    held: &Held,
    wait: Duration,
    failure: Option<Failure>,
    burn: bool,
) -> Outcome {
    let now = works.parts.clock.now();
    let written =
        insist(works, || works.rows.requeue(held, now, now.plus(wait), failure.as_ref(), burn)).await;
    match written {
        Ok(true) => {
            tracing::info!(export.id = %held.id, wait_ms = whole_millis(wait), burn, "export queued again");
            works.parts.bell.ring_for_work();
            Outcome::Requeued
        }
        // Only a cancellation can have come between.
        Ok(false) | Err(_) => cancel(works, export, held, None).await,
    }
}

async fn fail(works: &Works, export: &Export, held: &Held, failure: &Failure) -> Outcome {
    let now = works.parts.clock.now();
    match insist(works, || works.rows.fail(held, failure, now)).await {
        Ok(true) => {
            events::export_failed(export, failure, now);
            Outcome::Failed
        }
        Ok(false) | Err(_) => cancel(works, export, held, None).await,
    }
}

async fn cancel(works: &Works, export: &Export, held: &Held, made: Option<Made>) -> Outcome {
    discard(works, made).await;
    let now = works.parts.clock.now();
    match insist(works, || works.rows.cancelled(held, now)).await {
        Ok(true) => {
            events::export_cancelled(export, now);
            Outcome::Cancelled
        }
        Ok(false) => Outcome::Lost,
        Err(error) => {
            tracing::error!(export.id = %held.id, %error, "end not written; left to the rescue");
            Outcome::Lost
        }
    }
}

async fn abandon(works: &Works, made: Option<Made>) -> Outcome {
    discard(works, made).await;
    Outcome::Lost
}

/// Nobody goes on with the parts of an export that has ended.
async fn clear_bench(works: &Works, export: &Export) {
    let bench = works.parts.packages.bench(export.id);
    if let Ok(Err(error)) = tokio::task::spawn_blocking(move || bench.clear()).await {
        tracing::warn!(export.id = %export.id, %error, "its parts are not deleted; the deep sweep will");
    }
}

/// Deletes a published package that no row will ever name.
async fn discard(works: &Works, made: Option<Made>) {
    let Some(Made { package, .. }) = made else { return };
    let (packages, key): (_, PackageKey) = (works.parts.packages.clone(), package.key);
    let deleted = tokio::task::spawn_blocking(move || packages.delete(&key)).await;
    if let Ok(Err(error)) = deleted {
        tracing::warn!(%error, "garbage package not deleted; the deep sweep will");
    }
}

/// Writes, and tries again while the database does not answer and the lease may last.
async fn insist<T, F>(works: &Works, write: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let given_up_at = Instant::now() + works.parts.config.lease;
    loop {
        match write().await {
            Err(error) if error.is_transient() && Instant::now() < given_up_at => {
                tracing::warn!(%error, "the database does not answer; trying again");
                sleep(TRY_AGAIN).await;
            }
            written => return written,
        }
    }
}

fn count(works: &Works, export: &Export, outcome: Outcome) {
    let metrics = &works.parts.metrics;
    let (attempt, ended) = match outcome {
        Outcome::Completed => ("completed", Some("completed")),
        Outcome::Requeued => ("requeued", None),
        Outcome::Failed => ("failed", Some("failed")),
        Outcome::Cancelled => ("cancelled", Some("cancelled")),
        Outcome::Lost => ("lost", None),
    };
    metrics.job_attempts.with_label_values(&[attempt]).inc();
    if let Some(outcome) = ended {
        let (kind, format) = (export.selection.kind().as_str(), export.format.as_str());
        metrics.exports_total.with_label_values(&[kind, format, outcome]).inc();
        let took = took(export, works.parts.clock.now()).as_secs_f64();
        metrics.export_duration.with_label_values(&[kind, format]).observe(took);
    }
}

fn took(export: &Export, now: Timestamp) -> Duration {
    now.since(export.started_at.unwrap_or(now))
}
