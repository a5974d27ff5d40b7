//! The schema: brought up, taken back, or asked whether it is this version's.

use migrations::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;
use sea_orm_migration::SchemaManager;

use crate::domain::Timestamp;
use crate::telemetry::Metrics;

use super::statement::sql;
use super::{Config, Database, StoreError};

/// Where sea-orm notes which migrations were applied.
const APPLIED: &str = "seaql_migrations";

/// One migration, and whether this database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationState {
    /// Its name.
    pub name: String,
    /// Whether it was applied.
    pub applied: bool,
}

impl Database {
    /// Opens the database as the role that may change its schema, whatever that is now.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn as_owner(config: &Config, metrics: Metrics) -> Result<Self, StoreError> {
        let url = config.migrate_url.as_ref().unwrap_or(&config.url).clone();
        Self::connect(&Config { url, ..config.clone() }, metrics).await
    }

    /// Applies the migrations it lacks; and when the server has a role of its own
    /// (`database.migrate_url`), grants that what it needs. To be asked of [`Self::as_owner`].
    ///
    /// # Errors
    /// [`StoreError::TooNew`] when it has some that this version does not know.
    pub async fn bring_up(&self, config: &Config) -> Result<(), StoreError> {
        self.migrate_up().await?;
        if config.migrate_url.is_none() {
            return Ok(());
        }
        let server = Self::connect(config, self.metrics.clone()).await?;
        let role = server.role().await;
        server.close().await;
        self.serve(&role?).await
    }

    /// When it was made: what is older belongs to other rows. A copy or a restored backup was made when
    /// its original was.
    ///
    /// # Errors
    /// [`StoreError`] when it does not answer.
    pub async fn made_at(&self) -> Result<Timestamp, StoreError> {
        let text = format!("SELECT MIN(applied_at) AS at FROM {APPLIED}");
        let reader = &self.reader().await?;
        let first = reader.query_one_raw(sql(reader, &text, [])).await?;
        let seconds: Option<i64> = first.map(|row| row.try_get("", "at")).transpose()?.flatten();
        Ok(Timestamp::from_millis(seconds.unwrap_or_default() * 1000))
    }

    /// Applies the migrations it lacks.
    ///
    /// # Errors
    /// [`StoreError::TooNew`] when it has some that this version does not know.
    pub async fn migrate_up(&self) -> Result<(), StoreError> {
        // A role that may make no tables can look whether there is anything to do.
        if self.refuse_newer().await?.len() == known().len() {
            return Ok(());
        }
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

    /// Every migration this version knows. Asks only: a role that may change no schema can, too.
    ///
    /// # Errors
    /// [`StoreError::TooNew`] when it has some that this version does not know.
    pub async fn migrations(&self) -> Result<Vec<MigrationState>, StoreError> {
        let applied = self.refuse_newer().await?;
        let state = |name: String| MigrationState { applied: applied.contains(&name), name };
        Ok(known().into_iter().map(state).collect())
    }

    pub(super) async fn check_schema(&self) -> Result<(), StoreError> {
        let migrations = self.migrations().await?;
        let applied = migrations.iter().filter(|migration| migration.applied).count();
        if applied == migrations.len() {
            Ok(())
        } else {
            Err(StoreError::NotMigrated { applied, known: migrations.len() })
        }
    }

    /// What was applied, if this version knows all of it.
    async fn refuse_newer(&self) -> Result<Vec<String>, StoreError> {
        let (known, applied) = (known(), self.applied().await?);
        match applied.iter().find(|name| !known.contains(name)) {
            Some(newer) => Err(StoreError::TooNew(newer.clone())),
            None => Ok(applied),
        }
    }

    async fn applied(&self) -> Result<Vec<String>, StoreError> {
        if !SchemaManager::new(&self.writer).has_table(APPLIED).await? {
            return Ok(Vec::new());
        }
        let asked = sql(&self.writer, &format!("SELECT version FROM {APPLIED}"), []);
        let rows = self.writer.query_all_raw(asked).await?;
        Ok(rows.iter().map(|row| row.try_get("", "version")).collect::<Result<_, _>>()?)
    }
}

fn known() -> Vec<String> {
    Migrator::get_migration_files().iter().map(|file| file.name().to_owned()).collect()
}
