//! What the audit costs: an entry, alone and among others, and the two entries of a download beside
//! its row.
//!
//! ```text
//! cargo bench --bench audit
//! EXPORTD_TEST_STORE=postgres cargo bench --bench audit
//! ```
//!
//! A download's row is written together with its two entries; what the entries take by themselves,
//! in the same round, is what the audit adds.

#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
mod measure;
#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use exportd::db::{AuditBatch, Database, DownloadRow, Expected, Recording};
use exportd::domain::audit::{Action, AuditEntry, Author};
use exportd::domain::{Mode, Receiver, Timestamp};
use measure::{chosen, median};
use support::house::House;

fn main() {
    what_an_entry_costs();
    what_downloads_cost(chosen("ROUNDS", 9));
}

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
        let verified = database.audit().verify(&Expected::default()).await.expect("told");
        println!("verified in {:?}: {verified:?}", began.elapsed());
    });
    if house.settings().database.is_sqlite() {
        let pages = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
        println!("{} bytes of database", house.stored::<i64>(pages));
    }
}

/// Two entries a download are written with its row: what that takes, and what the entries alone do.
fn what_downloads_cost(rounds: usize) {
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
        let (mut all, mut shares) = (Vec::new(), Vec::new());
        for round in 0..rounds as u64 {
            let rows: Vec<_> = std::iter::repeat_with(row).take(500).collect();
            let began = Instant::now();
            let recording = Recording { store: uuid::Uuid::nil(), downloads: &rows, places: None };
            database.downloads().record(&recording).await.expect("written");
            let with_entries = began.elapsed();
            let began = Instant::now();
            let entries = (0..1000).map(|n| entry(round * 1000 + n)).collect();
            database.audit().append(&mut AuditBatch::new(entries)).await.expect("written");
            all.push(micros(with_entries, 500));
            shares.push(began.elapsed().as_secs_f64() / with_entries.as_secs_f64());
        }
        println!(
            "500 downloads a write, per download: {:.1} µs; share of its two entries {:.2}",
            median(all),
            median(shares)
        );
    });
}

fn told(what: &str, took: Duration, count: u64) {
    println!("{what}: {:.1} µs", micros(took, count));
}

/// Of each of `count`.
fn micros(took: Duration, count: u64) -> f64 {
    took.as_secs_f64() * 1e6 / count as f64
}
