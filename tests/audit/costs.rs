//! What the audit costs. Measured on demand:
//! `cargo test --test tests audit::costs -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use exportd::db::{AuditBatch, Database};
use exportd::domain::Timestamp;
use exportd::domain::audit::{Action, AuditEntry, Author};

use crate::support::api::wanted;
use crate::support::house::House;

fn entry(n: u64) -> AuditEntry {
    let by = Author {
        actor: Some("ada".to_owned()),
        user: Some("ada".parse().expect("a user")),
        way: Some("jwt"),
        address: Some([10, 0, 0, 1].into()),
        correlation_id: Some(format!("0198f2aa-0000-7000-8000-{n:012}")),
        agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0".to_owned()),
        key: None,
    };
    let at = Timestamp::from_millis(1_763_683_200_000);
    AuditEntry::done(at, by, Action::PackageDownloaded).to("export", "0198f2aa-0000-7000-8000-000000000000")
}

#[test]
#[ignore = "a measurement"]
fn what_an_entry_costs() {
    let house = House::open();
    house.beside(async |database: &Database| {
        for size in [1, 10, 100, 500] {
            let rounds = (2_000 / size).clamp(4, 200);
            let began = Instant::now();
            for round in 0..rounds {
                let entries = (0..size).map(|n| entry(round * size + n)).collect();
                database.audit().append(&mut AuditBatch::new(entries)).await.expect("written");
            }
            told(&format!("{size} entries a write, per entry"), began.elapsed(), rounds * size);
        }
        let began = Instant::now();
        let verified = database.audit().verify(&exportd::db::Expected::default()).await.expect("told");
        println!("verified in {:?}: {verified:?}", began.elapsed());
    });
    if house.settings().database.is_sqlite() {
        let pages = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
        println!("{} bytes of database", house.stored::<i64>(pages));
    }
}

#[test]
#[ignore = "a measurement"]
fn what_requests_cost() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let export = ada.request("shop");
    export.completed();
    let times = |what: &str, count: u64, act: &dyn Fn(u64)| {
        let began = Instant::now();
        (0..count).for_each(act);
        told(what, began.elapsed(), count);
    };
    times("a deduplicated POST", 300, &|_| drop(ada.post("/api/v1/exports", &wanted("shop")).expect(200)));
    times("a status GET", 300, &|_| drop(ada.get(&export.path("")).expect(200)));
    times("a link made", 90, &|_| drop(ada.act(&export.path("/links")).expect(201)));
    times("a download", 300, &|_| drop(export.download(&[]).expect(200)));
}

fn told(what: &str, took: Duration, count: u64) {
    println!("{what}: {:.1} µs", took.as_secs_f64() * 1e6 / count as f64);
}
