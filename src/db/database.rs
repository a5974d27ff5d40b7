//! Connections: one writer beside readers on SQLite, one pool on PostgreSQL.

use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction,
    DbBackend, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sqlx::postgres::PgListener;
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use crate::domain::ExportId;
use crate::domain::audit::AuditEntry;
use crate::telemetry::Metrics;

use super::{
    Acting, ApiTokens, Audit, Charges, Config, Downloads, Duties, Exports, Links, Nodes, Nonces, Passes,
    Permissions, Projects, Queue, Replies, Sessions, Snapshots, StoreError, Sweeps, Templates, UserLimits,
};

/// How long a call waits for a database that is locked or away.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections that read.
const READERS: u32 = 8;
/// The channel on which PostgreSQL tells of changed rows.
const CHANNEL: &str = "exportd";
/// Before listening is tried again.
const LISTEN_AGAIN: Duration = Duration::from_secs(2);

/// The open database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    pub(super) reader: DatabaseConnection,
    pub(super) writer: DatabaseConnection,
    /// Writes, too; on SQLite, its commits do not wait for the disk.
    unsynced: DatabaseConnection,
    pub(super) metrics: Metrics,
    acting: Arc<Acting>,
}

impl Database {
    /// Opens the database and, when `config` allows it, brings its schema up to date.
    ///
    /// # Errors
    /// When it does not answer, its schema is not this version's, or row security is required and
    /// does not bind the role.
    pub async fn open(config: &Config, metrics: Metrics) -> Result<Self, StoreError> {
        let database = Self::connect(config, metrics.clone()).await?;
        if config.auto_migrate && config.migrate_url.is_some() {
            let owner = Self::as_owner(config, metrics).await?;
            let brought_up = owner.bring_up(config).await;
            owner.close().await;
            brought_up?;
        } else if config.auto_migrate {
            database.migrate_up().await?;
        }
        database.check_schema().await?;
        database.check_role(config.require_row_security).await?;
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
        Ok(Self { reader, writer, unsynced, metrics, acting: Arc::default() })
    }

    /// The same database, whose rows are read and written as `acting` says.
    #[must_use]
    pub fn acting(&self, acting: Acting) -> Self {
        Self { acting: Arc::new(acting), ..self.clone() }
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

    /// The queue as a whole.
    pub fn queue(&self) -> Queue {
        Queue::new(self.clone())
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

    /// What users may export.
    pub fn permissions(&self) -> Permissions {
        Permissions::new(self.clone())
    }

    /// The report templates.
    pub fn templates(&self) -> Templates {
        Templates::new(self.clone())
    }

    /// The replies that are given again.
    pub fn replies(&self) -> Replies {
        Replies::new(self.clone())
    }

    /// The API tokens.
    pub fn api_tokens(&self) -> ApiTokens {
        ApiTokens::new(self.clone())
    }

    /// The sessions of the page.
    pub fn sessions(&self) -> Sessions {
        Sessions::new(self.clone())
    }

    /// The nonces of signed requests. Those who ask one of these and its clones share commits.
    pub fn nonces(&self) -> Nonces {
        Nonces::new(self.clone())
    }

    /// The audit.
    pub fn audit(&self) -> Audit {
        Audit::new(self.clone())
    }

    /// Which node has which duty.
    pub fn duties(&self) -> Duties {
        Duties::new(self.clone())
    }

    /// What sweeps did.
    pub fn sweeps(&self) -> Sweeps {
        Sweeps::new(self.clone())
    }

    /// What users have used of their limits.
    pub fn charges(&self) -> Charges {
        Charges::new(self.clone())
    }

    /// What is set for users while servers run.
    pub fn user_limits(&self) -> UserLimits {
        UserLimits::new(self.clone())
    }

    /// Which nodes there are.
    pub fn nodes(&self) -> Nodes {
        Nodes::new(self.clone())
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

    /// What reads: any connection for the house. For a user, on PostgreSQL, a transaction that was
    /// told so; nothing is written in it, so that it ends as well as it is dropped.
    pub(super) async fn reader(&self) -> Result<DatabaseExecutor<'_>, StoreError> {
        match self.acting.told().filter(|_| self.is_postgres()) {
            None => Ok(DatabaseExecutor::Connection(&self.reader)),
            Some(told) => {
                let transaction = self.reader.begin().await?;
                transaction.execute_unprepared(&told).await?;
                Ok(DatabaseExecutor::OwnedTransaction(transaction))
            }
        }
    }

    /// For whom rows are read and written.
    pub(super) fn acts(&self) -> &Acting {
        &self.acting
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
            let patience = format!("SET LOCAL lock_timeout = {}", PATIENCE.as_millis());
            let told = [Some(patience), self.acting.told()].into_iter().flatten().collect::<Vec<_>>();
            transaction.execute_unprepared(&told.join("; ")).await?;
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

    /// These entries were written down.
    pub(super) fn count_audit(&self, entries: &[AuditEntry]) {
        for entry in entries {
            self.metrics.audit_entries.with_label_values(&[entry.outcome.as_str()]).inc();
        }
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.writer.get_database_backend() == DbBackend::Postgres
    }
}

fn sqlite(url: &str, connections: u32, synchronous: SqliteSynchronous) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).acquire_timeout(PATIENCE).sqlx_logging(false);
    // A file does not hang up: asking each time whether it is still there would cost as much as the
    // question itself.
    options.test_before_acquire(false);
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
