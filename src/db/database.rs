//! Connections: one writer beside readers on SQLite, one pool on PostgreSQL.

use std::str::FromStr;
use std::time::{Duration, Instant};

use migrations::{MigrationStatus, Migrator, MigratorTrait};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sqlx::postgres::PgListener;
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use crate::domain::ExportId;
use crate::telemetry::Metrics;

use super::{
    Config, Downloads, Duties, Exports, Links, Nonces, Passes, Projects, Replies, Snapshots, StoreError,
};

/// How long a call waits for a database that is locked or away.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections that read.
const READERS: u32 = 8;
/// The channel on which PostgreSQL tells of changed rows.
const CHANNEL: &str = "exportd";
/// Before listening is tried again.
const LISTEN_AGAIN: Duration = Duration::from_secs(2);

/// One migration, and whether this database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationState {
    /// Its name.
    pub name: String,
    /// Whether it was applied.
    pub applied: bool,
}

/// The open database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    pub(super) reader: DatabaseConnection,
    pub(super) writer: DatabaseConnection,
    /// Writes, too; on SQLite, its commits do not wait for the disk.
    unsynced: DatabaseConnection,
    metrics: Metrics,
}

impl Database {
    /// Opens the database and, when `config` allows it, brings its schema up to date.
    ///
    /// # Errors
    /// When it does not answer, or its schema is not this version's.
    pub async fn open(config: &Config, metrics: Metrics) -> Result<Self, StoreError> {
        let database = Self::connect(config, metrics).await?;
        if config.auto_migrate {
            database.migrate_up().await?;
        }
        database.check_schema().await?;
        Ok(database)
    }

    /// Opens the database, whatever its schema.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn connect(config: &Config, metrics: Metrics) -> Result<Self, StoreError> {
        let (writer, reader, unsynced) = if config.is_sqlite() {
            use SqliteSynchronous::{Full, Normal};
            // One writer: who waits, waits here and in order, not in SQLite's busy handler. The
            // other one has nothing but nonces to write, and is done in a tenth of a millisecond.
            (
                sea_orm::Database::connect(sqlite(&config.url, 1, Full)).await?,
                sea_orm::Database::connect(sqlite(&config.url, READERS, Full)).await?,
                sea_orm::Database::connect(sqlite(&config.url, 1, Normal)).await?,
            )
        } else if config.url.starts_with("postgres:") || config.url.starts_with("postgresql:") {
            let pool = sea_orm::Database::connect(postgres(&config.url)).await?;
            (pool.clone(), pool.clone(), pool)
        } else {
            return Err(StoreError::UnknownKind);
        };
        Ok(Self { reader, writer, unsynced, metrics })
    }

    /// The snapshots of projects.
    pub fn snapshots(&self) -> Snapshots {
        Snapshots::new(self.clone())
    }

    /// The exports.
    pub fn exports(&self) -> Exports {
        Exports::new(self.clone())
    }

    /// The registry of projects.
    pub fn projects(&self) -> Projects {
        Projects::new(self.clone())
    }

    /// The downloads.
    pub fn downloads(&self) -> Downloads {
        Downloads::new(self.clone())
    }

    /// The links to packages.
    pub fn links(&self) -> Links {
        Links::new(self.clone())
    }

    /// The downloads of links that allow so many.
    pub fn passes(&self) -> Passes {
        Passes::new(self.clone())
    }

    /// The replies that are given again.
    pub fn replies(&self) -> Replies {
        Replies::new(self.clone())
    }

    /// The nonces of signed requests. Those who ask one of these and its clones share commits.
    pub fn nonces(&self) -> Nonces {
        Nonces::new(self.clone())
    }

    /// Which node has which duty.
    pub fn duties(&self) -> Duties {
        Duties::new(self.clone())
    }

    /// Asks for a sign of life.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.reader.execute_unprepared("SELECT 1").await.map(drop)?)
    }

    /// Closes every connection; SQLite folds its log into the database then.
    pub async fn close(&self) {
        for connection in [&self.reader, &self.unsynced, &self.writer] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::warn!(%error, "the database did not close in good order");
            }
        }
    }

    /// Applies the migrations it lacks.
    ///
    /// # Errors
    /// [`StoreError::TooNew`] when it has some that this version does not know.
    pub async fn migrate_up(&self) -> Result<(), StoreError> {
        self.refuse_newer().await?;
        Ok(Migrator::up(&self.writer, None).await?)
    }

    /// Takes back the last `steps` migrations, and what their tables held.
    ///
    /// # Errors
    /// [`StoreError::TooNew`] when it has some that this version does not know.
    pub async fn migrate_down(&self, steps: u32) -> Result<(), StoreError> {
        self.refuse_newer().await?;
        Ok(Migrator::down(&self.writer, Some(steps)).await?)
    }

    /// Every migration this version knows.
    ///
    /// # Errors
    /// [`StoreError::TooNew`] when it has some that this version does not know.
    pub async fn migrations(&self) -> Result<Vec<MigrationState>, StoreError> {
        self.refuse_newer().await?;
        let migrations = Migrator::get_migration_with_status(&self.writer).await?;
        let state = |migration: &sea_orm_migration::Migration| MigrationState {
            name: migration.name().to_owned(),
            applied: migration.status() == MigrationStatus::Applied,
        };
        Ok(migrations.iter().map(state).collect())
    }

    /// Calls `hint` when a row may have changed, here or on another node: with the export, or
    /// with nothing when there may be something to claim. Only PostgreSQL tells; a hint may be
    /// lost, so nobody may rely on it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn listen(&self, hint: impl Fn(Option<ExportId>) + Send + 'static) -> Result<(), StoreError> {
        if !self.is_postgres() {
            return Ok(());
        }
        let pool = self.writer.get_postgres_connection_pool().clone();
        tokio::spawn(async move {
            while !pool.is_closed() {
                if let Ok(mut listener) = PgListener::connect_with(&pool).await {
                    listener.ignore_pool_close_event(false);
                    if listener.listen(CHANNEL).await.is_ok() {
                        while let Ok(told) = listener.recv().await {
                            hint(ExportId::from_str(told.payload()).ok());
                        }
                    }
                }
                tokio::time::sleep(LISTEN_AGAIN).await;
            }
        });
        Ok(())
    }

    /// A transaction that may write. On SQLite it holds the only right to, from its first moment
    /// on: it cannot be refused half way.
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        self.begin_on(&self.writer).await
    }

    /// The same, for what may be lost when the machine goes down (never when this process does).
    /// Only SQLite knows the difference.
    pub(super) async fn begin_unsynced(&self) -> Result<DatabaseTransaction, StoreError> {
        self.begin_on(&self.unsynced).await
    }

    async fn begin_on(&self, connection: &DatabaseConnection) -> Result<DatabaseTransaction, StoreError> {
        let asked = Instant::now();
        let mode = (!self.is_postgres()).then_some(SqliteTransactionMode::Immediate);
        let access_mode = self.is_postgres().then_some(AccessMode::ReadWrite);
        let options = TransactionOptions {
            sqlite_transaction_mode: mode,
            access_mode,
            ..TransactionOptions::default()
        };
        let transaction = connection.begin_with_options(options).await?;
        if self.is_postgres() {
            // For this transaction only, so that it is right behind a pooler of transactions too.
            let patience = PATIENCE.as_millis();
            transaction.execute_unprepared(&format!("SET LOCAL lock_timeout = {patience}")).await?;
        }
        self.metrics.db_write_wait.observe(asked.elapsed().as_secs_f64());
        Ok(transaction)
    }

    /// Tells other nodes, once the transaction is committed: `id` changed, or for `None` that
    /// there may be something to claim.
    pub(super) async fn tell(
        &self,
        transaction: &DatabaseTransaction,
        id: Option<ExportId>,
    ) -> Result<(), StoreError> {
        if self.is_postgres() {
            let told = id.map_or_else(String::new, |id| id.to_string());
            // Only ids and the empty text get here: nothing to escape.
            transaction.execute_unprepared(&format!("NOTIFY {CHANNEL}, '{told}'")).await?;
        }
        Ok(())
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.writer.get_database_backend() == DbBackend::Postgres
    }

    async fn check_schema(&self) -> Result<(), StoreError> {
        let migrations = self.migrations().await?;
        let applied = migrations.iter().filter(|migration| migration.applied).count();
        if applied == migrations.len() {
            Ok(())
        } else {
            Err(StoreError::NotMigrated { applied, known: migrations.len() })
        }
    }

    async fn refuse_newer(&self) -> Result<(), StoreError> {
        let known: Vec<_> =
            Migrator::get_migration_files().iter().map(|file| file.name().to_owned()).collect();
        let applied = Migrator::get_migration_models(&self.writer).await?;
        match applied.into_iter().find(|model| !known.contains(&model.version)) {
            Some(newer) => Err(StoreError::TooNew(newer.version)),
            None => Ok(()),
        }
    }
}

fn sqlite(url: &str, connections: u32, synchronous: SqliteSynchronous) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).acquire_timeout(PATIENCE).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(move |options| {
        options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An answer of 202 promises a row that outlives a power cut: NORMAL may lose the
            // last commits of a WAL.
            .synchronous(synchronous)
            .busy_timeout(PATIENCE)
            .foreign_keys(true)
    });
    options
}

fn postgres(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(READERS + 4).acquire_timeout(PATIENCE).sqlx_logging(false);
    options.map_sqlx_postgres_opts(|options| options.application_name("exportd"));
    options
}
