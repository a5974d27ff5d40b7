//! Nonces: each is spent once, whoever asks.

use std::time::Duration;

use exportd::db::{Database, Nonces};
use exportd::telemetry::Metrics;

use super::{NOW, Rows, on_both};

on_both!(
    a_nonce_is_spent_once_whoever_asks_and_however_many_at_a_time,
    nonces_are_kept_as_long_as_they_matter,
    whoever_goes_away_leaves_the_others_their_answers,
);

async fn a_nonce_is_spent_once_whoever_asks_and_however_many_at_a_time(rows: Rows) {
    let opened = Database::open(&rows.config, Metrics::new("test")).await;
    let beside = opened.expect("another server of the same rows");
    let nodes: [Nonces; 2] = [rows.database.nonces(), beside.nonces()];
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..150 {
        for asked in 0..4 {
            let node = nodes[asked % 2].clone();
            asking.spawn(async move {
                let spent = node.spend("ci", &format!("n{number}"), NOW).await.expect("an answer");
                (number, spent)
            });
        }
    }
    let mut fresh = vec![0; 150];
    while let Some(told) = asking.join_next().await {
        let (number, spent) = told.expect("no panic");
        fresh[number] += u32::from(spent);
    }
    assert!(fresh.iter().all(|count| *count == 1), "{fresh:?}");
    assert!(nodes[0].spend("robot", "n0", NOW).await.expect("an answer"), "another key's nonce");
    assert!(!nodes[1].spend("robot", "n0", NOW).await.expect("an answer"));
    beside.close().await;
}

async fn nonces_are_kept_as_long_as_they_matter(rows: Rows) {
    let nonces = rows.database.nonces();
    let later = NOW.plus(Duration::from_secs(60));
    assert!(nonces.spend("ci", "a", NOW).await.expect("an answer"));
    assert!(nonces.spend("ci", "b", later).await.expect("an answer"));
    nonces.prune(NOW.plus(Duration::from_secs(300))).await.expect("pruned");
    assert!(!nonces.spend("ci", "a", NOW).await.expect("an answer"), "another clock may be behind");
    nonces.prune(NOW.plus(Duration::from_secs(301))).await.expect("pruned");
    assert!(nonces.spend("ci", "a", NOW).await.expect("an answer"), "forgotten");
    assert!(!nonces.spend("ci", "b", later).await.expect("an answer"));
}

async fn whoever_goes_away_leaves_the_others_their_answers(rows: Rows) {
    let nonces = rows.database.nonces();
    let asking: Vec<_> = (0..50)
        .map(|number| {
            let nonces = nonces.clone();
            tokio::spawn(async move { nonces.spend("ci", &number.to_string(), NOW).await })
        })
        .collect();
    for (number, asked) in asking.into_iter().enumerate() {
        if number % 2 == 0 {
            asked.abort();
        } else {
            assert!(asked.await.expect("not aborted").expect("an answer"), "{number}");
        }
    }
}
