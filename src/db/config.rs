//! `database.*` of the settings.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnectOptions;

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

/// Whether `url` is of a SQLite database that lies in no file: it would be gone with the process, and the
/// connections of one server would each have their own.
///
/// Source: sqlite.org/inmemorydb.html (an empty name, too, is no file's).
pub fn is_in_memory(url: &str) -> bool {
    if !url.starts_with("sqlite:") {
        return false;
    }
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    let is_file = |options: SqliteConnectOptions| {
        let name = options.get_filename().to_string_lossy().into_owned();
        !name.is_empty() && name != ":memory:" && !name.starts_with("file:")
    };
    parameters.split('&').any(|parameter| parameter == "mode=memory") || !url.parse().map_or(true, is_file)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_lies_in_no_file_is_known_by_its_address() {
        for url in [
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite://%3Amemory%3A",
            "sqlite://",
            "sqlite://?mode=rwc",
        ] {
            assert!(is_in_memory(url), "{url}");
        }
        for url in ["sqlite://x.db?mode=memory", "sqlite:x?cache=shared&mode=memory", "sqlite:file::memory:"]
        {
            assert!(is_in_memory(url), "{url}");
        }
        for url in
            ["sqlite://exportd.db", "sqlite:///srv/memory/x.db?mode=rwc", "sqlite:x", "postgres://db/memory"]
        {
            assert!(!is_in_memory(url), "{url}");
        }
    }
}
