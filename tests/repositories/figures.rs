//! Figures, pages by counting, and what is due: what rows tell of many at once.

use std::time::Duration;

use exportd::db::{Filter, Middle};
use exportd::domain::{Format, Kind, Status};

use super::{MINUTE, NOW, Rows, held, on_both, user, wanted};

on_both!(
    every_export_counts_once_on_its_day_and_where_it_stands,
    the_middle_is_that_of_what_has_a_package,
    pages_by_counting_meet_and_tell_how_many_there_are,
    what_is_due_is_queued_once,
);

const DAY: Duration = Duration::from_secs(86_400);

async fn every_export_counts_once_on_its_day_and_where_it_stands(rows: Rows) {
    rows.completed("ada", "shop").await;
    rows.completed("ada", "blog").await;
    rows.completed("bob", "other").await;
    rows.ask("ada", "waiting", NOW.minus(DAY)).await;
    let (from, soon) = (NOW.minus(2 * DAY), NOW.plus(Duration::from_secs(1)));
    let ada = user("ada");
    let stats = rows.exports().stats(Some(&ada), from, soon).await.expect("figures");
    let told: Vec<_> = stats
        .lots
        .iter()
        .map(|lot| (lot.day.date(), lot.status, lot.exports, lot.bytes, lot.files))
        .collect();
    let (yesterday, today) = (NOW.minus(DAY).date(), NOW.date());
    assert_eq!(told, [(yesterday, Status::Queued, 1, 0, 0), (today, Status::Completed, 2, 2_000, 6)]);
    assert!(stats.lots.iter().all(|lot| (lot.kind, lot.format) == (Kind::Project, Format::Zip)));
    assert_eq!(stats.lots[1].largest, 1_000);

    let late = rows.exports().stats(None, from, NOW.plus(MINUTE)).await.expect("figures");
    let expired: Vec<_> = late.lots.iter().map(|lot| (lot.status, lot.exports)).collect();
    assert_eq!(expired, [(Status::Queued, 1), (Status::Expired, 3)], "everyone's, expired at the instant");
    let none = rows.exports().stats(Some(&user("eve")), from, soon).await.expect("figures");
    assert_eq!((none.lots.len(), none.middle), (0, None));
    let today = rows.exports().stats(Some(&ada), NOW, soon).await.expect("figures");
    assert_eq!(today.lots.len(), 1, "nothing from before");
}

async fn the_middle_is_that_of_what_has_a_package(rows: Rows) {
    for seconds in [1u64, 2, 3, 100] {
        let export = rows.running("ada", &format!("p{seconds}")).await;
        let mut package = super::package(&export);
        package.size = seconds * 10;
        let done = NOW.plus(Duration::from_secs(seconds));
        let written = rows.exports().complete(&held(&export), &package, &[], done, done.plus(MINUTE)).await;
        assert!(written.expect("an answer"));
    }
    rows.running("ada", "still").await;
    let stats = rows.exports().stats(Some(&user("ada")), NOW, NOW).await.expect("figures");
    let (took, took_mostly) = (Duration::from_secs(2), Duration::from_secs(100));
    assert_eq!(stats.middle, Some(Middle { size: 20, took, took_mostly }));
    let done = stats.lots.iter().find(|lot| lot.status == Status::Completed).expect("some");
    assert_eq!((done.took, done.longest), (Duration::from_secs(106), took_mostly));
    assert_eq!((done.exports, done.bytes, done.largest), (4, 1_060, 1_000));
}

async fn pages_by_counting_meet_and_tell_how_many_there_are(rows: Rows) {
    let mut asked = Vec::new();
    for number in 0..5u64 {
        let at = NOW.plus(Duration::from_secs(number));
        asked.push(rows.ask("ada", &format!("p{number}"), at).await.id);
    }
    rows.ask("bob", "other", NOW).await;
    asked.reverse();
    let filter = Filter { owner: Some(user("ada")), ..Filter::default() };
    let mut seen = Vec::new();
    for offset in [0, 2, 4, 6] {
        let (page, total) = rows.exports().slice(&filter, offset, 2, NOW).await.expect("a page");
        assert_eq!(total, 5);
        seen.extend(page.into_iter().map(|export| export.id));
    }
    assert_eq!(seen, asked);
    let none = Filter { statuses: vec![Status::Failed], ..filter };
    let (page, total) = rows.exports().slice(&none, 0, 2, NOW).await.expect("a page");
    assert!(page.is_empty() && total == 0);
}

async fn what_is_due_is_queued_once(rows: Rows) {
    let exports = rows.exports();
    for (project, in_minutes) in [("soon", 1), ("later", 2)] {
        let new = wanted("ada", project, NOW.plus(MINUTE * in_minutes));
        assert_eq!(rows.ask_for(&new, NOW).await.status, Status::Scheduled);
    }
    assert!(exports.queue_due(NOW).await.expect("told").is_empty());
    let queued = exports.queue_due(NOW.plus(MINUTE)).await.expect("told");
    let told: Vec<_> = queued.iter().map(|export| (export.title.as_str(), export.status)).collect();
    assert_eq!(told, [("soon", Status::Queued)]);
    assert!(exports.queue_due(NOW.plus(MINUTE)).await.expect("told").is_empty(), "once");
    let log = exports.events(queued[0].id, 0, 10).await.expect("a log");
    assert_eq!(log.iter().filter(|line| line.status == Status::Queued).count(), 1);
}
