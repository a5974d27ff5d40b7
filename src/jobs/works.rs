//! What the actors work with.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::bell::Bell;
use crate::clock::Clock;
use crate::db::{self, Database};
use crate::domain::Limits;
use crate::otel::Tracer;
use crate::packaging::{Packer, Registry};
use crate::security::Signer;
use crate::storage::Packages;
use crate::telemetry::Metrics;

use super::slots::Slots;
use super::{CleanupConfig, Config};

/// What the daemon brings.
#[derive(Debug, Clone)]
pub struct WorksParts {
    /// `jobs.*`.
    pub config: Config,
    /// What users may use, as far as nothing else is set while the server runs.
    pub limits: Limits,
    /// `cleanup.*`.
    pub cleanup: CleanupConfig,
    /// `retention.records`: how long rows outlive their packages.
    pub keep_records: Duration,
    /// `audit.retention`: how long entries of the audit are kept.
    pub keep_audit: Duration,
    /// `retention.max`: the longest that a package is kept, however long it is downloaded.
    pub longest: Duration,
    /// Where nginx writes down what it has sent, if it sends anything.
    pub accel_log: Option<PathBuf>,
    /// The rows.
    pub database: Database,
    /// The files.
    pub packages: Packages,
    /// What can be exported.
    pub registry: Arc<Registry>,
    /// Packs.
    pub packer: Packer,
    /// Signs manifests.
    pub signer: Arc<Signer>,
    /// Rung when a row is worth a look.
    pub bell: Bell,
    /// What time it is.
    pub clock: Clock,
    /// The instruments.
    pub metrics: Metrics,
    /// Tells how long what took.
    pub tracer: Tracer,
}

/// What may change while the engine runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tuned {
    /// `cleanup.interval`.
    pub interval: Duration,
    /// `retention.max`.
    pub longest: Duration,
}

/// Everything the actors work with, shared.
#[derive(Debug)]
pub struct Works {
    pub(super) parts: WorksParts,
    pub(super) rows: db::Exports,
    pub(super) slots: Slots,
    /// What may change while the engine runs.
    pub(super) tuned: watch::Sender<Tuned>,
    /// Whether the last look found less than `storage.reserve` free.
    pub(super) is_short: AtomicBool,
    /// Held by the sweep that is under way.
    pub(super) sweeping: Mutex<()>,
    /// The store that this process holds.
    pub(super) store: Uuid,
    /// Begins with the store's id, which only one living process has; the rest is new at every
    /// start, so that nothing a dead process held looks like this one's.
    pub(super) worker: String,
    /// Cancelled when running jobs must stop.
    pub(super) stop: CancellationToken,
}

impl Works {
    /// Works with these parts in the store `store`, which this process holds; cancelling `house`
    /// stops every job.
    pub fn new(parts: WorksParts, store: Uuid, house: &CancellationToken) -> Arc<Self> {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Arc::new(Self {
            rows: parts.database.exports(),
            slots: Slots::new(parts.config.concurrency, parts.bell.clone()),
            tuned: watch::Sender::new(Tuned { interval: parts.cleanup.interval, longest: parts.longest }),
            worker: format!("{store}.{host}.{}", Uuid::now_v7()),
            is_short: AtomicBool::new(false),
            sweeping: Mutex::default(),
            store,
            stop: house.child_token(),
            parts,
        })
    }

    /// From now on so many jobs run at a time on this node.
    pub fn set_concurrency(&self, jobs: usize) {
        self.slots.set_all(jobs);
    }

    /// From now on so much time lies between two sweeps.
    pub fn set_cleanup_interval(&self, interval: Duration) {
        self.tuned.send_modify(|tuned| tuned.interval = interval);
    }

    /// From now on no package that is downloaded is kept for longer.
    pub fn set_longest(&self, longest: Duration) {
        self.tuned.send_modify(|tuned| tuned.longest = longest);
    }

    /// Gives the package store up, when nothing runs any more.
    pub fn release_store(&self) {
        self.parts.packages.release();
    }
}
