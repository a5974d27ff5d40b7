//! The registry of projects. Whoever names an owner acts for that owner alone.

use sea_orm::FromQueryResult;
use serde_json::Value as Json;

use crate::domain::{Project, ProjectId, Timestamp, UserId};

use super::row::{big, document};
use super::statement::{change, json, sql};
use super::{Acting, Database, StoreError};

/// The rows of `projects`.
#[derive(Debug, Clone)]
pub struct Projects {
    database: Database,
}

#[derive(FromQueryResult)]
struct Row {
    owner: String,
    id: String,
    name: String,
    framework: Option<String>,
    source: Json,
    registered_at: i64,
}

impl Projects {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// The database, acting for `owner`.
    fn of(&self, owner: &UserId) -> Database {
        self.database.acting(Acting::for_owner(owner))
    }

    /// The project `id` of `owner`, if it is registered.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, owner: &UserId, id: &ProjectId) -> Result<Option<Project>, StoreError> {
        let text = "SELECT * FROM projects WHERE owner = $1 AND id = $2";
        let database = self.of(owner);
        let reader = &database.reader().await?;
        let row = Row::find_by_statement(sql(reader, text, [owner.as_str().into(), id.as_str().into()]))
            .one(reader)
            .await?;
        row.map(Project::try_from).transpose()
    }

    /// Up to `limit` registered projects of `owner` by id, from after `after` on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        owner: &UserId,
        after: Option<&ProjectId>,
        limit: u64,
    ) -> Result<Vec<Project>, StoreError> {
        let text = "SELECT * FROM projects WHERE owner = $1 AND id > $2 ORDER BY id LIMIT $3";
        let after = after.map_or("", ProjectId::as_str);
        let database = self.of(owner);
        let reader = &database.reader().await?;
        let values = [owner.as_str().into(), after.into(), big(limit).into()];
        let rows = Row::find_by_statement(sql(reader, text, values)).all(reader).await?;
        rows.into_iter().map(Project::try_from).collect()
    }

    /// Registers `project`, or replaces what was registered under its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put(&self, project: &Project) -> Result<(), StoreError> {
        let transaction = self.of(&project.owner).begin().await?;
        let text = "INSERT INTO projects (owner, id, name, framework, source, registered_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (owner, id) DO UPDATE SET name = $3, framework = $4, source = $5";
        let values = [
            project.owner.as_str().into(),
            project.id.as_str().into(),
            project.name.as_str().into(),
            project.framework.clone().into(),
            json(&project.source),
            project.registered_at.map_or(0, Timestamp::millis).into(),
        ];
        change(&transaction, text, values).await?;
        Ok(transaction.commit().await?)
    }

    /// Forgets the project `id` of `owner` and its snapshots; `false` when it was not registered.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete(&self, owner: &UserId, id: &ProjectId) -> Result<bool, StoreError> {
        let transaction = self.of(owner).begin().await?;
        let text = "DELETE FROM projects WHERE owner = $1 AND id = $2";
        let deleted = change(&transaction, text, [owner.as_str().into(), id.as_str().into()]).await?;
        if deleted == 1 {
            let text = "DELETE FROM snapshots WHERE owner = $1 AND project_id = $2";
            change(&transaction, text, [owner.as_str().into(), id.as_str().into()]).await?;
        }
        transaction.commit().await?;
        Ok(deleted == 1)
    }
}

impl TryFrom<Row> for Project {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt { table: "projects", what: what.to_owned() };
        Ok(Self {
            owner: row.owner.parse().map_err(|_| corrupt("owner"))?,
            id: row.id.parse().map_err(|_| corrupt("id"))?,
            name: row.name,
            framework: row.framework,
            source: document("source", row.source)?,
            registered_at: Some(Timestamp::from_millis(row.registered_at)),
        })
    }
}
