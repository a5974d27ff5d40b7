//! What it costs to act for a user: `cargo test --test tests row_security::measured -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use exportd::clock::Clock;
use exportd::db::{Database, Filter};
use exportd::domain::{Caller, ExportId, Role};
use exportd::telemetry::Metrics;

use super::Scene;

const TIMES: u32 = 2_000;

/// How long one of many takes.
async fn each<F: Future<Output = ()>>(mut ask: impl FnMut() -> F) -> Duration {
    for _ in 0..100 {
        ask().await;
    }
    let begun = Instant::now();
    for _ in 0..TIMES {
        ask().await;
    }
    begun.elapsed() / TIMES
}

#[test]
#[ignore = "measures"]
fn a_scoped_read_beside_one_that_is_not() {
    let scene = Scene::set();
    let ada = scene.furnish("ada");
    let id: ExportId = ada.id.parse().expect("an id");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let database = Database::open(&scene.rows.config(), Metrics::new("test")).await.expect("opened");
        let caller = Caller::new("ada".parse().expect("a user id"), Role::User);
        let now = Clock::system().now();
        let (house, acting) = (database.exports(), database.exports().acting_for(&caller));
        let of_ada = Filter { owner: Some(caller.user.clone()), ..Filter::default() };
        for (what, rows) in [("house", &house), ("acting for ada", &acting)] {
            let find = each(async || assert!(rows.find(id).await.expect("told").is_some())).await;
            let list = each(async || {
                assert_eq!(rows.list(&of_ada, None, 50, now).await.expect("told").items.len(), 1);
            })
            .await;
            let events =
                each(async || assert!(!rows.events(id, 0, 100).await.expect("told").is_empty())).await;
            println!("{what}: find {find:?}, list {list:?}, log {events:?}");
        }
        database.close().await;
    });
}
