//! The desk where callers are served: one door to every use case.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use uuid::Uuid;

use crate::bell::Bell;
use crate::clock::Clock;
use crate::datasets::DataSets;
use crate::db::Database;
use crate::ledger::Ledger;
use crate::otel::Tracer;
use crate::packaging::{Packer, Registry};
use crate::projects::Places;
use crate::security::PublicKeys;
use crate::storage::Packages;
use crate::telemetry::Metrics;

use super::access::Access;
use super::passwords::Passwords;
use super::{
    AccessConfig, Audits, Bandwidth, Config, Dials, DownloadConfig, Downloads, Exports, House, Inside,
    LimitsConfig, LimitsDesk, LinkDoor, Links, Nonces, Office, Permissions, Projects, QueueDesk, Replies,
    SessionConfig, Sessions, SettingsDesk, Strangers, Sweeper, Templates, Tokens, Trail, Turnstile,
};

/// What a desk is made of; the daemon brings it.
#[derive(Debug, Clone)]
pub struct DeskParts {
    /// `retention.*`, as it is now.
    pub config: Arc<ArcSwap<Config>>,
    /// `download.*`, as it is now.
    pub download: Arc<ArcSwap<DownloadConfig>>,
    /// How fast bytes of packages leave.
    pub bandwidth: Bandwidth,
    /// What may change while the house is open.
    pub dials: Arc<dyn Dials>,
    /// `access.*`.
    pub access: AccessConfig,
    /// `auth.session.*`.
    pub session: SessionConfig,
    /// What users may use.
    pub limits: LimitsConfig,
    /// A node that was not seen for so long runs no jobs (`jobs.lease`).
    pub lease: Duration,
    /// Attempts that a new export gets (`jobs.attempts`).
    pub max_attempts: u32,
    /// The rows.
    pub database: Database,
    /// The files.
    pub packages: Packages,
    /// The id of their store, which this process holds.
    pub store: Uuid,
    /// What can be exported.
    pub registry: Arc<Registry>,
    /// Estimates without packing.
    pub packer: Packer,
    /// Where projects lie.
    pub places: Places,
    /// Which data there are.
    pub datasets: DataSets,
    /// What this server's manifests are signed with.
    pub keys: PublicKeys,
    /// Sweeps when an admin asks for it.
    pub sweeper: Arc<dyn Sweeper>,
    /// Rung when a row is worth a look.
    pub bell: Bell,
    /// Where downloads are told.
    pub ledger: Ledger,
    /// What time it is.
    pub clock: Clock,
    /// The instruments.
    pub metrics: Metrics,
    /// Tells how long what took.
    pub tracer: Tracer,
    /// Where it is kept who did what.
    pub trail: Trail,
}

impl DeskParts {
    /// Who may see which export.
    pub(super) fn access(&self) -> Access {
        Access::new(self.database.exports(), self.access.hide_foreign_jobs)
    }
}

/// Serves callers. Cheap to clone; all clones are one desk.
#[derive(Debug, Clone)]
pub struct Desk(Arc<Rooms>);

#[derive(Debug)]
struct Rooms {
    audits: Audits,
    trail: Trail,
    exports: Exports,
    downloads: Arc<Downloads>,
    bandwidth: Bandwidth,
    inside: Inside,
    limits: LimitsDesk,
    turnstile: Turnstile,
    links: Links,
    link_door: LinkDoor,
    permissions: Arc<Permissions>,
    nonces: Nonces,
    office: Office,
    queue: QueueDesk,
    projects: Projects,
    replies: Replies,
    templates: Templates,
    tokens: Tokens,
    sessions: Sessions,
    strangers: Strangers,
    download: Arc<ArcSwap<DownloadConfig>>,
    settings: SettingsDesk,
    house: House,
    clock: Clock,
    metrics: Metrics,
    tracer: Tracer,
}

impl Desk {
    /// A desk with these parts. `house` is told apart because the engine's health is part of it.
    pub fn new(parts: DeskParts, house: House) -> Self {
        let downloads = Arc::new(Downloads::new(&parts));
        let permissions = Arc::new(Permissions::new(parts.database.permissions(), parts.clock.clone()));
        let passwords = Arc::new(Passwords::new(parts.clock.clone()));
        let rooms = Rooms {
            audits: Audits::new(parts.database.audit()),
            trail: parts.trail.clone(),
            projects: Projects::new(&parts),
            nonces: Nonces::new(parts.database.nonces(), parts.clock.clone()),
            replies: Replies::new(parts.database.replies(), parts.clock.clone()),
            templates: Templates::new(&parts),
            tokens: Tokens::new(&parts),
            sessions: Sessions::new(&parts),
            strangers: Strangers::new(&parts),
            inside: Inside::new(&parts, Arc::clone(&downloads)),
            limits: LimitsDesk::new(&parts),
            turnstile: Turnstile::new(&parts),
            links: Links::new(&parts, Arc::clone(&downloads), Arc::clone(&passwords)),
            link_door: LinkDoor::new(&parts, passwords),
            office: Office::new(&parts),
            queue: QueueDesk::new(&parts),
            downloads,
            bandwidth: parts.bandwidth.clone(),
            download: Arc::clone(&parts.download),
            settings: SettingsDesk::new(&parts),
            clock: parts.clock.clone(),
            metrics: parts.metrics.clone(),
            tracer: parts.tracer.clone(),
            exports: Exports::new(parts, Arc::clone(&permissions)),
            permissions,
            house,
        };
        Self(Arc::new(rooms))
    }

    /// Asking for exports, following and ending them.
    pub fn exports(&self) -> &Exports {
        &self.0.exports
    }

    /// Opening packages.
    pub fn downloads(&self) -> &Downloads {
        &self.0.downloads
    }

    /// How fast bytes of packages leave.
    pub fn bandwidth(&self) -> &Bandwidth {
        &self.0.bandwidth
    }

    /// How packages are sent.
    pub fn download(&self) -> Arc<DownloadConfig> {
        self.0.download.load_full()
    }

    /// Settings, told and changed.
    pub fn settings(&self) -> &SettingsDesk {
        &self.0.settings
    }

    /// Looking into packages.
    pub fn inside(&self) -> &Inside {
        &self.0.inside
    }

    /// What users may use.
    pub fn limits(&self) -> &LimitsDesk {
        &self.0.limits
    }

    /// Charging downloads to their users.
    pub fn turnstile(&self) -> &Turnstile {
        &self.0.turnstile
    }

    /// Links to packages.
    pub fn links(&self) -> &Links {
        &self.0.links
    }

    /// Letting in whoever comes by a link.
    pub fn link_door(&self) -> &LinkDoor {
        &self.0.link_door
    }

    /// What users may ask for.
    pub fn permissions(&self) -> &Permissions {
        &self.0.permissions
    }

    /// What concerns the house as a whole.
    pub fn office(&self) -> &Office {
        &self.0.office
    }

    /// The queue as a whole.
    pub fn queue(&self) -> &QueueDesk {
        &self.0.queue
    }

    /// The callers' projects.
    pub fn projects(&self) -> &Projects {
        &self.0.projects
    }

    /// The nonces of signed requests.
    pub fn nonces(&self) -> &Nonces {
        &self.0.nonces
    }

    /// Replies that are given again for the same `Idempotency-Key`.
    pub fn replies(&self) -> &Replies {
        &self.0.replies
    }

    /// Report templates.
    pub fn templates(&self) -> &Templates {
        &self.0.templates
    }

    /// API tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    /// Sessions of the page.
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// Those who fail to prove who they are.
    pub fn strangers(&self) -> &Strangers {
        &self.0.strangers
    }

    /// Whether the house can serve.
    pub fn house(&self) -> &House {
        &self.0.house
    }

    /// Where it is kept who did what.
    pub fn trail(&self) -> &Trail {
        &self.0.trail
    }

    /// Reading of that.
    pub fn audits(&self) -> &Audits {
        &self.0.audits
    }

    /// What time it is.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The instruments.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Tells how long what took.
    pub fn tracer(&self) -> &Tracer {
        &self.0.tracer
    }

    /// Every instrument as Prometheus reads it; those that tell of the queue are read now.
    pub async fn gauges(&self) -> Vec<u8> {
        if let Err(error) = self.exports().gauge(self.metrics()).await {
            tracing::warn!(%error, "the queue cannot be counted; its metrics stay as they were");
        }
        for part in self.house().parts().await {
            self.metrics().ready.with_label_values(&[part.name]).set(part.ok.into());
        }
        self.metrics().time.set(self.clock().now().millis() as f64 / 1000.0);
        self.metrics().render()
    }
}
