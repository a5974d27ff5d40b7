//! What the rows promise, on SQLite and on PostgreSQL: one suite of cases, run on both.

mod alike;
mod asking;
mod audit;
mod claiming;
mod credentials;
mod downloads;
mod ending;
mod figures;
mod holding;
mod keeping;
mod limits;
mod links;
mod looking;
mod nonces;
mod permissions;
mod schema;
mod sharing;
mod templates;

use std::time::Duration;

use exportd::db::{self, Claim, Database, Held, Requested};
use exportd::domain::{
    Export, ExportType, Format, NewExport, Options, Origin, Package, PackageKey, Pins, ProjectSelector,
    Receiver, Selection, Sha256, Timestamp, UserId, Warning,
};
use exportd::telemetry::Metrics;

use sea_orm::ConnectionTrait;

use crate::support::postgres::OwnDatabase;

/// A lease in these tests, and a retention.
pub const MINUTE: Duration = Duration::from_secs(60);
/// Between two looks at a state that is waited for: whoever asks without a pause takes the
/// processor from those who are to bring the state about.
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// When the tests begin.
pub const NOW: Timestamp = Timestamp::from_millis(1_763_683_200_000);

/// Makes a test of each case for each database.
macro_rules! on_both {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $case() { crate::repositories::on_sqlite(super::$case); })+
        }
        mod postgres {
            $(#[test] fn $case() { crate::repositories::on_postgres(super::$case); })+
        }
    };
}
pub(crate) use on_both;

/// An empty database of a test's own.
pub struct Rows {
    /// The rows.
    pub database: Database,
    config: db::Config,
}

pub fn on_sqlite<F: Future<Output = ()>>(case: impl FnOnce(Rows) -> F) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    run(format!("sqlite://{}", folder.path().join("exportd.db").display()), case);
}

pub fn on_postgres<F: Future<Output = ()>>(case: impl FnOnce(Rows) -> F) {
    let own = OwnDatabase::create();
    run(own.url.clone(), case);
}

fn run<F: Future<Output = ()>>(url: String, case: impl FnOnce(Rows) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let config = db::Config { url, ..db::Config::default() };
        let database = Database::open(&config, Metrics::new("test")).await.expect("a database");
        case(Rows { database: database.clone(), config }).await;
        database.close().await;
    });
}

impl Rows {
    /// The rows of exports.
    pub fn exports(&self) -> db::Exports {
        self.database.exports()
    }

    /// Asks for an export of `project` for `owner` at `now`.
    pub async fn ask(&self, owner: &str, project: &str, now: Timestamp) -> Export {
        self.ask_for(&wanted(owner, project, now), now).await
    }

    async fn ask_for(&self, new: &NewExport, now: Timestamp) -> Export {
        match self.exports().request(new, &key_of(new), now).await.expect("an answer") {
            Requested::New(export) => export,
            Requested::Twin(twin) => panic!("{} is there already", twin.id),
        }
    }

    /// Claims up to `slots` for `worker` at `now`, three of one user at most.
    async fn claim(&self, worker: &str, slots: u32, now: Timestamp) -> Vec<Export> {
        let claim = Claim { worker: worker.to_owned(), slots, per_user: 3, lease_for: MINUTE, now };
        self.exports().claim(&claim).await.expect("a claim")
    }

    /// Asks for one export and claims it.
    async fn running(&self, owner: &str, project: &str) -> Export {
        self.ask(owner, project, NOW).await;
        self.claim("w", 1, NOW).await.pop().expect("it is claimed")
    }

    /// Asks for one export and completes it, to expire a minute after [`NOW`].
    async fn completed(&self, owner: &str, project: &str) -> Export {
        let export = self.running(owner, project).await;
        self.complete(&export, &[]).await;
        self.found(&export).await
    }

    /// Completes a claimed export, to expire a minute after [`NOW`].
    pub async fn complete(&self, export: &Export, warnings: &[Warning]) {
        let (exports, end) = (self.exports(), NOW.plus(MINUTE));
        let written = exports.complete(&held(export), &package(export), warnings, NOW, end).await;
        assert!(written.expect("an answer"), "the lease is current");
    }

    /// Changes rows behind the back of the house.
    pub async fn change(&self, text: &str) {
        let raw = sea_orm::Database::connect(&self.config.url).await.expect("a connection");
        raw.execute_unprepared(text).await.expect("a change");
        raw.close().await.expect("it closes");
    }

    async fn found(&self, export: &Export) -> Export {
        self.exports().find(export.id).await.expect("an answer").expect("it is there")
    }
}

/// A request for `project` of `owner`, not before `run_at`.
pub fn wanted(owner: &str, project: &str, run_at: Timestamp) -> NewExport {
    NewExport {
        owner: user(owner),
        selection: Selection::Project(ProjectSelector {
            project_id: project.parse().expect("a project id"),
            version_id: None,
            export_type: ExportType::SourceCode,
            paths: Vec::new(),
            since: None,
        }),
        format: Format::Zip,
        pins: Pins { version: Some("c0ffee".to_owned()), ..Pins::default() },
        options: Options::default(),
        title: project.to_owned(),
        priority: 0,
        retention: MINUTE,
        run_at,
        fresh: false,
        max_attempts: 3,
        origin: Origin { correlation_id: "c".to_owned(), traceparent: None },
    }
}

fn key_of(new: &NewExport) -> String {
    format!("{} {}", new.owner, new.title)
}

fn user(name: &str) -> UserId {
    name.parse().expect("a user id")
}

/// Ada, with this program.
fn by_ada(agent: Option<&str>) -> Receiver {
    let agent = agent.map(ToOwned::to_owned);
    Receiver { user: user("ada"), link: None, address: [127, 0, 0, 1].into(), agent }
}

fn held(export: &Export) -> Held {
    Held { id: export.id, lease: export.lease }
}

fn package(export: &Export) -> Package {
    Package {
        key: PackageKey::new(export.id, export.lease, export.format),
        size: 1_000,
        file_count: 3,
        source_bytes: 5_000,
        rows: None,
        checksum: Sha256([7; 32]),
        snapshot_at: NOW,
    }
}
