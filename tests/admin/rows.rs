//! What the rows behind it promise, on SQLite and on PostgreSQL.

use std::time::Duration;

use exportd::db::{Claim, Filter};
use exportd::domain::{Export, Status};

use crate::repositories::{MINUTE, NOW, Rows, on_both};

on_both!(
    nothing_is_claimed_while_it_is_paused_and_what_is_due_is_queued_all_the_same,
    a_pause_waits_for_claims_and_no_claim_comes_after_it,
    what_is_looked_for_is_meant_literally_whatever_its_case,
    a_package_is_kept_longer_within_its_bounds,
);

async fn claim(rows: &Rows, slots: u32) -> Vec<Export> {
    let claim =
        Claim { worker: "w".to_owned(), slots, per_user: 1_000, lease_for: MINUTE, now: NOW.plus(MINUTE) };
    rows.exports().claim(&claim).await.expect("a claim")
}

async fn nothing_is_claimed_while_it_is_paused_and_what_is_due_is_queued_all_the_same(rows: Rows) {
    let queue = rows.database.queue();
    rows.ask("ada", "now", NOW).await;
    queue.pause("root", NOW).await.expect("paused");
    queue.pause("eve", NOW.plus(MINUTE)).await.expect("paused");
    let paused = queue.paused().await.expect("told").expect("it is");
    assert_eq!((paused.at, paused.by.as_str()), (NOW, "root"), "it was already");
    assert!(claim(&rows, 4).await.is_empty());
    queue.resume().await.expect("resumed");
    assert_eq!(queue.paused().await.expect("told"), None);
    assert_eq!(claim(&rows, 4).await.len(), 1);
    let [running] = &queue.running(10).await.expect("told")[..] else { panic!("one runs") };
    assert_eq!((running.worker.as_str(), running.heard_at), ("w", NOW.plus(MINUTE)));
    let [load] = &queue.loads(10).await.expect("told")[..] else { panic!("one user") };
    assert_eq!((load.user.as_str(), load.queued, load.running), ("ada", 0, 1));
}

async fn a_pause_waits_for_claims_and_no_claim_comes_after_it(rows: Rows) {
    for i in 0..60 {
        rows.ask(&format!("u{}", i % 20), &format!("p{i}"), NOW).await;
    }
    for _ in 0..5 {
        let queue = rows.database.queue();
        let (_, (), _) = tokio::join!(
            claim(&rows, 3),
            async { queue.pause("root", NOW).await.expect("paused") },
            claim(&rows, 3)
        );
        let counts = rows.exports().counts().await.expect("counts");
        let others = tokio::join!(claim(&rows, 3), claim(&rows, 3));
        assert_eq!((others.0.len(), others.1.len()), (0, 0));
        assert_eq!(rows.exports().counts().await.expect("counts"), counts, "nothing begins after the pause");
        queue.resume().await.expect("resumed");
    }
}

async fn what_is_looked_for_is_meant_literally_whatever_its_case(rows: Rows) {
    for (owner, project) in [("ada", "Grün_50%"), ("ada", "grün-500"), ("bob", "GRÜN_50!")] {
        rows.ask(owner, project, NOW).await;
    }
    for (wanted, titles) in [
        ("grün", &["GRÜN_50!", "grün-500", "Grün_50%"][..]),
        ("GRÜN_", &["GRÜN_50!", "Grün_50%"]),
        ("50%", &["Grün_50%"]),
        ("50!", &["GRÜN_50!"]),
        ("n_5\\", &[]),
    ] {
        let filter = Filter { search: Some(wanted.to_owned()), ..Filter::default() };
        let page = rows.exports().list(&filter, None, 10, NOW).await.expect("a page");
        let mut found: Vec<_> = page.items.iter().map(|export| export.title.as_str()).collect();
        found.sort_unstable();
        let mut titles = titles.to_vec();
        titles.sort_unstable();
        assert_eq!(found, titles, "{wanted}");
        let (oldest, total) = rows.exports().oldest(&filter, 1, NOW).await.expect("told");
        assert_eq!((oldest.len(), total), (titles.len().min(1), titles.len() as u64), "{wanted}");
    }
    rows.change("UPDATE exports SET words = NULL WHERE owner = 'ada'").await;
    assert_eq!(rows.exports().put_into_words(1).await.expect("written"), 1);
    assert_eq!(rows.exports().put_into_words(9).await.expect("written"), 1);
    assert_eq!(rows.exports().put_into_words(9).await.expect("written"), 0);
}

async fn a_package_is_kept_longer_within_its_bounds(rows: Rows) {
    let export = rows.ask("ada", "shop", NOW).await;
    let longest = MINUTE * 3;
    let extend =
        async |until, now| rows.exports().extend(export.id, until, longest, now).await.expect("an answer");
    assert!(!extend(NOW.plus(MINUTE), NOW).await, "it is queued");
    let claimed = claim(&rows, 1).await.pop().expect("claimed");
    rows.complete(&claimed, &[]).await;
    let end = async || rows.exports().find(export.id).await.expect("told").expect("there").expires_at;
    for (until, end_then) in [(MINUTE * 2, MINUTE * 2), (Duration::ZERO, MINUTE * 2), (MINUTE * 9, longest)] {
        assert!(extend(NOW.plus(until), NOW).await);
        assert_eq!(end().await, Some(NOW.plus(end_then)));
    }
    assert!(!extend(NOW.plus(MINUTE * 9), NOW.plus(longest)).await, "it is expired");
    let log = rows.exports().events(export.id, 0, 100).await.expect("a log");
    let kept: Vec<_> = log.iter().filter(|line| line.kind == "extended").collect();
    assert_eq!((kept.len(), kept[0].status), (3, Status::Completed));
}
