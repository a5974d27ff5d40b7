//! The registered snapshots of projects. Whoever names an owner acts for that owner alone.

use sea_orm::FromQueryResult;

use crate::domain::{ProjectId, Snapshot, Timestamp, UserId, VersionId};

use super::statement::{change, sql};
use super::{Acting, Database, StoreError};

/// The rows of `snapshots`.
#[derive(Debug, Clone)]
pub struct Snapshots {
    database: Database,
}

#[derive(FromQueryResult)]
struct Row {
    version_id: String,
    path: String,
    registered_at: i64,
}

impl Snapshots {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// The database, acting for `owner`.
    fn of(&self, owner: &UserId) -> Database {
        self.database.acting(Acting::for_owner(owner))
    }

    /// The snapshot `version` of a project, if it is registered.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(
        &self,
        owner: &UserId,
        project: &ProjectId,
        version: &VersionId,
    ) -> Result<Option<Snapshot>, StoreError> {
        let text = "SELECT version_id, path, registered_at FROM snapshots
            WHERE owner = $1 AND project_id = $2 AND version_id = $3";
        let values = [owner.as_str().into(), project.as_str().into(), version.as_str().into()];
        let database = self.of(owner);
        let reader = &database.reader().await?;
        let row = Row::find_by_statement(sql(reader, text, values)).one(reader).await?;
        row.map(Snapshot::try_from).transpose()
    }

    /// Up to `limit` snapshots of a project, the last registered first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        owner: &UserId,
        project: &ProjectId,
        limit: u32,
    ) -> Result<Vec<Snapshot>, StoreError> {
        let text = "SELECT version_id, path, registered_at FROM snapshots
            WHERE owner = $1 AND project_id = $2 ORDER BY registered_at DESC, version_id LIMIT $3";
        let values = [owner.as_str().into(), project.as_str().into(), i64::from(limit).into()];
        let database = self.of(owner);
        let reader = &database.reader().await?;
        let rows = Row::find_by_statement(sql(reader, text, values)).all(reader).await?;
        rows.into_iter().map(Snapshot::try_from).collect()
    }

    /// Registers a snapshot, or replaces what was registered under its name. The same folder once
    /// more changes nothing, also not when it was registered: it is the same snapshot.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put(
        &self,
        owner: &UserId,
        project: &ProjectId,
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        let transaction = self.of(owner).begin().await?;
        let text = "INSERT INTO snapshots (owner, project_id, version_id, path, registered_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (owner, project_id, version_id) DO UPDATE SET path = $4, registered_at = $5
            WHERE snapshots.path <> $4";
        let values = [
            owner.as_str().into(),
            project.as_str().into(),
            snapshot.version.as_str().into(),
            snapshot.path.to_string_lossy().into_owned().into(),
            snapshot.registered_at.millis().into(),
        ];
        change(&transaction, text, values).await?;
        Ok(transaction.commit().await?)
    }
}

impl TryFrom<Row> for Snapshot {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt { table: "snapshots", what: what.to_owned() };
        Ok(Self {
            version: row.version_id.parse().map_err(|_| corrupt("version_id"))?,
            path: row.path.into(),
            registered_at: Timestamp::from_millis(row.registered_at),
        })
    }
}
