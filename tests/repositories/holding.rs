//! Holding: whoever lost a row can write nothing into it, and the dead are found.

use std::time::Duration;

use exportd::db::{Beat, Gone};
use exportd::domain::{Failure, FailureCode, Format, Kind, Progress, Status};
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use uuid::Uuid;

use super::{LOOK_AGAIN, MINUTE, NOW, Rows, held, on_both, package};

on_both!(
    a_stale_lease_writes_nothing,
    a_beat_keeps_the_row_and_hears_of_cancellation,
    nothing_is_rescued_while_it_beats,
    three_rescues_fail_an_export_and_burn_no_attempt,
    whoever_held_the_store_before_is_dead,
    a_cancelled_row_of_a_dead_worker_is_cancelled,
    a_lease_is_never_given_twice,
);

fn failure() -> Failure {
    Failure { code: FailureCode::Internal, message: "a test".to_owned() }
}

async fn a_stale_lease_writes_nothing(rows: Rows) {
    let stale = rows.running("ada", "shop").await;
    let late = NOW.plus(MINUTE * 2);
    assert_eq!(rows.exports().rescue(late, Gone::Silent).await.expect("a rescue").len(), 1);
    let current = rows.claim("v", 1, late).await.pop().expect("claimed again");
    assert_eq!((current.id, current.lease > stale.lease), (stale.id, true));

    let (exports, held) = (rows.exports(), held(&stale));
    let before = rows.found(&stale).await;
    assert!(!exports.complete(&held, &package(&stale), &[], late, late.plus(MINUTE)).await.expect("told"));
    assert!(!exports.fail(&held, &failure(), late).await.expect("told"));
    assert!(!exports.requeue(&held, late, late, None, true).await.expect("told"));
    let progress = Progress { files_done: 9, ..Progress::default() };
    let beat = exports.beat(&held, late.plus(MINUTE), MINUTE, Some(&progress)).await.expect("told");
    assert_eq!(beat, Beat::Lost);
    assert_eq!(exports.peek(&held).await.expect("told"), Beat::Lost);
    exports.ask_cancel(stale.id, late).await.expect("asked");
    assert!(!exports.cancelled(&held, late).await.expect("told"));
    let after = rows.found(&stale).await;
    assert_eq!(after.status, Status::Cancelling);
    assert_eq!((after.lease, after.progress, after.package), (before.lease, before.progress, None));
}

async fn a_beat_keeps_the_row_and_hears_of_cancellation(rows: Rows) {
    let export = rows.running("ada", "shop").await;
    let progress = Progress { files_done: 9, ..Progress::default() };
    let (exports, held) = (rows.exports(), held(&export));
    assert_eq!(exports.beat(&held, NOW, MINUTE, Some(&progress)).await.expect("told"), Beat::Held);
    assert_eq!(exports.beat(&held, NOW, MINUTE, None).await.expect("told"), Beat::Held);
    assert_eq!(rows.found(&export).await.progress, progress, "a beat without progress leaves it");
    assert_eq!(exports.ask_cancel(export.id, NOW).await.expect("asked"), Some(Status::Cancelling));
    assert_eq!(exports.peek(&held).await.expect("told"), Beat::CancelAsked);
    assert_eq!(exports.beat(&held, NOW, MINUTE, None).await.expect("told"), Beat::CancelAsked);
    let written = exports.complete(&held, &package(&export), &[], NOW, NOW.plus(MINUTE)).await.expect("told");
    assert!(!written, "what is to be cancelled is not completed");
    assert!(exports.cancelled(&held, NOW).await.expect("told"));
}

async fn nothing_is_rescued_while_it_beats(rows: Rows) {
    let export = rows.running("ada", "shop").await;
    // Hours pass, and it beats all the while.
    for hour in 1..5 {
        let now = NOW.plus(MINUTE * 60 * hour);
        assert!(rows.exports().beat(&held(&export), now, MINUTE, None).await.expect("told") == Beat::Held);
        let within = now.plus(MINUTE - Duration::from_millis(1));
        assert_eq!(rows.exports().rescue(within, Gone::Silent).await.expect("a rescue"), []);
    }
}

async fn three_rescues_fail_an_export_and_burn_no_attempt(rows: Rows) {
    let export = rows.ask("ada", "shop", NOW).await;
    for round in 1..=3u32 {
        let now = NOW.plus(MINUTE * 2 * round);
        let claimed = rows.claim("w", 1, now).await.pop().expect("a claim");
        assert_eq!((claimed.attempt, claimed.rescues), (1, round - 1));
        let rescued = rows
            .exports()
            .rescue(now.plus(MINUTE + Duration::from_millis(1)), Gone::Silent)
            .await
            .expect("one");
        assert_eq!(rescued.len(), 1);
        assert_eq!(rescued[0].rescues, round);
        assert_eq!(
            (rescued[0].export.selection.kind(), rescued[0].export.format),
            (Kind::Project, Format::Zip),
            "to be counted as"
        );
    }
    let ended = rows.found(&export).await;
    assert_eq!(ended.status, Status::Failed);
    assert_eq!(ended.failure.map(|failure| failure.code), Some(FailureCode::CrashedItsWorker));
}

async fn whoever_held_the_store_before_is_dead(rows: Rows) {
    let (ours, theirs) = (Uuid::new_v4(), Uuid::new_v4());
    for project in ["a", "b"] {
        rows.ask("ada", project, NOW).await;
    }
    let mine = rows.claim(&format!("{ours}.host.1"), 1, NOW).await.pop().expect("a claim");
    let other = rows.claim(&format!("{theirs}.host.1"), 1, NOW).await.pop().expect("a claim");
    let rescued = rows.exports().rescue(NOW, Gone::HeldStore(ours)).await.expect("a rescue");
    assert_eq!(rescued.iter().map(|rescued| rescued.export.id).collect::<Vec<_>>(), [mine.id]);
    assert_eq!(rows.found(&other).await.status, Status::Processing, "another store's worker may live");
}

async fn a_cancelled_row_of_a_dead_worker_is_cancelled(rows: Rows) {
    let export = rows.running("ada", "shop").await;
    rows.exports().ask_cancel(export.id, NOW).await.expect("asked");
    rows.exports().rescue(NOW.plus(MINUTE * 2), Gone::Silent).await.expect("a rescue");
    assert_eq!(rows.found(&export).await.status, Status::Cancelled);
}

async fn a_lease_is_never_given_twice(rows: Rows) {
    let export = rows.ask("ada", "shop", NOW).await;
    let mut leases = Vec::new();
    for round in 0..4 {
        let claimed = rows.claim("w", 1, NOW).await.pop().expect("a claim");
        leases.push(claimed.lease);
        if round % 2 == 0 {
            let gone = rows.exports().rescue(NOW.plus(MINUTE * 2), Gone::Silent).await.expect("a rescue");
            assert_eq!(gone.len(), 1);
        } else {
            assert!(rows.exports().requeue(&held(&claimed), NOW, NOW, None, true).await.expect("told"));
        }
    }
    assert!(leases.is_sorted_by(|earlier, later| earlier < later), "{leases:?}");
    assert_eq!(rows.found(&export).await.attempt, 2, "rescues burn none, failures do");
}

/// On PostgreSQL, where one may read while another writes; SQLite lets one write at a time.
#[test]
fn who_cancels_while_the_row_goes_back_to_the_queue_is_heard() {
    super::on_postgres(async |rows: Rows| {
        let export = rows.running("ada", "shop").await;
        let node = sea_orm::Database::connect(&rows.config.url).await.expect("a connection");
        let giving_back = node.begin().await.expect("a transaction");
        let text = format!("UPDATE exports SET status = 'queued' WHERE id = '{}'", export.id);
        giving_back.execute_unprepared(&text).await.expect("written");
        let asked = tokio::spawn({
            let (exports, id) = (rows.exports(), export.id);
            async move { exports.ask_cancel(id, NOW).await.expect("told") }
        });
        let waits =
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waits = Statement::from_string(DbBackend::Postgres, waits);
        while node.query_one_raw(waits.clone()).await.expect("an answer").is_none() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        giving_back.commit().await.expect("written");
        assert_eq!(asked.await.expect("no panic"), Some(Status::Cancelled));
        assert_eq!(rows.found(&export).await.status, Status::Cancelled);
    });
}
