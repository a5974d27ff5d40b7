//! What a database says of itself, for whoever looks after it. Asks only, and changes nothing.

use sea_orm::ConnectionTrait;
use sqlx::postgres::PgConnectOptions;

use crate::domain::Timestamp;

use super::statement::sql;
use super::{Config, Database, StoreError};

/// SQLite from 3.35 on (`RETURNING`), PostgreSQL from 13 on.
const OLDEST: [i64; 2] = [3_035_000, 130_000];

/// The tables whose rows the server may not read and write as it has to.
const CLOSED: &str = "
    SELECT relname::text AS closed FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND relname <> 'seaql_migrations'
        AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
            AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))
    ORDER BY relname";

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkup {
    /// `SQLite 3.50.4`, `PostgreSQL 15.14`.
    pub product: String,
    /// Whether exportd works with that version.
    pub is_supported: bool,
    /// How far the schema is.
    pub schema: SchemaState,
    /// What it says of the first damage that it finds in itself; SQLite only.
    pub damage: Option<String>,
    /// What its clock shows; PostgreSQL only, which may have another than this machine.
    pub now: Option<Timestamp>,
    /// It only follows another one, and nothing can be written; PostgreSQL only.
    pub is_replica: bool,
    /// Tables that the role may not read and write; PostgreSQL only.
    pub closed: Vec<String>,
    /// The role may make tables, as migrating takes; PostgreSQL only, and true otherwise.
    pub may_create: bool,
    /// How the role gets past row security, if it does.
    pub way_past: Option<&'static str>,
}

/// Whose schema it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// This version's.
    Current,
    /// An older one's, or none: it has so many of the migrations known here.
    Behind {
        /// Migrations it has.
        applied: usize,
        /// Migrations this version knows.
        known: usize,
    },
    /// A newer one's, by this migration.
    Newer(String),
}

impl Config {
    /// The host and port of a PostgreSQL that is reached over the network.
    pub fn host(&self) -> Option<(String, u16)> {
        let options: PgConnectOptions = self.url.parse().ok().filter(|_| !self.is_sqlite())?;
        let is_socket = options.get_socket().is_some() || options.get_host().starts_with('/');
        (!is_socket).then(|| (options.get_host().to_owned(), options.get_port()))
    }
}

impl Database {
    /// Looks at it.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn checkup(&self) -> Result<Checkup, StoreError> {
        let schema = match self.migrations().await {
            Ok(all) => match all.iter().filter(|migration| migration.applied).count() {
                applied if applied == all.len() => SchemaState::Current,
                applied => SchemaState::Behind { applied, known: all.len() },
            },
            Err(StoreError::TooNew(migration)) => SchemaState::Newer(migration),
            Err(error) => return Err(error),
        };
        if self.is_postgres() {
            self.postgres_checkup(schema).await
        } else {
            self.sqlite_checkup(schema).await
        }
    }

    async fn sqlite_checkup(&self, schema: SchemaState) -> Result<Checkup, StoreError> {
        let version: String = self.told("SELECT sqlite_version() AS told").await?.unwrap_or_default();
        let check = sql(&self.reader, "PRAGMA quick_check(1)", []);
        let row = self.reader.query_one_raw(check).await?;
        let said: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(Checkup {
            is_supported: number(&version) >= OLDEST[0],
            product: format!("SQLite {version}"),
            schema,
            damage: said.filter(|said| said != "ok"),
            now: None,
            is_replica: false,
            closed: Vec::new(),
            may_create: true,
            way_past: None,
        })
    }

    async fn postgres_checkup(&self, schema: SchemaState) -> Result<Checkup, StoreError> {
        let version: Option<String> = self.told("SELECT current_setting('server_version') AS told").await?;
        let number: Option<i64> =
            self.told("SELECT current_setting('server_version_num')::bigint AS told").await?;
        let now = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS told";
        let create = "SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS told";
        let closed = self.reader.query_all_raw(sql(&self.reader, CLOSED, [])).await?;
        Ok(Checkup {
            product: format!("PostgreSQL {}", version.unwrap_or_default()),
            is_supported: number.is_some_and(|number| number >= OLDEST[1]),
            schema,
            damage: None,
            now: self.told::<i64>(now).await?.map(Timestamp::from_millis),
            is_replica: self.told("SELECT pg_is_in_recovery() AS told").await?.unwrap_or(false),
            closed: closed.iter().map(|row| row.try_get("", "closed")).collect::<Result<_, _>>()?,
            may_create: self.told(create).await?.unwrap_or(false),
            way_past: self.way_past().await?,
        })
    }

    /// The one value called `told` that `text` asks for.
    async fn told<T: sea_orm::TryGetable>(&self, text: &str) -> Result<Option<T>, StoreError> {
        let row = self.reader.query_one_raw(sql(&self.reader, text, [])).await?;
        Ok(row.map(|row| row.try_get("", "told")).transpose()?)
    }
}

/// `3.50.4` as SQLite counts it.
fn number(version: &str) -> i64 {
    let mut parts = version.split('.').map(|part| part.parse::<i64>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    next() * 1_000_000 + next() * 1_000 + next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_counted_and_not_spelled() {
        assert!(number("3.9.0") < OLDEST[0] && number("3.35.0") >= OLDEST[0] && number("3.50.4") > OLDEST[0]);
    }

    #[test]
    fn a_server_is_found_in_its_address() {
        let host = |url: &str| Config { url: url.to_owned(), ..Config::default() }.host();
        assert_eq!(host("postgres://a:b@db.example/x"), Some(("db.example".to_owned(), 5432)));
        assert_eq!(host("postgres://a@db:7000/x"), Some(("db".to_owned(), 7000)));
        assert_eq!(host("sqlite://exportd.db"), None);
        assert_eq!(host("postgres:///x?host=/run/postgresql"), None);
    }
}
