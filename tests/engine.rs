//! The engine, by what it does to rows: found without a bell, within its slots, under new names.

use std::time::Duration;

use exportd::config::Settings;
use exportd::db::{Database, Requested};
use exportd::domain::{ExportType, Format, NewExport, Origin, ProjectSelector, Selection};
use exportd::telemetry::Metrics;
use sea_orm::ConnectionTrait;

use crate::support::api::eventually;
use crate::support::house::House;
use crate::support::process::Site;
use crate::support::project::slow_text;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Packs slowly, on one thread.
fn slow(settings: &mut Settings) {
    settings.packing.level = 9;
    settings.packing.threads = 1;
}

/// Writes a row as another node would, of whom nobody here hears.
fn ask_behind_its_back(house: &House, project: &str) -> String {
    let now = house.clock().now();
    let new = NewExport {
        owner: "ada".parse().expect("a user"),
        selection: Selection::Project(ProjectSelector {
            project_id: project.parse().expect("a project"),
            version_id: None,
            export_type: ExportType::SourceCode,
            paths: Vec::new(),
        }),
        format: Format::Zip,
        title: project.to_owned(),
        priority: 0,
        retention: Duration::from_secs(3600),
        run_at: now,
        max_attempts: 3,
        origin: Origin::default(),
    };
    runtime().block_on(async {
        let database = Database::open(&house.settings().database, Metrics::new("test")).await.expect("rows");
        let Requested::New(export) = database.exports().request(&new, "a key", now).await.expect("a row")
        else {
            panic!("a twin of nothing");
        };
        database.close().await;
        export.id.to_string()
    })
}

#[test]
fn a_row_that_nobody_rang_for_is_found() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let id = ask_behind_its_back(&house, "shop");
    house.user("ada").export(&id).completed();
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

#[test]
fn a_worker_has_another_name_after_every_start() {
    let site = Site::new(&[("PACKING__LEVEL", "9"), ("PACKING__THREADS", "1")]);
    let text = slow_text(80);
    site.project("ada", "large").file("a", &text).file("b", &text);
    let server = site.serve();
    let id = server.user("ada").request("large").id;
    let first = eventually("a worker has it", || worker(&site));
    server.kill();
    let server = site.serve();
    eventually("another worker has it", || worker(&site).filter(|name| *name != first));
    let export = server.user("ada").export(&id);
    export.api.act(&export.path("/cancel")).expect(202);
    export.ended();
}

/// The name of the worker that holds the only row.
fn worker(site: &Site) -> Option<String> {
    runtime().block_on(async {
        let rows = sea_orm::Database::connect(site.database_url()).await.expect("rows");
        let text = sea_orm::Statement::from_string(rows.get_database_backend(), "SELECT worker FROM exports");
        let row = rows.query_one_raw(text).await.expect("an answer").expect("a row");
        row.try_get("", "worker").expect("a name or none")
    })
}
