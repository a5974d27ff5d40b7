//! The engine, by what it does to rows: found without a bell, held by leases, within its slots.

use std::time::Duration;

use exportd::config::Settings;
use exportd::db::Claim;
use serde_json::json;

use crate::support::api::{eventually, wanted};
use crate::support::house::House;
use crate::support::project::slow_text;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// Packs slowly, on one thread.
fn slow(settings: &mut Settings) {
    settings.packing.level = 9;
    settings.packing.threads = 1;
}

#[test]
fn a_job_whose_worker_went_silent_is_taken_over() {
    let house = House::with(|settings| settings.jobs.heartbeat = Duration::from_millis(50));
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let mut body = wanted("shop");
    body["runAt"] = json!(house.clock().now().plus(HOUR).to_string());
    let export = ada.export(&ada.post("/api/v1/exports", &body).expect(202).text("/id"));
    // Another server, whose clock is ahead, begins it and is never heard of again.
    let claim = Claim {
        worker: "elsewhere.host.1".to_owned(),
        slots: 1,
        per_user: 1,
        lease_for: MINUTE,
        now: house.clock().now().plus(HOUR),
    };
    let claimed = house.beside(async |rows| rows.exports().claim(&claim).await.expect("a claim"));
    assert_eq!(claimed.len(), 1);
    assert_eq!(export.status(), "processing");

    house.clock().advance(2 * HOUR);
    let export = export.completed();
    assert_eq!(export["attempt"], 1, "the lost one does not count");
    assert!(house.metric(r#"exportd_job_rescues_total{reason="lease_lapsed"}"#) >= 1.0);
}

#[test]
fn a_job_that_runs_for_long_keeps_its_lease() {
    let house = House::with(slow);
    let words = slow_text(90);
    house.project("ada", "large").file("a", &words).file("b", &words).file("c", &words).file("d", &words);
    let export = house.user("ada").request("large");
    export.until("it is being packed", |export| export["progress"]["phase"] == "compressing");
    house.clock().advance(MINUTE / 2);
    let renewed = house.clock().now().plus(house.settings().jobs.lease).millis();
    eventually("its lease is renewed", || {
        let until: Option<i64> = house.stored("SELECT lease_until FROM exports");
        until.is_some_and(|until| until >= renewed).then_some(())
    });
    export.api.act(&export.path("/cancel")).expect(202);
    assert_eq!(export.ended()["status"], "cancelled");
}

#[test]
fn a_server_that_starts_again_works_under_another_name() {
    let holder = "SELECT holder FROM duties WHERE name = 'sweep'";
    let house = House::open();
    house.sweep();
    let first: String = house.stored(holder);
    let house = house.reopened();
    house.sweep();
    let second: String = house.stored(holder);
    assert_ne!(first, second);
    let store = |worker: &str| worker.split('.').next().map(str::to_owned);
    assert_eq!(store(&first), store(&second), "of the same store");
}

#[test]
fn a_job_that_no_bell_told_of_is_found() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let now = house.clock().now();
    let new = crate::repositories::wanted("ada", "shop", now);
    // SQLite tells nobody; PostgreSQL does, and would if its hint were lost.
    house.beside(async |rows| rows.exports().request(&new, "shop", now).await.map(drop).expect("a row"));
    let page = house.user("ada").get("/api/v1/exports").expect(200);
    house.user("ada").export(&page.text("/items/0/id")).completed();
}

#[test]
fn a_node_runs_as_many_jobs_as_it_has_slots_and_no_more() {
    let house = House::with(|settings| {
        slow(settings);
        settings.jobs.concurrency = 2;
        settings.jobs.per_user = 10;
    });
    let ada = house.user("ada");
    let text = slow_text(4);
    let exports: Vec<_> = (0..5)
        .map(|i| {
            house.project("ada", &format!("p{i}")).file("text", &text);
            ada.request(&format!("p{i}"))
        })
        .collect();
    let at_once = || {
        let listed = ada.get("/api/v1/exports?status=processing").expect(200).json();
        listed["items"].as_array().expect("items").len()
    };
    for export in &exports {
        export.until("it has ended", |export| {
            let running = at_once();
            assert!(running <= 2, "{running} run at once");
            export["status"] == "completed"
        });
    }
}
