//! Report templates: their makers' own, and those that are shared with everyone.

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};
use serde_json::Value as Json;

use crate::domain::{Caller, StoredTemplate, TemplateId, Timestamp, UserId};

use super::api_tokens::hold;
use super::row::{big, bytes};
use super::statement::{change, json, sql};
use super::{Acting, Database, StoreError};

/// Templates that one user may have.
pub const MOST_TEMPLATES: u64 = 200;

/// The rows of `templates`.
#[derive(Debug, Clone)]
pub struct Templates {
    database: Database,
}

/// What became of a template that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is written, and this is its revision.
    Now(u64),
    /// Its owner has another of that name, or another of that name is shared.
    Taken,
    /// Its owner has [`MOST_TEMPLATES`].
    TooMany,
    /// It is not what it was any more, or not there.
    Changed,
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    owner: String,
    name: String,
    shared: bool,
    body: Json,
    revision: i64,
    created_at: i64,
    updated_at: i64,
    updated_by: String,
}

impl Templates {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// The same rows, read and written in the name of `caller`.
    #[must_use]
    pub fn acting_for(&self, caller: &Caller) -> Self {
        Self { database: self.database.acting(Acting::of(caller)) }
    }

    /// Makes a row for `template`.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn make(&self, template: &StoredTemplate) -> Result<Written, StoreError> {
        let transaction = self.database.begin().await?;
        hold(&transaction, &template.owner).await?;
        let count = "SELECT count(*) AS count FROM templates WHERE owner = $1";
        let asked = sql(&transaction, count, [template.owner.as_str().into()]);
        let row = transaction.query_one_raw(asked).await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get("", "count"))?;
        if bytes(count) >= MOST_TEMPLATES {
            return Ok(Written::TooMany);
        }
        let text = "INSERT INTO templates (id, owner, name, shared, body, revision, created_at, updated_at, updated_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
        let values: [Value; 9] = [
            template.id.to_string().into(),
            template.owner.as_str().into(),
            template.name.as_str().into(),
            template.shared.into(),
            json(&template.body),
            big(template.revision).into(),
            template.created_at.millis().into(),
            template.updated_at.millis().into(),
            template.updated_by.as_str().into(),
        ];
        let made = change(&transaction, text, values).await?;
        transaction.commit().await?;
        Ok(if made == 1 { Written::Now(template.revision) } else { Written::Taken })
    }

    /// One template, whosever it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, id: TemplateId) -> Result<Option<StoredTemplate>, StoreError> {
        Ok(self.select("id = $1", [id.to_string().into()]).await?.pop())
    }

    /// What `user` calls `name`: their own, or else the one that is shared.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn named(&self, user: &UserId, name: &str) -> Result<Option<StoredTemplate>, StoreError> {
        let which = "name = $2 AND (owner = $1 OR shared) ORDER BY owner = $1 LIMIT 2";
        Ok(self.select(which, [user.as_str().into(), name.into()]).await?.pop())
    }

    /// Up to `limit` templates that `user` may use, their own and those that are shared, oldest first,
    /// from after `after` on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        user: &UserId,
        after: Option<TemplateId>,
        limit: u64,
    ) -> Result<Vec<StoredTemplate>, StoreError> {
        let which = "(owner = $1 OR shared) AND id > $2 ORDER BY id LIMIT $3";
        let after = after.map_or_else(String::new, |id| id.to_string());
        self.select(which, [user.as_str().into(), after.into(), big(limit).into()]).await
    }

    /// Writes `template` in the place of the one with its id, if `seen` is still the revision of that.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn replace(&self, template: &StoredTemplate, seen: u64) -> Result<Written, StoreError> {
        let transaction = self.database.begin().await?;
        if is_taken(&transaction, template).await? {
            return Ok(Written::Taken);
        }
        let text = "UPDATE templates SET name = $2, shared = $3, body = $4, revision = revision + 1, updated_at = $5,
                updated_by = $6
            WHERE id = $1 AND revision = $7 RETURNING revision";
        let values: [Value; 7] = [
            template.id.to_string().into(),
            template.name.as_str().into(),
            template.shared.into(),
            json(&template.body),
            template.updated_at.millis().into(),
            template.updated_by.as_str().into(),
            big(seen).into(),
        ];
        let row = transaction.query_one_raw(sql(&transaction, text, values)).await?;
        transaction.commit().await?;
        let revision = row.map(|row| row.try_get::<i64>("", "revision")).transpose()?;
        Ok(revision.map_or(Written::Changed, |revision| Written::Now(bytes(revision))))
    }

    /// Deletes a template; `false` when there was none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete(&self, id: TemplateId) -> Result<bool, StoreError> {
        let transaction = self.database.begin().await?;
        let deleted =
            change(&transaction, "DELETE FROM templates WHERE id = $1", [id.to_string().into()]).await?;
        transaction.commit().await?;
        Ok(deleted == 1)
    }

    async fn select(
        &self,
        which: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<StoredTemplate>, StoreError> {
        let text = format!("SELECT * FROM templates WHERE {which}");
        let reader = &self.database.reader().await?;
        let rows = Row::find_by_statement(sql(reader, &text, values)).all(reader).await?;
        rows.into_iter().map(StoredTemplate::try_from).collect()
    }
}

/// Whether another template has this one's name where that would be in doubt.
async fn is_taken(on: &DatabaseTransaction, template: &StoredTemplate) -> Result<bool, StoreError> {
    let text = "SELECT 1 AS one FROM templates WHERE id <> $1 AND name = $2 AND (owner = $3 OR (shared AND $4)) LIMIT 1";
    let values: [Value; 4] = [
        template.id.to_string().into(),
        template.name.as_str().into(),
        template.owner.as_str().into(),
        template.shared.into(),
    ];
    Ok(on.query_one_raw(sql(on, text, values)).await?.is_some())
}

impl TryFrom<Row> for StoredTemplate {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt =
            |what: &str| StoreError::Corrupt { table: "templates", what: format!("{what} of {}", row.id) };
        Ok(Self {
            id: row.id.parse().map_err(|_| corrupt("id"))?,
            owner: row.owner.parse().map_err(|_| corrupt("owner"))?,
            name: row.name,
            shared: row.shared,
            body: row.body,
            revision: bytes(row.revision),
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
            updated_by: row.updated_by,
        })
    }
}
