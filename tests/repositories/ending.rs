//! Ending: completion, expiry, sweeping, and what the log says of it.

use std::time::Duration;

use exportd::domain::{Failure, FailureCode, PackageKey, Status, Warning, WarningCode};

use super::{MINUTE, NOW, Rows, held, on_both, package};

on_both!(
    a_completed_row_tells_what_was_made,
    expiry_comes_at_its_instant_and_not_before,
    only_files_that_a_live_row_needs_are_in_use,
    old_rows_go_with_all_that_was_told_of_them,
    a_failure_keeps_its_reason_and_backs_off,
    the_log_is_in_order_and_can_be_gone_on_with,
    counts_are_by_status_and_the_oldest_is_known,
);

async fn a_completed_row_tells_what_was_made(rows: Rows) {
    let export = rows.running("ada", "shop").await;
    let warnings = [Warning {
        code: WarningCode::NameEscaped,
        path: Some("a\"b'\\\u{1F980}".to_owned()),
        message: "told".to_owned(),
    }];
    rows.complete(&export, &warnings).await;
    let found = rows.found(&export).await;
    assert_eq!(found.package, Some(package(&export)));
    assert_eq!(found.warnings, warnings);
    assert_eq!((found.completed_at, found.expires_at), (Some(NOW), Some(NOW.plus(MINUTE))));
    assert_eq!((found.progress.percent(), found.progress.bytes_read), (100, 5_000));
    assert!(!rows.exports().fail(&held(&export), &failure(), NOW).await.expect("told"), "it has ended");
}

async fn expiry_comes_at_its_instant_and_not_before(rows: Rows) {
    let export = rows.completed("ada", "shop").await;
    let end = NOW.plus(MINUTE);
    let before = end.minus(Duration::from_millis(1));
    assert!(rows.exports().expire_due(before, 10).await.expect("a sweep").is_empty());
    assert_eq!(export.status_at(before), Status::Completed);
    assert_eq!(export.status_at(end), Status::Expired);
    let expired = rows.exports().expire_due(end, 10).await.expect("a sweep");
    assert_eq!(expired.iter().map(|export| export.id).collect::<Vec<_>>(), [export.id]);
    let unswept = rows.exports().unswept(10).await.expect("an answer");
    assert_eq!(unswept, [(export.id, package(&export).key)]);
    rows.exports().mark_swept(export.id, end).await.expect("written");
    assert_eq!(rows.exports().unswept(10).await.expect("an answer"), []);
}

async fn only_files_that_a_live_row_needs_are_in_use(rows: Rows) {
    let done = rows.completed("ada", "shop").await;
    let running = rows.running("ada", "blog").await;
    let stale = PackageKey::new(done.id, done.lease + 1, done.format);
    let stranger = PackageKey::new(exportd::domain::ExportId::new(), 1, done.format);
    let failed = rows.running("bob", "blog").await;
    assert!(rows.exports().fail(&held(&failed), &failure(), NOW).await.expect("told"));
    let [of_done, of_running, of_failed] = [&done, &running, &failed].map(|export| package(export).key);
    let keys = [of_done.clone(), of_running.clone(), of_failed, stale, stranger];
    let in_use = rows.exports().keys_in_use(&keys).await.expect("an answer");
    assert_eq!(in_use, [of_done.clone(), of_running].into());

    assert!(rows.exports().delete(done.id, NOW).await.expect("told"));
    assert!(!rows.exports().delete(done.id, NOW).await.expect("told"), "once");
    let deleted = rows.found(&done).await;
    assert_eq!((deleted.status, deleted.expires_at), (Status::Expired, Some(NOW)));
    rows.exports().mark_swept(done.id, NOW).await.expect("written");
    assert!(rows.exports().keys_in_use(&[of_done]).await.expect("an answer").is_empty());
}

async fn old_rows_go_with_all_that_was_told_of_them(rows: Rows) {
    let done = rows.completed("ada", "shop").await;
    let failed = rows.running("ada", "blog").await;
    rows.exports().fail(&held(&failed), &failure(), NOW).await.expect("told");
    let waiting = rows.ask("ada", "site", NOW).await;
    let later = NOW.plus(MINUTE * 10);
    assert_eq!(rows.exports().prune(later, 10).await.expect("a sweep"), 1, "the failed one");
    rows.exports().expire_due(later, 10).await.expect("a sweep");
    assert_eq!(rows.exports().prune(later, 10).await.expect("a sweep"), 0, "its file is still there");
    rows.exports().mark_swept(done.id, later).await.expect("written");
    assert_eq!(rows.exports().prune(later, 10).await.expect("a sweep"), 1);
    assert!(rows.exports().events(done.id, 0, 100).await.expect("an answer").is_empty());
    assert_eq!(rows.found(&waiting).await.status, Status::Queued);
}

async fn a_failure_keeps_its_reason_and_backs_off(rows: Rows) {
    let export = rows.running("ada", "shop").await;
    let wait = NOW.plus(MINUTE);
    assert!(rows.exports().requeue(&held(&export), NOW, wait, Some(&failure()), true).await.expect("told"));
    assert!(rows.claim("w", 1, NOW).await.is_empty(), "not before its time");
    let again = rows.claim("w", 1, wait).await.pop().expect("a claim");
    assert_eq!(again.attempt, 2);
    assert!(rows.exports().fail(&held(&again), &failure(), wait).await.expect("told"));
    let ended = rows.found(&export).await;
    assert_eq!((ended.status, ended.failure), (Status::Failed, Some(failure())));
}

async fn the_log_is_in_order_and_can_be_gone_on_with(rows: Rows) {
    let export = rows.completed("ada", "shop").await;
    let all = rows.exports().events(export.id, 0, 100).await.expect("a log");
    let states: Vec<_> =
        all.iter().filter(|event| event.kind == "status").map(|event| event.status).collect();
    assert_eq!(states, [Status::Queued, Status::Processing, Status::Completed]);
    assert!(all.is_sorted_by(|earlier, later| earlier.seq < later.seq));
    let rest = rows.exports().events(export.id, all[0].seq, 100).await.expect("a log");
    assert_eq!(rest, all[1..]);
}

async fn counts_are_by_status_and_the_oldest_is_known(rows: Rows) {
    rows.completed("ada", "shop").await;
    rows.ask("ada", "blog", NOW.plus(MINUTE)).await;
    rows.ask("bob", "blog", NOW).await;
    let counts = rows.exports().counts().await.expect("counts");
    let of = |status| counts.iter().find(|(known, _)| *known == status).map(|(_, count)| *count);
    assert_eq!((of(Status::Queued), of(Status::Completed), of(Status::Failed)), (Some(2), Some(1), Some(0)));
    assert_eq!(rows.exports().oldest_queued().await.expect("an answer"), Some(NOW));
}

fn failure() -> Failure {
    Failure { code: FailureCode::Internal, message: "it's \"this\"".to_owned() }
}
