//! A schema of what a platform for conversations keeps, for operators who have none of their own
//! and for whoever wants to try things out: what the shipped data sets read. Never exportd's own rows.
//!
//! One text for SQLite, PostgreSQL and MySQL or MariaDB. Instants are RFC 3339 in UTC with
//! milliseconds on SQLite, `timestamptz` on PostgreSQL and `DATETIME(3)` in UTC on MySQL; ids are
//! text, ordered by its bytes.

use std::time::Duration;

use sea_orm_migration::prelude::{Alias, ConnectionTrait, DbErr, DynIden, IntoIden, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectOptions, Database, DatabaseBackend, DatabaseConnection, Statement};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

mod m20261122_000001_platform;

/// How long a database may take to answer. Whoever waits sits before a terminal.
const PATIENCE: Duration = Duration::from_secs(3);

/// The migrations of the reference schema, oldest first.
#[derive(Debug)]
pub struct ReferenceMigrator;

impl MigratorTrait for ReferenceMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261122_000001_platform::Migration)]
    }

    /// One of its own: the database may be somebody's who keeps migrations too.
    fn migration_table_name() -> DynIden {
        Alias::new("exportd_reference_migrations").into_iden()
    }
}

/// Creates what is missing of the schema in the database at `url`.
///
/// # Errors
/// When the database does not answer, or has tables of these names already.
pub async fn up(url: &str) -> Result<(), DbErr> {
    let database = connect(url).await?;
    let done = ReferenceMigrator::up(&database, None).await;
    database.close().await.and(done)
}

/// Takes the schema back, with everything that its tables hold.
///
/// # Errors
/// When the database does not answer.
pub async fn down(url: &str) -> Result<(), DbErr> {
    let database = connect(url).await?;
    let done = ReferenceMigrator::down(&database, None).await;
    database.close().await.and(done)
}

async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).acquire_timeout(PATIENCE).sqlx_logging(false);
    Database::connect(options).await
}

/// A collation of MariaDB's or MySQL's in which every id is itself alone: not even blanks at its end are
/// passed over, as `utf8mb4_bin` does.
async fn by_bytes(manager: &SchemaManager<'_>) -> Result<&'static str, DbErr> {
    let asked = Statement::from_string(DatabaseBackend::MySql, "SELECT VERSION()");
    let row = manager.get_connection().query_one_raw(asked).await?;
    let version: String = row.map_or(Ok(String::new()), |row| row.try_get_by_index(0))?;
    Ok(match version.contains("MariaDB") {
        true => " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
        false => " CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
    })
}

/// Runs `statements`, parted by semicolons, one at a time, with the words put in for which the
/// databases have different ones: `{key}`, a text that is found and ordered by; `{text}`, any
/// text; `{json}`, a document; `{instant}`; `{decimal}`, money with six places; `{double}`; and
/// `{table}`, what stands behind a table's columns.
async fn apply(manager: &SchemaManager<'_>, statements: &str) -> Result<(), DbErr> {
    let words: [(&str, &str); 7] = match manager.get_database_backend() {
        DatabaseBackend::Postgres => [
            ("{key}", "TEXT COLLATE \"C\""),
            ("{text}", "TEXT"),
            ("{json}", "JSONB"),
            ("{instant}", "TIMESTAMPTZ"),
            ("{decimal}", "NUMERIC(12, 6)"),
            ("{double}", "DOUBLE PRECISION"),
            ("{table}", ""),
        ],
        DatabaseBackend::MySql => [
            ("{key}", "VARCHAR(128)"),
            ("{text}", "LONGTEXT"),
            ("{json}", "JSON"),
            ("{instant}", "DATETIME(3)"),
            ("{decimal}", "DECIMAL(12, 6)"),
            ("{double}", "DOUBLE"),
            ("{table}", by_bytes(manager).await?),
        ],
        _ => [
            ("{key}", "TEXT"),
            ("{text}", "TEXT"),
            ("{json}", "TEXT"),
            ("{instant}", "TEXT"),
            ("{decimal}", "TEXT"),
            ("{double}", "REAL"),
            ("{table}", ""),
        ],
    };
    let sql = words.iter().fold(statements.to_owned(), |sql, (word, meant)| sql.replace(word, meant));
    for statement in sql.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
