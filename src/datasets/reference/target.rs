//! The database that rows are put into: one connection, which is written to as text.

use std::str::FromStr;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, MySqlConnection, PgConnection, SqliteConnection};

use super::{Dialect, ReferenceError};

/// A connection that may write.
pub(super) enum Target {
    Sqlite(SqliteConnection),
    Postgres(Box<PgConnection>),
    Mysql(Box<MySqlConnection>),
}

impl Target {
    pub(super) async fn open(url: &str) -> Result<Self, ReferenceError> {
        Ok(match Dialect::of(url)? {
            Dialect::Sqlite => {
                let options = SqliteConnectOptions::from_str(url)?.disable_statement_logging();
                Self::Sqlite(options.connect().await?)
            }
            Dialect::Postgres => {
                let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
                Self::Postgres(Box::new(options.connect().await?))
            }
            Dialect::Mysql => {
                let options = MySqlConnectOptions::from_str(url)?.disable_statement_logging();
                Self::Mysql(Box::new(options.connect().await?))
            }
        })
    }

    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
            Self::Mysql(_) => Dialect::Mysql,
        }
    }

    /// Runs `statement`, in which nothing stands that came from outside unquoted.
    pub(super) async fn run(&mut self, statement: &str) -> Result<(), ReferenceError> {
        let raw = sqlx::raw_sql(AssertSqlSafe(statement));
        let done = match self {
            Self::Sqlite(connection) => raw.execute(connection).await.map(|_| ()),
            Self::Postgres(connection) => raw.execute(&mut **connection).await.map(|_| ()),
            Self::Mysql(connection) => raw.execute(&mut **connection).await.map(|_| ()),
        };
        Ok(done?)
    }

    /// How many users there are.
    pub(super) async fn users(&mut self) -> Result<i64, ReferenceError> {
        let count = sqlx::AssertSqlSafe("SELECT count(*) FROM users");
        Ok(match self {
            Self::Sqlite(connection) => sqlx::query_scalar(count).fetch_one(connection).await?,
            Self::Postgres(connection) => sqlx::query_scalar(count).fetch_one(&mut **connection).await?,
            Self::Mysql(connection) => sqlx::query_scalar(count).fetch_one(&mut **connection).await?,
        })
    }

    pub(super) async fn close(self) -> Result<(), ReferenceError> {
        match self {
            Self::Sqlite(connection) => connection.close().await?,
            Self::Postgres(connection) => connection.close().await?,
            Self::Mysql(connection) => connection.close().await?,
        }
        Ok(())
    }
}
