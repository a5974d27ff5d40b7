//! The rooms' own settings, composed.

use super::AsFound;
use crate::loaders::Caps;
use crate::otel::OtelConfig;
use crate::security::{self, jwt};
use crate::telemetry::LogConfig;
use crate::{app, datasets, db, formats, http, jobs, packaging, projects, storage};

/// Everything that one house is told.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What all of these were made of.
    pub as_found: AsFound,
    /// `server.*`
    pub server: http::server::Config,
    /// `database.*`
    pub database: db::Config,
    /// `projects.*`
    pub projects: projects::Config,
    /// `storage.*`
    pub storage: storage::Config,
    /// `download.*`
    pub download: app::DownloadConfig,
    /// `jobs.*`
    pub jobs: jobs::Config,
    /// `packing.*`
    pub packing: packaging::Config,
    /// `datasets.*`
    pub datasets: datasets::Config,
    /// `formats.*`
    pub formats: formats::Config,
    /// `limits.*`, those of one export of data.
    pub caps: Caps,
    /// `limits.*`, those of one package.
    pub limits: packaging::Limits,
    /// `limits.*`, those of one user; and `jobs.per_user`.
    pub user_limits: app::LimitsConfig,
    /// `retention.*`
    pub retention: app::Config,
    /// `access.*`
    pub access: app::AccessConfig,
    /// `audit.*`
    pub audit: app::AuditConfig,
    /// `cleanup.*`
    pub cleanup: jobs::CleanupConfig,
    /// `auth.*`, but for `auth.jwt.*`
    pub auth: security::Config,
    /// `auth.jwt.*`
    pub jwt: jwt::Config,
    /// `auth.session.*`
    pub session: app::SessionConfig,
    /// `log.*`
    pub log: LogConfig,
    /// `otel.*`
    pub otel: OtelConfig,
}
