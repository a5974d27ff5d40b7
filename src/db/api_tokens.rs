//! API tokens: made, found by what they hash to, taken back.

use sea_orm::{DatabaseTransaction, FromQueryResult, Value};

use crate::domain::{ApiToken, ApiTokenId, Role, Scopes, Sha256, Timestamp, UserId};

use super::row::big;
use super::statement::{change, sql};
use super::{Database, StoreError};

/// Tokens that one user may have at a time; a list of them is never longer.
pub const MOST_API_TOKENS: u64 = 100;

const COLUMNS: &str =
    "id, owner, role, acting, name, token_hash, scopes, created_at, expires_at, revoked_at, last_used_at";

/// The rows of `api_tokens`.
#[derive(Debug, Clone)]
pub struct ApiTokens {
    database: Database,
}

impl ApiTokens {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Makes a row for `token`. `false` when its owner has [`MOST_API_TOKENS`] that are good, however
    /// many are made at once: who counts holds the owner's row.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn make(&self, token: &ApiToken) -> Result<bool, StoreError> {
        let transaction = self.database.begin().await?;
        hold(&transaction, &token.owner).await?;
        let text = "INSERT INTO api_tokens (id, owner, role, acting, name, token_hash, scopes, created_at, expires_at)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
            WHERE (SELECT count(*) FROM api_tokens
                WHERE owner = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $8)) < $10";
        let values = [
            token.id.to_string().into(),
            token.owner.as_str().into(),
            token.role.word().into(),
            token.acting.clone().into(),
            token.name.as_str().into(),
            token.token_hash.to_string().into(),
            token.scopes.words().join(" ").into(),
            token.created_at.millis().into(),
            token.expires_at.map(Timestamp::millis).into(),
            big(MOST_API_TOKENS).into(),
        ];
        if change(&transaction, text, values).await? == 0 {
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// The token that hashes to this. Asked for every request that shows one: whatever another node
    /// has changed is seen at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_hash(&self, token_hash: &Sha256) -> Result<Option<ApiToken>, StoreError> {
        Ok(self.select("token_hash = $1", [token_hash.to_string().into()]).await?.pop())
    }

    /// One token, good or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, id: ApiTokenId) -> Result<Option<ApiToken>, StoreError> {
        Ok(self.select("id = $1", [id.to_string().into()]).await?.pop())
    }

    /// The tokens of `owner` that are good at `now`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn good_of(&self, owner: &UserId, now: Timestamp) -> Result<Vec<ApiToken>, StoreError> {
        let which = "owner = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
            ORDER BY created_at, id";
        self.select(which, [owner.as_str().into(), now.millis().into()]).await
    }

    /// Takes a token back, for good, and with it the sessions that were begun with it. One that was
    /// taken back before stays so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke(&self, id: ApiTokenId, now: Timestamp) -> Result<(), StoreError> {
        let text = "UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        self.write(text, [id.to_string().into(), now.millis().into()]).await
    }

    /// A token was used at `now`, unless a later use is known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn used(&self, id: ApiTokenId, now: Timestamp) -> Result<(), StoreError> {
        let text = "UPDATE api_tokens SET last_used_at = $2
            WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
        self.write(text, [id.to_string().into(), now.millis().into()]).await
    }

    /// Deletes tokens that were good for the last time before `before`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune(&self, before: Timestamp) -> Result<(), StoreError> {
        let text = "DELETE FROM api_tokens WHERE expires_at < $1 OR revoked_at < $1";
        self.write(text, [before.millis().into()]).await
    }

    async fn select(
        &self,
        which: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<ApiToken>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM api_tokens WHERE {which}");
        let reader = &self.database.reader;
        let rows = Row::find_by_statement(sql(reader, &text, values)).all(reader).await?;
        rows.into_iter().map(ApiToken::try_from).collect()
    }

    async fn write(&self, text: &str, values: impl IntoIterator<Item = Value>) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        change(&transaction, text, values).await?;
        Ok(transaction.commit().await?)
    }
}

/// Holds a user's row to the end of the transaction, so that what is counted of theirs stays so.
pub(super) async fn hold(on: &DatabaseTransaction, user: &UserId) -> Result<(), StoreError> {
    let known = "INSERT INTO tenants (user_id) VALUES ($1) ON CONFLICT DO NOTHING";
    change(on, known, [user.as_str().into()]).await?;
    let held = "UPDATE tenants SET user_id = user_id WHERE user_id = $1";
    change(on, held, [user.as_str().into()]).await.map(drop)
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    owner: String,
    role: String,
    acting: Option<String>,
    name: String,
    token_hash: String,
    scopes: String,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
}

impl TryFrom<Row> for ApiToken {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt =
            |what: &str| StoreError::Corrupt { table: "api_tokens", what: format!("{what} of {}", row.id) };
        Ok(Self {
            id: row.id.parse().map_err(|_| corrupt("id"))?,
            owner: row.owner.parse().map_err(|_| corrupt("owner"))?,
            role: Role::parse(&row.role).ok_or_else(|| corrupt("role"))?,
            token_hash: row.token_hash.parse().map_err(|_| corrupt("token_hash"))?,
            scopes: Scopes::parse(&row.scopes).ok_or_else(|| corrupt("scopes"))?,
            acting: row.acting,
            name: row.name,
            created_at: Timestamp::from_millis(row.created_at),
            expires_at: row.expires_at.map(Timestamp::from_millis),
            revoked_at: row.revoked_at.map(Timestamp::from_millis),
            last_used_at: row.last_used_at.map(Timestamp::from_millis),
        })
    }
}
