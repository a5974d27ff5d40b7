//! What the audit costs. Measured on demand:
//! `cargo test --test tests audit::costs -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use exportd::db::{AuditBatch, Database, DownloadRow, Recording};
use exportd::domain::audit::{Action, AuditEntry, Author};
use exportd::domain::{Mode, Receiver, Timestamp};

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
    let source = serde_json::json!({"type": "directory", "path": house.project("ada", "shop").path});
    let project = serde_json::json!({"name": "Shop", "source": source});
    times("a project registered", 300, &|_| drop(ada.put("/api/v1/projects/shop", &project).expect(200)));
    let page = String::from_utf8(house.ops().get("/metrics").expect(200).body).expect("text");
    page.lines().filter(|line| line.starts_with("exportd_audit")).for_each(|line| println!("{line}"));
}

/// Two entries a download are written with its row: what that takes, and what the entries alone do.
#[test]
#[ignore = "a measurement"]
fn what_downloads_cost() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let export = house.user("ada").request("shop");
    export.completed();
    let to = Receiver {
        user: "ada".parse().expect("a user"),
        link: None,
        address: [10, 0, 0, 1].into(),
        agent: None,
    };
    let row = || DownloadRow {
        id: uuid::Uuid::now_v7(),
        export: export.id.parse().expect("an id"),
        to: to.clone(),
        mode: Mode::Direct,
        began_at: Timestamp::from_millis(1_763_683_200_000),
        last_at: Timestamp::from_millis(1_763_683_200_000),
        ended_at: None,
        size: 10,
        bytes: 10,
        covered: std::iter::once(0..10).collect(),
        complete: true,
        by: None,
    };
    house.beside(async |database: &Database| {
        for round in 0..3 {
            let rows: Vec<_> = std::iter::repeat_with(row).take(500).collect();
            let began = Instant::now();
            let recording = Recording { store: uuid::Uuid::nil(), downloads: &rows, places: None };
            database.downloads().record(&recording).await.expect("written");
            told("500 downloads a write, per download", began.elapsed(), 500);
            let began = Instant::now();
            let entries = (0..1000).map(|n| entry(round * 1000 + n)).collect();
            database.audit().append(&mut AuditBatch::new(entries)).await.expect("written");
            told("of which its two entries", began.elapsed(), 500);
        }
    });
}

fn told(what: &str, took: Duration, count: u64) {
    println!("{what}: {:.1} µs", took.as_secs_f64() * 1e6 / count as f64);
}
