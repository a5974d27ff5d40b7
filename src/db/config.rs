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
    /// Whether `serve` brings the schema up to date by itself.
    pub auto_migrate: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { url: "sqlite://exportd.db".to_owned(), auto_migrate: true }
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

/// Never the password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = masked_url(&self.url);
        f.debug_struct("Config").field("url", &url).field("auto_migrate", &self.auto_migrate).finish()
    }
}
