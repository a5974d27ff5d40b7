//! What limits cost: an export asked for with and without them, one refused, a download begun.
//!
//! ```text
//! cargo bench --bench limits
//! ```
//!
//! SQLite lies in a temporary folder; PostgreSQL is one of its own that need not survive a power cut.

#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use exportd::db::{Admitted, Charged, Config, Counts, Database, Fetch, Requested};
use exportd::domain::{
    ExportId, ExportType, Format, Limit, Limits, NewExport, Options, Origin, Pins, Policy, ProjectSelector,
    Selection, Timestamp, UserId,
};
use exportd::telemetry::Metrics;
use support::postgres::OwnDatabase;

const NOW: Timestamp = Timestamp::from_millis(1_763_683_200_000);
/// Exports asked for by each of the two ways in turn.
const ROUNDS: u64 = 400;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sqlite = format!("sqlite://{}", folder.path().join("exportd.db").display());
    measure("SQLite", sqlite).await;
    let own = OwnDatabase::create();
    measure("PostgreSQL", own.url.clone()).await;
}

async fn measure(name: &str, url: String) {
    let config = Config { url, ..Config::default() };
    let database = Database::open(&config, Metrics::new("bench")).await.expect("a database");
    let exports = database.exports();
    let mut limits = Limits::none();
    limits[Policy::ExportsPerHour] = Limit::AtMost(1_000_000);
    limits[Policy::ExportsPerDay] = Limit::AtMost(1_000_000);
    limits[Policy::DownloadsPerMinute] = Limit::AtMost(1_000_000);
    let (mut free, mut charged, mut refused, mut begun) = (vec![], vec![], vec![], vec![]);
    for round in 0..ROUNDS {
        let new = wanted("ada", round);
        free.push(
            timed(async || {
                let made = exports.request(&new, &new.title, NOW).await.expect("an answer");
                assert!(matches!(made, Requested::New(_)));
            })
            .await,
        );
        // As many charges in the window as usual limits allow.
        let new = wanted(&format!("u{}", round / 50), round);
        charged.push(
            timed(async || {
                let made =
                    exports.request_within(&new, &format!("{} {}", new.owner, new.title), &limits, NOW).await;
                assert!(matches!(made, Ok(Charged::New(..))));
            })
            .await,
        );
        let mut none_left = limits;
        none_left[Policy::ExportsPerHour] = Limit::AtMost(0);
        refused.push(
            timed(async || {
                let made = exports.request_within(&new, "another", &none_left, NOW).await;
                assert!(matches!(made, Ok(Charged::Refused(_))));
            })
            .await,
        );
        let (user, export) = (new.owner.clone(), ExportId::new());
        let fetch = Fetch { user, export, counts: Counts::AsOne, bytes: 1, holder: None };
        begun.push(
            timed(async || {
                let admitted = database.charges().admit(&fetch, &limits, NOW).await;
                assert!(matches!(admitted, Ok(Admitted::In { .. })));
            })
            .await,
        );
    }
    let [free, charged, refused, begun] = [free, charged, refused, begun].map(median);
    println!(
        "{name}, medians of {ROUNDS}: a new export {free:.0} µs, charged {charged:.0} µs ({:+.0} µs), refused {refused:.0} µs; a download begun {begun:.0} µs",
        charged - free
    );
    database.close().await;
}

async fn timed(work: impl AsyncFnOnce()) -> f64 {
    let began = Instant::now();
    work().await;
    began.elapsed().as_secs_f64() * 1e6
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn wanted(owner: &str, number: u64) -> NewExport {
    let owner: UserId = owner.parse().expect("a user id");
    let selector = ProjectSelector {
        project_id: "shop".parse().expect("an id"),
        version_id: None,
        export_type: ExportType::SourceCode,
        paths: Vec::new(),
        since: None,
    };
    NewExport {
        owner,
        selection: Selection::Project(selector),
        format: Format::Zip,
        pins: Pins::default(),
        options: Options::default(),
        title: format!("p{number}"),
        priority: 0,
        retention: std::time::Duration::from_secs(60),
        run_at: NOW,
        fresh: false,
        max_attempts: 3,
        origin: Origin::default(),
    }
}
