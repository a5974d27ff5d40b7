//! The real daemon on its own thread, with everything of its own and a clock that tests move.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use exportd::app::{LimitsConfig, Mode};
use exportd::clock::Clock;
use exportd::config::Settings;
use exportd::daemon::{self, OpenHouse};
use exportd::db::{Database, Expected, Verified};
use exportd::domain::{Role, Status};
use exportd::jobs::Swept;
use exportd::security::{Claims, Secret, sign};
use exportd::storage::Packages;
use exportd::telemetry::Metrics;
use sea_orm::{ConnectionTrait, Statement};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::api::{Api, eventually};
use super::nginx::{self, Nginx};
use super::postgres::OwnDatabase;
use super::project::{ProjectFolder, stored_files};

const DAY: Duration = Duration::from_secs(86_400);

/// An open house. Dropping it closes it, and fails the test when a row is stuck or a file is
/// orphaned.
pub struct House {
    folder: Option<TempDir>,
    database: Option<OwnDatabase>,
    settings: Settings,
    clock: Clock,
    open: OpenHouse,
    nginx: Option<Nginx>,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl House {
    /// A house on defaults.
    pub fn open() -> Self {
        Self::with(|_| {})
    }

    /// A house with some settings changed.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut settings = settings_in(folder.path().to_owned());
        let database = OwnDatabase::if_wanted();
        if let Some(database) = &database {
            settings.database = database.config();
        }
        change(&mut settings);
        Self::start(folder, database, settings, Clock::system())
    }

    /// Why a house with some settings changed does not open.
    pub fn refused(change: impl FnOnce(&mut Settings)) -> String {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut settings = settings_in(folder.path().to_owned());
        change(&mut settings);
        let stop = CancellationToken::new();
        let refused = daemon::run(&settings, Clock::system(), &stop, |_| stop.cancel());
        refused.expect_err("the house opened").to_string()
    }

    /// A house with some settings changed, whose callers come through nginx, which sends packages.
    pub fn behind_nginx(change: impl FnOnce(&mut Settings)) -> Self {
        let mut house = Self::with(|settings| {
            settings.download.mode = Mode::Accel;
            change(settings);
        });
        house.nginx = Some(Nginx::before(&house.told(), &[]));
        house
    }

    fn start(folder: TempDir, database: Option<OwnDatabase>, settings: Settings, clock: Clock) -> Self {
        let stop = CancellationToken::new();
        let (tell, told) = mpsc::channel();
        let thread = std::thread::spawn({
            let (settings, clock, stop) = (settings.clone(), clock.clone(), stop.clone());
            move || {
                daemon::run(&settings, clock, &stop, |open| tell.send(open).expect("the test waits"))
                    .unwrap_or_else(|error| panic!("the house does not open: {error:?}"));
            }
        });
        let open = told.recv().expect("the house opens");
        let thread = Some(thread);
        Self { folder: Some(folder), database, settings, clock, open, nginx: None, stop, thread }
    }

    /// Closes this house in good order and opens it again on the same rows and files.
    pub fn reopened(mut self) -> Self {
        self.close();
        let folder = self.folder.take().expect("an open house has a folder");
        let nginx = self.nginx.take();
        let mut house = Self::start(folder, self.database.take(), self.settings.clone(), self.clock.clone());
        if let Some(nginx) = &nginx {
            nginx.reload(&house.told());
        }
        house.nginx = nginx;
        house
    }

    /// What a front of this house has to know.
    pub fn told(&self) -> Vec<String> {
        nginx::told(&self.settings, self.open.address)
    }

    /// The nginx in front of it.
    pub fn nginx(&self) -> &Nginx {
        self.nginx.as_ref().expect("a house behind nginx")
    }

    /// The same caller, past whatever stands in front of the house.
    pub fn direct(&self, caller: &Api) -> Api {
        caller.at(self.open.address)
    }

    /// A user's way in.
    pub fn user(&self, name: &str) -> Api {
        self.caller(name, Role::User)
    }

    /// An admin's way in.
    pub fn admin(&self) -> Api {
        self.admin_called("root")
    }

    /// The way in of the admin `name`.
    pub fn admin_called(&self, name: &str) -> Api {
        self.caller(name, Role::Admin)
    }

    fn caller(&self, name: &str, role: Role) -> Api {
        let secret = self.settings.jwt.secret.as_ref().expect("a secret");
        let user = name.parse().expect("a user id");
        let claims = Claims::new(user, role, self.clock.now().plus(3650 * DAY));
        let token = sign(secret, &claims).expect("a token");
        Api::new(self.address(), Some(token))
    }

    /// Where its callers come.
    pub fn address(&self) -> std::net::SocketAddr {
        self.nginx.as_ref().map_or(self.open.address, Nginx::address)
    }

    /// The operations listener.
    pub fn ops(&self) -> Api {
        Api::new(self.open.ops_address.expect("an operations listener"), None)
    }

    /// An empty project folder.
    pub fn project(&self, user: &str, id: &str) -> ProjectFolder {
        ProjectFolder::new(&self.settings.projects.root, user, id)
    }

    /// The clock of the house.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The settings it runs on.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Sweeps now, to the depths.
    pub fn sweep(&self) -> Swept {
        runtime().block_on(self.open.sweep()).expect("a sweep")
    }

    /// Works with the rows of this house as another server of the same database would.
    pub fn beside<T>(&self, work: impl AsyncFnOnce(&Database) -> T) -> T {
        runtime().block_on(async {
            let opened = Database::open(&self.settings.database, Metrics::new("test")).await;
            let database = opened.expect("the database");
            let result = work(&database).await;
            database.close().await;
            result
        })
    }

    /// The only value that the query `text` finds in the database, as it is now.
    pub fn stored<T: sea_orm::TryGetable>(&self, text: &str) -> T {
        runtime().block_on(async {
            let raw = sea_orm::Database::connect(&self.settings.database.url).await.expect("a connection");
            let asked = Statement::from_string(raw.get_database_backend(), text);
            let row = raw.query_one_raw(asked).await.expect("an answer").expect("a row");
            raw.close().await.expect("it closes");
            row.try_get_by_index(0).expect("a value")
        })
    }

    /// Changes rows, or what they lie in, behind the back of the house, as whoever owns them.
    pub fn change(&self, text: &str) {
        let config = &self.settings.database;
        let url = config.migrate_url.as_ref().unwrap_or(&config.url);
        runtime().block_on(async {
            let raw = sea_orm::Database::connect(url).await.expect("a connection");
            let asked = Statement::from_string(raw.get_database_backend(), text);
            raw.execute_raw(asked).await.expect("a change");
            raw.close().await.expect("it closes");
        });
    }

    /// Every file in the package store.
    pub fn stored_files(&self) -> Vec<PathBuf> {
        stored_files(&self.settings.storage.root)
    }

    /// One sample of a metric, 0 when it has none. `sample` is written as on `/metrics`.
    pub fn metric(&self, sample: &str) -> f64 {
        let page = String::from_utf8(self.ops().get("/metrics").expect(200).body).expect("text");
        let line = page.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().expect("a number"))
    }

    /// Waits until a sample of a metric is `value`.
    pub fn metric_is(&self, sample: &str, value: f64) {
        eventually(sample, || (self.metric(sample) == value).then_some(()));
    }

    fn close(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            assert!(thread.join().is_ok(), "the house did not close in good order");
        }
    }

    /// What a closed house must not leave: a row that nobody works on, a file that no row needs, an
    /// audit with a gap.
    fn check_what_is_left(&self) {
        runtime().block_on(async {
            let metrics = Metrics::new("test");
            let database =
                Database::open(&self.settings.database, metrics.clone()).await.expect("the database");
            for (status, count) in database.exports().counts().await.expect("counts") {
                let stuck = matches!(status, Status::Processing | Status::Cancelling);
                assert!(!stuck || count == 0, "{count} rows are stuck as {status}");
            }
            let packages = Packages::open(&self.settings.storage, metrics).expect("the store");
            let stored = packages.list().expect("a listing");
            let keys: Vec<_> = stored.iter().map(|stored| stored.key.clone()).collect();
            let needed = database.exports().keys_in_use(&keys).await.expect("rows");
            let orphans: Vec<_> = stored.iter().filter(|stored| !needed.contains(&stored.key)).collect();
            assert!(orphans.is_empty(), "files that no row needs: {orphans:?}");
            let audit = database.audit().verify(&Expected::default()).await.expect("the audit");
            assert!(matches!(audit, Verified::Unbroken(_)), "the audit is broken: {audit:?}");
            database.close().await;
        });
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if self.thread.is_some() && !std::thread::panicking() {
            self.close();
            self.check_what_is_left();
        } else {
            self.stop.cancel();
        }
    }
}

/// Settings for a house that lives in `folder` and bothers nobody.
pub fn settings_in(folder: PathBuf) -> Settings {
    let mut settings = Settings::default();
    "127.0.0.1:0".clone_into(&mut settings.server.listen);
    settings.server.ops_listen = "127.0.0.1:0".to_owned().into();
    settings.database.url = format!("sqlite://{}", folder.join("exportd.db").display());
    settings.projects.root = folder.join("projects");
    settings.storage.root = folder.join("packages");
    settings.storage.reserve = 0;
    settings.user_limits = LimitsConfig::unlimited();
    settings.jobs.backoff = Duration::from_millis(10);
    settings.jwt.secret = Some(Secret::new("a secret for tests of thirty-two bytes or more"));
    std::fs::create_dir_all(&settings.projects.root).expect("a folder");
    settings
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}
