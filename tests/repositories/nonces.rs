//! Nonces: each is spent once, whoever asks.

use std::time::Duration;

use exportd::db::{Database, NewNonce, Nonces};
use exportd::domain::Timestamp;
use exportd::telemetry::Metrics;

use super::{NOW, Rows, on_both};

/// A nonce of `key` that was signed, and would be good, at `at`.
fn new(key: &str, nonce: &str, at: Timestamp) -> NewNonce {
    NewNonce { key: key.to_owned(), nonce: nonce.to_owned(), created: at, good_until: at }
}

async fn spends(nonces: &Nonces, key: &str, nonce: &str, at: Timestamp) -> bool {
    nonces.spend(new(key, nonce, at), NOW).await.expect("an answer")
}

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
                let spent = spends(&node, "ci", &format!("n{number}"), NOW).await;
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
    assert!(spends(&nodes[0], "robot", "n0", NOW).await, "another key's nonce");
    assert!(!spends(&nodes[1], "robot", "n0", NOW).await);
    beside.close().await;
}

async fn nonces_are_kept_as_long_as_they_matter(rows: Rows) {
    let nonces = rows.database.nonces();
    let later = NOW.plus(Duration::from_secs(60));
    assert!(spends(&nonces, "ci", "a", NOW).await);
    assert!(spends(&nonces, "ci", "b", later).await);
    nonces.prune(NOW.plus(Duration::from_secs(300))).await.expect("pruned");
    assert!(!spends(&nonces, "ci", "a", NOW).await, "another clock may be behind");
    nonces.prune(NOW.plus(Duration::from_secs(301))).await.expect("pruned");
    assert!(spends(&nonces, "ci", "a", NOW).await, "forgotten");
    assert!(!spends(&nonces, "ci", "b", later).await);
}

async fn whoever_goes_away_leaves_the_others_their_answers(rows: Rows) {
    let nonces = rows.database.nonces();
    let asking: Vec<_> = (0..50)
        .map(|number| {
            let nonces = nonces.clone();
            tokio::spawn(async move { spends(&nonces, "ci", &number.to_string(), NOW).await })
        })
        .collect();
    for (number, asked) in asking.into_iter().enumerate() {
        if number % 2 == 0 {
            asked.abort();
        } else {
            assert!(asked.await.expect("not aborted"), "{number}");
        }
    }
}

#[test]
fn what_a_power_cut_may_have_taken_is_taken_for_spent() {
    super::on_sqlite(async |rows: Rows| {
        let nonces = rows.database.nonces();
        let after = |seconds| NOW.plus(Duration::from_secs(seconds));
        assert!(spends(&nonces, "ci", "early", NOW).await);
        assert!(spends(&nonces, "ci", "far ahead", after(200)).await, "it was waited for");

        // The machine goes down and loses what was not on disk; what was waited for is.
        let lost = "UPDATE nonce_marks SET boot = 'the one before'; DELETE FROM nonces WHERE nonce = 'early'";
        let raw = sea_orm::Database::connect(&rows.config.url).await.expect("a connection");
        sea_orm::ConnectionTrait::execute_unprepared(&raw, lost).await.expect("a change");
        raw.close().await.expect("it closes");

        let again = rows.database.nonces();
        assert!(!spends(&again, "ci", "early", NOW).await);
        assert!(!spends(&again, "ci", "another", after(10)).await, "nobody knows");
        assert!(spends(&again, "ci", "another", after(11)).await, "nobody can have lost it");
        assert!(!spends(&again, "ci", "far ahead", after(200)).await);
    });
}
