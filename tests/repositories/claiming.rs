//! Claiming: each once, fairly, within the caps.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use exportd::domain::{Limit, Limits, Status};
use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{MINUTE, NOW, Rows, on_both, wanted};

on_both!(
    eight_claimers_at_once_share_what_there_is,
    users_take_turns_however_much_one_asked_for,
    a_user_whose_jobs_end_at_once_does_not_go_first_again,
    one_user_never_runs_more_than_the_cap,
    the_cap_holds_when_many_claim_at_once,
    priority_is_a_head_start_and_not_a_wall,
    whoever_cannot_begin_stands_in_nobody_s_way,
    the_future_waits_and_is_told,
    a_place_in_the_queue_is_the_order_of_claims,
);

async fn eight_claimers_at_once_share_what_there_is(rows: Rows) {
    for i in 0..200 {
        rows.ask(&format!("u{}", i % 80), &format!("p{i}"), NOW).await;
    }
    let rows = std::sync::Arc::new(rows);
    let claimers = (0..8).map(|n| {
        let rows = std::sync::Arc::clone(&rows);
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = rows.claim(&format!("w{n}"), 3, NOW).await;
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(claimed.iter().map(|export| export.id));
            }
        })
    });
    let claimed = futures_util::future::join_all(claimers.collect::<Vec<_>>()).await;
    let claimed: Vec<_> = claimed.into_iter().flat_map(|mine| mine.expect("no panic")).collect();
    assert_eq!(claimed.len(), 200, "every one");
    assert_eq!(claimed.iter().collect::<HashSet<_>>().len(), 200, "once");
}

async fn users_take_turns_however_much_one_asked_for(rows: Rows) {
    for i in 0..50 {
        rows.ask("ada", &format!("p{i}"), NOW).await;
    }
    let later = NOW.plus(Duration::from_secs(1));
    rows.ask("bob", "p", later).await;
    let mut owners = Vec::new();
    for _ in 0..3 {
        let claimed = rows.claim("w", 1, later).await.pop().expect("a claim");
        owners.push(claimed.owner.to_string());
    }
    let bob = owners.iter().position(|owner| owner == "bob");
    assert!(bob.is_some_and(|place| place <= 1), "bob waits for one job at most: {owners:?}");
}

async fn a_user_whose_jobs_end_at_once_does_not_go_first_again(rows: Rows) {
    let later = NOW.plus(Duration::from_secs(1));
    for i in 0..3 {
        rows.ask("ada", &format!("p{i}"), NOW).await;
        rows.ask("bob", &format!("p{i}"), later).await;
    }
    let mut owners = Vec::new();
    for i in 1..=6 {
        let claimed = rows.claim("w", 1, later.plus(Duration::from_secs(i))).await.pop().expect("a claim");
        rows.complete(&claimed, &[]).await;
        owners.push(claimed.owner.to_string());
    }
    assert_eq!(owners, ["ada", "bob", "ada", "bob", "ada", "bob"]);
}

async fn one_user_never_runs_more_than_the_cap(rows: Rows) {
    for i in 0..5 {
        rows.ask("ada", &format!("p{i}"), NOW).await;
    }
    let claimed = rows.claim("w", 10, NOW).await;
    assert_eq!(claimed.len(), 3);
    assert!(rows.claim("v", 10, NOW).await.is_empty(), "on any node");
    rows.complete(&claimed[0], &[]).await;
    assert_eq!(rows.claim("v", 10, NOW).await.len(), 1, "one ended, one begins");
}

async fn the_cap_holds_when_many_claim_at_once(rows: Rows) {
    for i in 0..40 {
        rows.ask(["ada", "bob"][i % 2], &format!("p{i}"), NOW).await;
    }
    let rows = std::sync::Arc::new(rows);
    let claimers = (0..8).map(|n| {
        let rows = std::sync::Arc::clone(&rows);
        tokio::spawn(async move { rows.claim(&format!("w{n}"), 4, NOW).await })
    });
    let mut running: HashMap<String, u32> = HashMap::new();
    for claimed in futures_util::future::join_all(claimers.collect::<Vec<_>>()).await {
        for export in claimed.expect("no panic") {
            *running.entry(export.owner.to_string()).or_default() += 1;
        }
    }
    assert!(running.values().all(|count| *count <= 3), "{running:?}");
}

/// On PostgreSQL, where claims of several nodes overlap; SQLite lets one write at a time.
#[test]
fn what_another_node_has_locked_is_passed_over_and_not_waited_for() {
    super::on_postgres(async |rows: Rows| {
        for owner in ["ada", "bob", "eve"] {
            rows.ask(owner, "p", NOW).await;
        }
        let node = sea_orm::Database::connect(&rows.config.url).await.expect("a connection");
        let claiming = node.begin().await.expect("a transaction");
        for lock in [
            "SELECT 1 FROM tenants WHERE user_id = 'ada' FOR UPDATE",
            "SELECT 1 FROM exports WHERE owner = 'bob' FOR UPDATE",
        ] {
            claiming.execute_unprepared(lock).await.expect("locked");
        }
        let claimed = rows.claim("w", 10, NOW).await;
        assert_eq!(claimed.iter().map(|export| export.owner.as_str()).collect::<Vec<_>>(), ["eve"]);
        claiming.rollback().await.expect("unlocked");
        assert_eq!(rows.claim("w", 10, NOW).await.len(), 2);
    });
}

async fn priority_is_a_head_start_and_not_a_wall(rows: Rows) {
    let mut urgent = wanted("ada", "urgent", NOW.plus(MINUTE));
    urgent.priority = 5;
    rows.ask("ada", "usual", NOW).await;
    rows.ask_for(&urgent, NOW.plus(MINUTE)).await;
    let first = rows.claim("w", 1, NOW.plus(MINUTE)).await.pop().expect("a claim");
    assert_eq!(first.title, "urgent");

    // An hour's wait outweighs five steps of ten minutes.
    let later = NOW.plus(MINUTE * 62);
    let mut urgent = wanted("ada", "urgent again", later);
    urgent.priority = 5;
    rows.ask_for(&urgent, later).await;
    let second = rows.claim("w", 1, later).await.pop().expect("a claim");
    assert_eq!(second.title, "usual");
}

async fn whoever_cannot_begin_stands_in_nobody_s_way(rows: Rows) {
    // Users who wait for another attempt, and one who runs as much as anybody may.
    for i in 0..10 {
        let export = rows.running(&format!("u{i}"), "p").await;
        let later = NOW.plus(MINUTE);
        let again = rows.exports().requeue(&super::held(&export), NOW, later, None, true).await;
        assert!(again.expect("told"));
    }
    for i in 0..5 {
        rows.ask("ada", &format!("p{i}"), NOW).await;
    }
    assert_eq!(rows.claim("w", 5, NOW).await.len(), 3);
    rows.ask("zoe", "p", NOW).await;
    let claimed = rows.claim("w", 1, NOW).await;
    assert_eq!(claimed.iter().map(|export| export.owner.as_str()).collect::<Vec<_>>(), ["zoe"]);
}

async fn the_future_waits_and_is_told(rows: Rows) {
    let due = NOW.plus(MINUTE);
    let export = rows.ask_for(&wanted("ada", "shop", due), NOW).await;
    assert_eq!(export.status, Status::Scheduled);
    assert!(rows.claim("w", 1, NOW).await.is_empty());
    assert_eq!(rows.exports().next_due(NOW).await.expect("an answer"), Some(due));
    let claimed = rows.claim("w", 1, due).await;
    assert_eq!(claimed.len(), 1);
    assert_eq!(rows.exports().next_due(due).await.expect("an answer"), None);
}

async fn a_place_in_the_queue_is_the_order_of_claims(rows: Rows) {
    let mut asked = Vec::new();
    for (owner, project) in [("ada", "a1"), ("ada", "a2"), ("ada", "a3"), ("bob", "b1"), ("bob", "b2")] {
        asked.push(rows.ask(owner, project, NOW).await);
    }
    // Six slots, on two nodes; a third has not been heard of for too long.
    let nodes = rows.database.nodes();
    let long_ago = NOW.minus(MINUTE * 10);
    for (worker, slots, seen) in [("dead", 90, long_ago), ("w", 2, NOW), ("v", 4, NOW)] {
        nodes.seen(worker, slots, seen, long_ago).await.expect("written");
    }
    let configured = Limits::from_fn(|_| Limit::AtMost(3));
    let mut places = HashMap::new();
    for export in &asked {
        let (line, usual) =
            rows.exports().line(export, &configured, NOW.minus(MINUTE), NOW).await.expect("a line");
        assert_eq!((line.slots, usual), (6, None));
        places.insert(export.title.clone(), line.foretell().expect("a place").position);
    }
    let mut turn = 0;
    while let Some(claimed) = rows.claim("w", 1, NOW).await.pop() {
        turn += 1;
        assert_eq!(turn, places[&claimed.title], "{}", claimed.title);
    }
    assert_eq!(turn, 5);
}
