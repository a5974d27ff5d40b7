//! `database.*` of the settings.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config_units::masked_url;

/// Which database, and whether its schema may be brought up to date.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `sqlite://exportd.db` or `postgres://user:password@host/name`.
    pub url: String,
    /// As which role the schema is changed, when the server is to have one that cannot; PostgreSQL
    /// only.
    pub migrate_url: Option<String>,
    /// Whether `serve` brings the schema up to date by itself.
    pub auto_migrate: bool,
    /// Whether to refuse to start as a role that row security does not bind; PostgreSQL only.
    pub require_row_security: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: "sqlite://exportd.db".to_owned(),
            migrate_url: None,
            auto_migrate: true,
            require_row_security: false,
        }
    }
}

impl Config {
    /// Whether this is a file of this machine, with one server and no network.
    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    /// The files of a SQLite database; none for PostgreSQL.
    pub fn files(&self) -> Vec<PathBuf> {
        let Some(path) = self.url.strip_prefix("sqlite:") else { return Vec::new() };
        let path = path.trim_start_matches("//").split('?').next().unwrap_or_default();
        ["", "-wal", "-shm", ".lock"].iter().map(|end| PathBuf::from(format!("{path}{end}"))).collect()
    }
}

/// Never a password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("url", &masked_url(&self.url))
            .field("migrate_url", &self.migrate_url.as_deref().map(masked_url))
            .field("auto_migrate", &self.auto_migrate)
            .field("require_row_security", &self.require_row_security)
            .finish()
    }
}
