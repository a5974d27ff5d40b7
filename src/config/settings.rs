//! The rooms' own settings, composed.

use crate::security::jwt;
use crate::telemetry::LogConfig;
use crate::{app, db, http, jobs, packaging, projects, storage};

/// Everything that one house is told.
#[derive(Debug, Clone, Default)]
pub struct Settings {
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
    /// `limits.*`, those of one package.
    pub limits: packaging::Limits,
    /// `retention.*`
    pub retention: app::Config,
    /// `audit.*`
    pub audit: app::AuditConfig,
    /// `cleanup.*`
    pub cleanup: jobs::CleanupConfig,
    /// `auth.jwt.*`
    pub jwt: jwt::Config,
    /// `log.*`
    pub log: LogConfig,
}
