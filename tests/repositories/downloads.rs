//! Downloads: counted once each, gone on with by a later process, listed; and what they put off.

use std::time::Duration;

use exportd::db::{DownloadRow, Recording};
use exportd::domain::{Export, ExportId, LinkId, Mode, Receiver, Status};
use uuid::Uuid;

use super::{MINUTE, NOW, Rows, by_ada, on_both};

on_both!(
    downloads_are_counted_once_each,
    by_whom_and_by_which_link_is_kept,
    a_later_process_goes_on_with_what_its_store_sent,
    pages_of_downloads_are_newest_first_and_complete,
    how_far_a_report_was_read_is_kept_for_each_store,
    expiry_is_put_off_up_to_the_ceiling_and_told_once,
    what_is_gone_stays_gone_however_it_is_downloaded,
);

/// The store that these tests count for.
const STORE: Uuid = Uuid::from_u128(7);

/// The download number `number`, of which `bytes` bytes had left when it ended.
pub(super) fn row(export: &Export, number: u128, bytes: u64, complete: bool) -> DownloadRow {
    let last_at = NOW.plus(Duration::from_millis(bytes));
    DownloadRow {
        id: Uuid::from_u128(number),
        export: export.id,
        to: by_ada(Some("curl")),
        mode: Mode::Direct,
        began_at: NOW,
        last_at,
        ended_at: Some(last_at),
        size: 1_000,
        bytes,
        covered: std::iter::once(0..bytes).collect(),
        complete,
        by: None,
    }
}

impl Rows {
    pub(super) async fn record(&self, downloads: &[DownloadRow]) {
        let recording = Recording { store: STORE, downloads, places: None };
        self.database.downloads().record(&recording).await.expect("written");
    }

    /// The downloads of an export, oldest first.
    async fn downloads_of(&self, export: &Export) -> Vec<DownloadRow> {
        let page = self.database.downloads().of(export.id, None, 100).await.expect("rows");
        page.items.into_iter().rev().collect()
    }
}

async fn downloads_are_counted_once_each(rows: Rows) {
    let export = rows.completed("ada", "shop").await;
    rows.record(&[row(&export, 1, 400, false)]).await;
    rows.record(&[row(&export, 1, 1_000, true), row(&export, 2, 10, false)]).await;
    let found = rows.found(&export).await;
    assert_eq!(found.tally.count, 2, "a row that changes is no new download");
    assert_eq!(found.tally.first_at, Some(NOW));
    let expected = [row(&export, 1, 1_000, true), row(&export, 2, 10, false)];
    assert_eq!(rows.downloads_of(&export).await, expected);
    assert_eq!(
        rows.database.downloads().find(expected[0].id).await.expect("told"),
        Some(expected[0].clone())
    );

    // Of an export whose row is gone by now: nothing to count, and no error.
    let orphan = DownloadRow { export: ExportId::new(), ..row(&export, 3, 10, false) };
    rows.record(std::slice::from_ref(&orphan)).await;
    assert_eq!(rows.database.downloads().find(orphan.id).await.expect("told"), None);

    // One that nginx tells of when its own time is long past.
    let earlier = DownloadRow { began_at: NOW.minus(MINUTE), ..row(&export, 4, 10, false) };
    rows.record(&[earlier]).await;
    let tally = rows.found(&export).await.tally;
    assert_eq!((tally.first_at, tally.last_at), (Some(NOW.minus(MINUTE)), Some(NOW)));
}

async fn by_whom_and_by_which_link_is_kept(rows: Rows) {
    let export = rows.completed("ada", "shop").await;
    let link = LinkId::new();
    let to = Receiver { link: Some(link), address: "2001:db8::1".parse().expect("one"), ..by_ada(None) };
    let by_link = DownloadRow { to, mode: Mode::Accel, ended_at: None, ..row(&export, 1, 0, false) };
    rows.record(std::slice::from_ref(&by_link)).await;
    assert_eq!(rows.downloads_of(&export).await, [by_link]);
    let log = rows.exports().events(export.id, 0, 100).await.expect("a log");
    let told = &log.last().expect("a line").message;
    // An id may well have these letters in it.
    let without_id = told.replace(&link.to_string(), "");
    assert!(without_id != *told && !without_id.contains("ada"), "{told}");
}

async fn a_later_process_goes_on_with_what_its_store_sent(rows: Rows) {
    let export = rows.completed("ada", "shop").await;
    let under_way = DownloadRow { ended_at: None, ..row(&export, 1, 10, false) };
    let recent = row(&export, 2, 900, false);
    rows.record(&[under_way.clone(), recent.clone(), row(&export, 3, 20, false)]).await;
    let elsewhere = DownloadRow { ended_at: None, ..row(&export, 4, 950, false) };
    let other = Recording { store: Uuid::from_u128(8), downloads: &[elsewhere], places: None };
    rows.database.downloads().record(&other).await.expect("written");

    let since = NOW.plus(Duration::from_millis(900));
    let take_over = async |store| rows.database.downloads().take_over(store, since).await.expect("rows");
    assert_eq!(take_over(STORE).await, [under_way.clone(), recent.clone()]);
    assert_eq!(take_over(STORE).await, [recent], "what was under way has ended, long ago");
    let ended = rows.database.downloads().find(under_way.id).await.expect("told").expect("a row");
    assert_eq!(ended.ended_at, Some(under_way.last_at));
    assert_eq!(take_over(other.store).await.len(), 1, "another store's is left alone");
}

async fn pages_of_downloads_are_newest_first_and_complete(rows: Rows) {
    let export = rows.completed("ada", "shop").await;
    let all: Vec<_> = (0..7)
        .map(|number| {
            let began_at = NOW.plus(Duration::from_millis(number / 2));
            DownloadRow { began_at, ..row(&export, u128::from(number), 10, false) }
        })
        .collect();
    rows.record(&all).await;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = rows.database.downloads().of(export.id, after, 3).await.expect("a page");
        seen.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    seen.reverse();
    assert_eq!(seen, all);
}

async fn how_far_a_report_was_read_is_kept_for_each_store(rows: Rows) {
    let downloads = rows.database.downloads();
    assert_eq!(downloads.places(STORE).await.expect("told"), None);
    for number in 0..2 {
        let places = serde_json::json!([{"inode": number}]);
        let recording = Recording { store: STORE, downloads: &[], places: Some(&places) };
        downloads.record(&recording).await.expect("written");
        assert_eq!(downloads.places(STORE).await.expect("told"), Some(places));
    }
    rows.record(&[]).await;
    assert!(downloads.places(STORE).await.expect("told").is_some(), "left as it was");
    assert_eq!(downloads.places(Uuid::nil()).await.expect("told"), None);
}

async fn expiry_is_put_off_up_to_the_ceiling_and_told_once(rows: Rows) {
    let export = rows.completed("ada", "shop").await;
    let keep = async |until, now| rows.exports().keep(export.id, until, MINUTE * 5, now).await.expect("told");
    assert_eq!(keep(NOW.plus(MINUTE / 2), NOW).await, None, "never closer");
    assert_eq!(keep(NOW.plus(MINUTE * 2), NOW).await, Some(NOW.plus(MINUTE * 2)));
    assert_eq!(rows.found(&export).await.expires_at, Some(NOW.plus(MINUTE * 2)));
    let later = NOW.plus(MINUTE);
    assert_eq!(keep(NOW.plus(MINUTE * 9), later).await, Some(NOW.plus(MINUTE * 5)), "never beyond");
    assert_eq!(keep(NOW.plus(MINUTE * 10), later).await, None);
    let log = rows.exports().events(export.id, 0, 100).await.expect("a log");
    assert_eq!(log.iter().filter(|event| event.kind == "kept").count(), 1);
    let forever = rows.exports().keep(export.id, later.plus(MINUTE * 9), Duration::MAX, later).await;
    assert_eq!(forever.expect("told"), Some(later.plus(MINUTE * 9)));
}

async fn what_is_gone_stays_gone_however_it_is_downloaded(rows: Rows) {
    let (expired, deleted) = (rows.completed("ada", "shop").await, rows.completed("ada", "blog").await);
    let running = rows.running("ada", "site").await;
    let end = NOW.plus(MINUTE);
    rows.exports().delete(deleted.id, NOW).await.expect("told");
    for export in [&expired, &deleted, &running] {
        let kept = rows.exports().keep(export.id, end.plus(MINUTE), MINUTE * 9, end).await;
        assert_eq!(kept.expect("told"), None, "{}", export.title);
    }
    assert_eq!(rows.found(&expired).await.expires_at, Some(end));
    assert_eq!(rows.found(&expired).await.status_at(end), Status::Expired);
    let just_before = end.minus(Duration::from_millis(1));
    let kept = rows.exports().keep(expired.id, end.plus(MINUTE), MINUTE * 9, just_before).await;
    assert_eq!(kept.expect("told"), Some(end.plus(MINUTE)), "until then it is there");
}
