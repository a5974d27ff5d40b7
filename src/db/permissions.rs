//! What users may export: all that was said of one of them, or of everyone.

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value as Json;

use crate::domain::{Rule, Timestamp, UserId};

use super::row::{bytes, document};
use super::statement::{change, json, sql};
use super::{Database, StoreError};

/// The rows of `permissions`.
#[derive(Debug, Clone)]
pub struct Permissions {
    database: Database,
}

/// What was said of a user, and who said it last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PermissionsRow {
    /// What may be asked for.
    pub rules: Vec<Rule>,
    /// Grows with every change; 0 when nothing was ever said.
    pub revision: u64,
    /// When and by whom it was said, if it was.
    pub updated: Option<(Timestamp, String)>,
}

#[derive(FromQueryResult)]
struct Row {
    user_id: String,
    rules: Json,
    revision: i64,
    updated_at: i64,
    updated_by: String,
}

/// In the place of a user: everyone.
pub const EVERYONE: &str = "*";

impl Permissions {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// What was said of `user`, and what was said of everyone. Asked whenever a request is judged:
    /// whatever another node has changed counts at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of(&self, user: &UserId) -> Result<(PermissionsRow, PermissionsRow), StoreError> {
        let text = "SELECT * FROM permissions WHERE user_id IN ($1, $2)";
        let reader = &self.database.reader().await?;
        let asked = sql(reader, text, [user.as_str().into(), EVERYONE.into()]);
        let (mut own, mut everyone) = (PermissionsRow::default(), PermissionsRow::default());
        for row in Row::find_by_statement(asked).all(reader).await? {
            let place = if row.user_id == user.as_str() { &mut own } else { &mut everyone };
            *place = PermissionsRow::try_from(row)?;
        }
        Ok((own, everyone))
    }

    /// Says `rules` of `user`, instead of all that was said before; when `seen` is given, only if
    /// that is still its revision. The new revision, or `None` when it is another by now.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn put(
        &self,
        user: &UserId,
        rules: &[Rule],
        seen: Option<u64>,
        by: &str,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let transaction = self.database.begin().await?;
        let first = "INSERT INTO permissions (user_id, rules, revision, updated_at, updated_by)
            VALUES ($1, $2, 1, $3, $4) ON CONFLICT (user_id) DO NOTHING";
        let said = || [user.as_str().into(), json(&rules), now.millis().into(), by.into()];
        if seen.is_none_or(|seen| seen == 0) && change(&transaction, first, said()).await? == 1 {
            transaction.commit().await?;
            return Ok(Some(1));
        }
        let again =
            "UPDATE permissions SET rules = $2, revision = revision + 1, updated_at = $3, updated_by = $4
            WHERE user_id = $1 AND revision = coalesce($5, revision) RETURNING revision";
        let seen = seen.map(super::row::big);
        let asked = sql(&transaction, again, said().into_iter().chain([seen.into()]));
        let row = transaction.query_one_raw(asked).await?;
        transaction.commit().await?;
        Ok(row.map(|row| row.try_get::<i64>("", "revision")).transpose()?.map(bytes))
    }
}

impl TryFrom<Row> for PermissionsRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            rules: document("rules", row.rules)?,
            revision: bytes(row.revision),
            updated: Some((Timestamp::from_millis(row.updated_at), row.updated_by)),
        })
    }
}
