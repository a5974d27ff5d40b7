//! The only place where parts meet: build, run, drain.

mod dials;
mod provider;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix::System;
use async_trait::async_trait;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::dials::{HouseDials, Tunable};
use crate::app::{Desk, DeskParts, House, LimitsConfig, Sweeper, Trail};
use crate::bell::Bell;
use crate::clock::Clock;
use crate::config::Settings;
use crate::datasets::{DataSets, DataSetsError, Finding, Severity};
use crate::db::{Database, StoreError};
use crate::domain::{Kind, Mode};
use crate::formats::{Fonts, FormatOptions};
use crate::http;
use crate::jobs::{Engine, LAST_WAIT, Occasion, Swept, Works, WorksParts, sweep};
use crate::ledger::{Ledger, LedgerReader};
use crate::loaders::{DataLoader, DataParts, ProjectLoader};
use crate::otel::{Tracer, TracerError};
use crate::packaging::{Packer, Registry};
use crate::projects::Places;
use crate::security::{Authority, KeyError, PublicKeys, Signer, SigningKeyError};
use crate::storage::{Packages, StorageError};
use crate::telemetry::Metrics;

/// Connections that are sending are waited for this long when the house closes.
const CONNECTIONS_GRACE: Duration = Duration::from_secs(20);
/// Jobs that are running are waited for this long before they go back to the queue.
const JOBS_GRACE: Duration = Duration::from_secs(10);
/// Counts and audit are written within this, unless the database is away.
const LAST_WRITES: Duration = Duration::from_secs(10);

/// The longest that closing may take: a service manager that kills has to wait for longer.
pub const LONGEST_CLOSE: Duration =
    CONNECTIONS_GRACE.saturating_add(JOBS_GRACE).saturating_add(LAST_WAIT).saturating_add(LAST_WRITES);

/// Kinds whose exports are of data.
const KINDS_OF_DATA: [Kind; 6] =
    [Kind::UserData, Kind::Conversation, Kind::Analytics, Kind::Trace, Kind::Custom, Kind::Bulk];

/// Why the house does not open, or cannot stay open.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// An address is taken, or not this machine's.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// `server.listen` or `server.ops_listen`.
        address: String,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// The database is not there, or too new.
    #[error("the database cannot be opened")]
    Database(#[from] StoreError),
    /// The package store is not there, or another server's.
    #[error("the package storage cannot be opened")]
    Storage(#[from] StorageError),
    /// The keys that callers are known by cannot be read.
    #[error("the keys of `auth` cannot be used")]
    Keys(#[from] KeyError),
    /// The data sets are not declared as they should be.
    #[error(transparent)]
    DataSets(#[from] DataSetsError),
    /// The data sets are declared, but their sources are not like that.
    #[error("the data sets are not what their sources have:{}", .0.iter().map(|finding| format!("\n  {finding}")).collect::<String>())]
    DataSetsUntrue(Vec<Finding>),
    /// The key that manifests are signed with cannot be read or made.
    #[error("the key of `packing.signing_key_file` cannot be used")]
    SigningKey(#[from] SigningKeyError),
    /// Traces cannot be sent as `otel` says.
    #[error("the settings of `otel` cannot be used")]
    Traces(#[from] TracerError),
    /// The system gives no threads.
    #[error("no runtime")]
    Runtime(#[source] io::Error),
}

/// An open house, as whoever opened it sees it.
#[derive(Debug, Clone)]
pub struct OpenHouse {
    /// Where the API listens.
    pub address: SocketAddr,
    /// Where metrics and health listen.
    pub ops_address: Option<SocketAddr>,
    works: Arc<Works>,
}

impl OpenHouse {
    /// Sweeps now, to the depths, and tells what was done.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn sweep(&self) -> Result<Swept, StoreError> {
        sweep(&self.works, Occasion::Asked).await
    }
}

/// The engine's sweep, for whoever may ask for one.
#[derive(Debug)]
struct Sweeping(Arc<Works>);

#[async_trait]
impl Sweeper for Sweeping {
    async fn sweep(&self) -> Result<Swept, StoreError> {
        let works = Arc::clone(&self.0);
        // What has begun ends, so that its duty is laid down.
        let swept = tokio::spawn(async move { sweep(&works, Occasion::Asked).await });
        swept.await.unwrap_or_else(|_closing| Ok(Swept::default()))
    }
}

/// Opens the house on the current thread, serves until `stop` is cancelled, drains and returns.
///
/// `opened` is called once, when requests are answered.
///
/// # Errors
/// [`DaemonError`] when the house cannot be opened; nothing listens then.
pub fn run(
    settings: &Settings,
    clock: Clock,
    stop: &CancellationToken,
    opened: impl FnOnce(OpenHouse),
) -> Result<(), DaemonError> {
    raise_open_files_limit();
    let io = Arc::new(io_runtime().map_err(DaemonError::Runtime)?);
    // Actors live on this thread, everything else on the runtime's workers.
    let system = System::with_tokio_rt({
        let io = Arc::clone(&io);
        move || io
    });
    let tracer = Tracer::open(&settings.otel)?;
    let outcome = system.block_on(async {
        let parts = Parts::build(settings, clock, tracer.clone()).await?;
        let house = parts.open(settings).await?;
        opened(house.outside());
        stop.cancelled().await;
        house.close().await;
        Ok(())
    });
    drop(system);
    tracer.close();
    // A packing thread that hangs on a dead disk must not keep the process.
    if let Some(io) = Arc::into_inner(io) {
        io.shutdown_timeout(Duration::from_secs(1));
    }
    outcome
}

/// One sweep by a process of its own, beside the server or instead of it.
///
/// # Errors
/// [`DaemonError`] when database or storage cannot be opened.
pub fn sweep_once(settings: &Settings) -> Result<Swept, DaemonError> {
    let io = io_runtime().map_err(DaemonError::Runtime)?;
    io.block_on(async {
        let parts = Parts::build(settings, Clock::system(), Tracer::default()).await?;
        // It holds no store: a server may.
        let works = Works::new(parts.works_parts(settings), Uuid::nil(), &CancellationToken::new());
        let swept = sweep(&works, Occasion::Asked).await?;
        parts.database.close().await;
        Ok(swept)
    })
}

/// Everything that is built before anything runs.
struct Parts {
    metrics: Metrics,
    database: Database,
    packages: Packages,
    packer: Packer,
    registry: Arc<Registry>,
    datasets: DataSets,
    places: Places,
    signer: Arc<Signer>,
    bell: Bell,
    clock: Clock,
    tracer: Tracer,
}

impl Parts {
    async fn build(settings: &Settings, clock: Clock, tracer: Tracer) -> Result<Self, DaemonError> {
        let metrics = Metrics::new(option_env!("EXPORTD_REVISION").unwrap_or("unknown"));
        let database = Database::open(&settings.database, metrics.clone()).await?;
        let packages = Packages::open(&settings.storage, metrics.clone())?;
        let packages = match settings.download.mode {
            Mode::Direct => packages,
            Mode::Accel => packages.readable_by_group(),
        };
        let packer = Packer::new(&settings.packing, settings.limits.clone(), metrics.clone());
        let places = Places::new(&settings.projects, &database);
        let signer = Arc::new(Signer::open(&signing_key_file(settings))?);
        let loader = ProjectLoader::new(places.clone(), own_folders(settings));
        let datasets = data_sets(settings).await?;
        let data = data_loader(settings, &datasets);
        let registry = KINDS_OF_DATA
            .into_iter()
            .fold(Registry::default().with(Kind::Project, loader), |registry, kind| {
                registry.with(kind, data.clone())
            });
        let registry = Arc::new(registry);
        let bell = Bell::default();
        Ok(Self {
            metrics,
            database,
            packages,
            packer,
            registry,
            datasets,
            places,
            signer,
            bell,
            clock,
            tracer,
        })
    }

    fn works_parts(&self, settings: &Settings) -> WorksParts {
        WorksParts {
            config: settings.jobs.clone(),
            limits: user_limits(settings).limits(),
            cleanup: settings.cleanup.clone(),
            keep_records: settings.retention.records,
            keep_audit: settings.audit.retention,
            longest: settings.retention.max,
            accel_log: accel_log(settings),
            database: self.database.clone(),
            packages: self.packages.clone(),
            registry: Arc::clone(&self.registry),
            packer: self.packer.clone(),
            signer: Arc::clone(&self.signer),
            bell: self.bell.clone(),
            clock: self.clock.clone(),
            metrics: self.metrics.clone(),
            tracer: self.tracer.clone(),
        }
    }

    fn desk(
        &self,
        settings: &Settings,
        works: &Arc<Works>,
        store: Uuid,
        ledger: Ledger,
        trail: Trail,
        house: House,
    ) -> Desk {
        let tunable = Tunable::new(settings);
        let parts = DeskParts {
            config: Arc::clone(&tunable.retention),
            download: Arc::clone(&tunable.download),
            bandwidth: tunable.bandwidth.clone(),
            dials: Arc::new(HouseDials::new(settings, Arc::clone(works), tunable)),
            access: settings.access.clone(),
            session: settings.session.clone(),
            limits: user_limits(settings),
            lease: settings.jobs.lease,
            max_attempts: settings.jobs.attempts,
            database: self.database.clone(),
            packages: self.packages.clone(),
            store,
            registry: Arc::clone(&self.registry),
            packer: self.packer.clone(),
            places: self.places.clone(),
            datasets: self.datasets.clone(),
            keys: PublicKeys::from(&*self.signer),
            sweeper: Arc::new(Sweeping(Arc::clone(works))),
            bell: self.bell.clone(),
            ledger,
            clock: self.clock.clone(),
            metrics: self.metrics.clone(),
            tracer: self.tracer.clone(),
            trail,
        };
        Desk::new(parts, house)
    }

    /// Binds first, so that a taken address stops the start before any job is claimed.
    async fn open(self, settings: &Settings) -> Result<RunningHouse, DaemonError> {
        let api = bind(&settings.server.listen).await?;
        let ops = match settings.server.ops_listen.address() {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let authority = self.authority(settings)?;
        let store = self.packages.hold()?;
        let (ledger, reader): (Ledger, LedgerReader) = Ledger::open(self.clock.clone());
        self.listen_for_hints().await?;

        let stop_jobs = CancellationToken::new();
        let works = Works::new(self.works_parts(settings), store, &stop_jobs);
        let is_well = Arc::default();
        let engine = Engine::start(Arc::clone(&works), reader, Arc::clone(&is_well)).await?;
        let house = House::new(self.database.clone(), self.packages.clone(), is_well);
        let trail = Trail::start(self.database.audit(), self.clock.clone(), self.metrics.clone());
        let desk = self.desk(settings, &works, store, ledger, trail.clone(), house.clone());
        let front = http::Front::open(api, ops, desk, Arc::clone(&authority), &settings.server)
            .map_err(|error| DaemonError::Listen { address: settings.server.listen.clone(), error })?;
        let keys = tokio::spawn(authority.keep_current()).abort_handle();
        Ok(RunningHouse { works, engine, front, keys, house, trail, database: self.database })
    }

    fn authority(&self, settings: &Settings) -> Result<Arc<Authority>, DaemonError> {
        let fetcher = provider::fetcher(&settings.jwt, self.metrics.clone());
        let signing_keys = settings.auth.signing_keys_file.as_deref();
        let authority = Authority::new(&settings.jwt, signing_keys, fetcher, self.clock.clone())?;
        Ok(Arc::new(authority))
    }

    /// On PostgreSQL other nodes' rows ring here too.
    async fn listen_for_hints(&self) -> Result<(), DaemonError> {
        let bell = self.bell.clone();
        self.database
            .listen(move |hint| match hint {
                Some(id) => bell.ring_for(id),
                None => bell.ring_for_work(),
            })
            .await?;
        Ok(())
    }
}

/// Everything that runs.
struct RunningHouse {
    works: Arc<Works>,
    engine: Engine,
    front: http::Front,
    /// What keeps the callers' keys current.
    keys: AbortHandle,
    house: House,
    trail: Trail,
    database: Database,
}

impl RunningHouse {
    fn outside(&self) -> OpenHouse {
        OpenHouse {
            address: self.front.address(),
            ops_address: self.front.ops_address(),
            works: Arc::clone(&self.works),
        }
    }

    /// In this order, each step with its deadline: not ready any more, connections, jobs, counts,
    /// audit, rows.
    async fn close(self) {
        tracing::info!("closing: finishing what runs");
        self.house.drain();
        self.front.drain(CONNECTIONS_GRACE).await;
        self.keys.abort();
        self.engine.drain(JOBS_GRACE).await;
        self.engine.flush().await;
        self.trail.close().await;
        self.database.close().await;
        self.works.release_store();
        tracing::info!("closed");
    }
}

fn io_runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().thread_name("io").enable_all().build()
}

async fn bind(address: &str) -> Result<TcpListener, DaemonError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| DaemonError::Listen { address: address.to_owned(), error })
}

/// The data sets that are declared, held against their sources: what is wrong stops the start, so
/// that nobody hears of it from a user. A source that is away does not: it may come back.
async fn data_sets(settings: &Settings) -> Result<DataSets, DaemonError> {
    let datasets = DataSets::open(&settings.datasets)?;
    let (faults, warnings): (Vec<_>, Vec<_>) =
        datasets.check().await.into_iter().partition(|finding| finding.severity == Severity::Fault);
    for finding in warnings {
        tracing::warn!(data_set = finding.data_set, "{finding}; it is looked at again when it is used");
    }
    if faults.is_empty() { Ok(datasets) } else { Err(DaemonError::DataSetsUntrue(faults)) }
}

fn data_loader(settings: &Settings, datasets: &DataSets) -> DataLoader {
    DataLoader::new(DataParts {
        datasets: datasets.clone(),
        caps: settings.caps.clone(),
        format: FormatOptions {
            fonts: Arc::new(Fonts::of_system(settings.formats.fonts.clone())),
            ..FormatOptions::scratching_in(&settings.storage.root)
        },
    })
}

/// Folders that no export may contain, whatever project they lie in.
fn own_folders(settings: &Settings) -> Vec<std::path::PathBuf> {
    let store = [settings.storage.root.clone(), signing_key_file(settings)];
    let machines = settings.auth.signing_keys_file.clone();
    store
        .into_iter()
        .chain(machines)
        .chain(settings.database.files())
        .chain(settings.projects.own.clone())
        .collect()
}

/// Where nginx writes down what it has sent, if it sends anything; beside the packages unless told
/// otherwise.
fn accel_log(settings: &Settings) -> Option<std::path::PathBuf> {
    let beside = || settings.storage.root.join("accel.log");
    let told = settings.download.accel_log.clone();
    (settings.download.mode == Mode::Accel).then(|| told.unwrap_or_else(beside))
}

/// What users may use: `jobs.per_user` has the last word on jobs.
fn user_limits(settings: &Settings) -> LimitsConfig {
    LimitsConfig { jobs_per_user: Some(settings.jobs.per_user.into()), ..settings.user_limits.clone() }
}

/// Where the key lies that manifests are signed with; beside the packages unless told otherwise.
fn signing_key_file(settings: &Settings) -> std::path::PathBuf {
    let beside = || settings.storage.root.join("manifest.key");
    settings.packing.signing_key_file.clone().unwrap_or_else(beside)
}

/// Every download holds a descriptor or two; the soft limit of 1,024 that systems start with
/// would be the first thing a busy house runs into.
fn raise_open_files_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::debug!(%error, "the limit of open files stays as it was");
    }
}
