//! The rooms' own settings, composed.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config_units::{self, Network, TimeOfDay};
use crate::security::jwt;
use crate::telemetry::LogConfig;

/// Everything that one house is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `server.*`
    pub server: Server,
    /// `database.*`
    pub database: Database,
    /// `projects.*`
    pub projects: Projects,
    /// `storage.*`
    pub storage: Storage,
    /// `jobs.*`
    pub jobs: Jobs,
    /// `packing.*`
    pub packing: Packing,
    /// `limits.*`, those of one package.
    pub limits: Limits,
    /// `retention.*`
    pub retention: Retention,
    /// `cleanup.*`
    pub cleanup: Cleanup,
    /// `auth.jwt.*`
    pub jwt: jwt::Config,
    /// `log.*`
    pub log: LogConfig,
}

/// `server.*`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The API and the page.
    pub listen: SocketAddr,
    /// Metrics and health; `None` is `off`.
    #[serde(with = "config_units::listen")]
    pub ops_listen: Option<SocketAddr>,
    /// Used in links; the request's own when unset.
    #[serde(default)]
    pub public_url: Option<String>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
}

/// `database.*`
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// Whether `serve` brings the schema up to date.
    pub auto_migrate: bool,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = config_units::masked_url(&self.url);
        f.debug_struct("Database").field("url", &url).field("auto_migrate", &self.auto_migrate).finish()
    }
}

/// `projects.*`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Projects {
    /// `{root}/{userId}/{projectId}` is that user's project.
    pub root: PathBuf,
    /// Where registered sources may lie; empty is the root alone.
    #[serde(default)]
    pub allowed_roots: Vec<PathBuf>,
}

/// `storage.*`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storage {
    /// `local`.
    pub backend: String,
    /// The folder of the packages.
    pub root: PathBuf,
    /// Below this many free bytes no job starts.
    #[serde(with = "config_units::size")]
    pub reserve: u64,
}

/// `jobs.*`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// Jobs running on this node.
    pub concurrency: usize,
    /// Of one user, at a time.
    pub per_user: u32,
    /// Tries before an export is given up.
    pub attempts: u32,
    /// Before the second try.
    #[serde(with = "config_units::duration")]
    pub backoff: Duration,
    /// A worker silent for so long has lost its job.
    #[serde(with = "config_units::duration")]
    pub lease: Duration,
    /// How often a worker says that it lives.
    #[serde(with = "config_units::duration")]
    pub heartbeat: Duration,
    /// The longest that one try may take.
    #[serde(with = "config_units::duration")]
    pub deadline: Duration,
}

/// `packing.*`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packing {
    /// Threads that compress.
    pub threads: usize,
    /// 1 is fastest, 9 smallest.
    pub level: u32,
}

/// `limits.*`, those of one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The largest package, in bytes.
    #[serde(with = "config_units::size")]
    pub max_package: u64,
    /// The most entries.
    pub max_files: u64,
    /// Larger files are left out, in bytes.
    #[serde(with = "config_units::size")]
    pub max_file: u64,
    /// Uncompressed/compressed above this is suspicious.
    pub ratio_alert: u64,
}

/// `retention.*`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// How long a package is kept.
    #[serde(with = "config_units::duration")]
    pub default: Duration,
    /// The longest that a request may ask for.
    #[serde(with = "config_units::duration")]
    pub max: Duration,
    /// How long rows outlive their packages.
    #[serde(with = "config_units::duration")]
    pub records: Duration,
}

/// `cleanup.*`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cleanup {
    /// Between sweeps for what has expired.
    #[serde(with = "config_units::duration")]
    pub interval: Duration,
    /// Orphans, strays and old rows.
    pub deep_at: TimeOfDay,
}
