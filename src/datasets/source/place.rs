//! Which database or folder a source is.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::datasets::sql::Dialect;

/// How long SQLite waits for a writer that has the file to itself.
const BUSY: Duration = Duration::from_secs(5);

/// Where a source is.
pub(in crate::datasets) enum Place {
    /// A PostgreSQL server.
    Postgres(Box<PgConnectOptions>),
    /// A file of SQLite.
    Sqlite(Box<SqliteConnectOptions>),
    /// A MySQL or MariaDB server.
    Mysql(Box<MySqlConnectOptions>),
    /// A folder of CSV, JSON Lines or Parquet files.
    Folder(PathBuf),
}

/// Why an address is none. Never repeats it, for it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "is not the address of a database; write sqlite:///file.db, postgres://user:password@host/name or mysql://user:password@host/name"
)]
pub(in crate::datasets) struct PlaceError;

impl Place {
    /// The database at `url`, to be read only and without its queries in the log.
    pub(in crate::datasets) fn parse(url: &str) -> Result<Self, PlaceError> {
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
        match scheme {
            "postgres" | "postgresql" => {
                let options = PgConnectOptions::from_str(url).map_err(|_| PlaceError)?;
                let options = options.application_name("exportd").disable_statement_logging();
                Ok(Self::Postgres(Box::new(options)))
            }
            "sqlite" => {
                let options = SqliteConnectOptions::from_str(url).map_err(|_| PlaceError)?;
                let options = options.read_only(true).create_if_missing(false).pragma("query_only", "1");
                let options = options.busy_timeout(BUSY).row_buffer_size(256).disable_statement_logging();
                Ok(Self::Sqlite(Box::new(options)))
            }
            "mysql" | "mariadb" => {
                let options = MySqlConnectOptions::from_str(url).map_err(|_| PlaceError)?;
                Ok(Self::Mysql(Box::new(options.disable_statement_logging())))
            }
            _ => Err(PlaceError),
        }
    }

    /// Whether it is a file that is not there.
    pub(in crate::datasets) fn is_absent(&self) -> bool {
        matches!(self, Self::Sqlite(options) if !options.get_filename().exists())
    }

    /// Whose SQL it speaks; none for a folder.
    pub(in crate::datasets) fn dialect(&self) -> Option<Dialect> {
        match self {
            Self::Postgres(_) => Some(Dialect::Postgres),
            Self::Sqlite(_) => Some(Dialect::Sqlite),
            Self::Mysql(_) => Some(Dialect::Mysql),
            Self::Folder(_) => None,
        }
    }
}

/// What kind it is, and never its address.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres(_) => "Postgres",
            Self::Sqlite(_) => "Sqlite",
            Self::Mysql(_) => "Mysql",
            Self::Folder(_) => "Folder",
        })
    }
}

/// How a source keeps user ids. SQLite and MySQL compare a text with a column of numbers as numbers:
/// there `010`, `1e1` and `10` would be one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::datasets) enum UserIds {
    /// Not said: bound as text, unless a database might take it for another user's number.
    #[default]
    Unsaid,
    /// As text.
    Text,
    /// As whole numbers.
    Integer,
}

impl UserIds {
    /// The words in declarations.
    pub(in crate::datasets) const WORDS: [&str; 2] = ["text", "integer"];

    /// The one of that word.
    pub(in crate::datasets) fn parse(word: &str) -> Option<Self> {
        match word {
            "text" => Some(Self::Text),
            "integer" => Some(Self::Integer),
            _ => None,
        }
    }
}
