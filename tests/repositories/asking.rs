//! Asking: one job for identical requests, for as long as its package lives.

use std::collections::HashSet;

use exportd::db::{Cursor, Filter, Requested};
use exportd::domain::Status;

use super::{MINUTE, NOW, Rows, held, key_of, on_both, user, wanted};

on_both!(
    a_thousand_identical_requests_make_one_row,
    a_twin_lives_as_long_as_its_package,
    what_ended_without_a_package_is_no_twin,
    pages_follow_each_other_while_rows_are_added,
    a_list_is_narrowed_by_what_counts_now,
);

async fn a_thousand_identical_requests_make_one_row(rows: Rows) {
    let new = wanted("ada", "shop", NOW);
    let asked = (0..1_000).map(|_| {
        let (rows, new) = (rows.exports(), new.clone());
        tokio::spawn(async move { rows.request(&new, &key_of(&new), NOW).await.expect("an answer") })
    });
    let (mut made, mut ids) = (0, HashSet::new());
    for answer in futures_util::future::join_all(asked.collect::<Vec<_>>()).await {
        match answer.expect("no panic") {
            Requested::New(export) => {
                made += 1;
                ids.insert(export.id);
            }
            Requested::Twin(export) => drop(ids.insert(export.id)),
        }
    }
    assert_eq!((made, ids.len()), (1, 1));
    assert_eq!(rows.claim("w", 10, NOW).await.len(), 1);
}

async fn a_twin_lives_as_long_as_its_package(rows: Rows) {
    let first = rows.completed("ada", "shop").await;
    let (new, end) = (wanted("ada", "shop", NOW), NOW.plus(MINUTE));
    let last = end.minus(std::time::Duration::from_millis(1));
    let twin = rows.exports().twin(&key_of(&new), last).await.expect("an answer");
    assert_eq!(twin.map(|twin| twin.id), Some(first.id));
    assert_eq!(rows.exports().twin(&key_of(&new), end).await.expect("an answer"), None);

    // No sweep has been, and yet the expired one does not stand in the way.
    let second = rows.ask_for(&new, end).await;
    assert_ne!(second.id, first.id);
    assert_eq!(rows.found(&first).await.status, Status::Expired);
}

async fn what_ended_without_a_package_is_no_twin(rows: Rows) {
    let first = rows.ask("ada", "shop", NOW).await;
    rows.exports().ask_cancel(first.id, NOW).await.expect("cancelled");
    rows.ask("ada", "shop", NOW).await;
    let second = rows.claim("w", 1, NOW).await.pop().expect("a claim");
    rows.exports().ask_cancel(second.id, NOW).await.expect("asked");
    // It is being cancelled: nobody who asks now wants that one.
    let third = rows.ask("ada", "shop", NOW).await;
    assert!(rows.exports().cancelled(&held(&second), NOW).await.expect("written"));
    assert_eq!(rows.found(&third).await.status, Status::Queued);
}

async fn pages_follow_each_other_while_rows_are_added(rows: Rows) {
    let mut asked = Vec::new();
    // Many within one millisecond: the id decides then.
    for i in 0..25u64 {
        let now = NOW.plus(std::time::Duration::from_millis(i / 5));
        asked.push(rows.ask("ada", &format!("p{i}"), now).await.id);
    }
    rows.ask("bob", "p", NOW).await;
    asked.reverse();
    let filter = Filter { owner: Some(user("ada")), ..Filter::default() };
    let (mut seen, mut after): (Vec<_>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = rows.exports().list(&filter, after, 7, NOW).await.expect("a page");
        seen.extend(page.items.iter().map(|export| export.id));
        rows.ask("ada", &format!("new{}", seen.len()), NOW.plus(MINUTE)).await;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, asked);
}

async fn a_list_is_narrowed_by_what_counts_now(rows: Rows) {
    let done = rows.completed("ada", "shop").await;
    rows.ask("ada", "blog", NOW).await;
    let with = |status| Filter { statuses: vec![status], ..Filter::default() };
    let listed = async |filter: &Filter, now| {
        let page = rows.exports().list(filter, None, 50, now).await.expect("a page");
        page.items.iter().map(|export| export.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(&with(Status::Completed), NOW).await, [done.id]);
    // Expired by the clock, whether or not a sweep has been.
    assert_eq!(listed(&with(Status::Completed), NOW.plus(MINUTE)).await, []);
    assert_eq!(listed(&with(Status::Expired), NOW.plus(MINUTE)).await, [done.id]);
    let of_project = Filter { project: Some("shop".parse().expect("an id")), ..Filter::default() };
    assert_eq!(listed(&of_project, NOW).await, [done.id]);
}
