//! Sessions: begun, found by what their cookies hash to, ended.

use sea_orm::{FromQueryResult, Value};

use crate::domain::{Role, Scope, Session, SessionId, Sha256, Timestamp};

use super::api_tokens::hold;
use super::row::big;
use super::statement::{change, sql};
use super::{Database, StoreError};

/// Sessions that one user may have at a time.
pub const MOST_SESSIONS: u64 = 50;

/// The rows of `sessions`.
#[derive(Debug, Clone)]
pub struct Sessions {
    database: Database,
}

impl Sessions {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Makes a row for `session`. Of more than [`MOST_SESSIONS`] of one user the oldest end.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn begin(&self, session: &Session) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        hold(&transaction, &session.user).await?;
        let text =
            "INSERT INTO sessions (id, user_id, role, scope, acting, token_hash, api_token_id, created_at,
                expires_at, last_used_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let values = [
            session.id.to_string().into(),
            session.user.as_str().into(),
            session.role.word().into(),
            session.scope.word().into(),
            session.acting.clone().into(),
            session.token_hash.to_string().into(),
            session.api_token.map(|id| id.to_string()).into(),
            session.created_at.millis().into(),
            session.expires_at.millis().into(),
            session.last_used_at.millis().into(),
        ];
        change(&transaction, text, values).await?;
        let oldest = "DELETE FROM sessions WHERE user_id = $1 AND id NOT IN
            (SELECT id FROM sessions WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2)";
        change(&transaction, oldest, [session.user.as_str().into(), big(MOST_SESSIONS).into()]).await?;
        Ok(transaction.commit().await?)
    }

    /// The session whose cookie hashes to this, unless the API token was taken back that it was
    /// begun with. Asked for every request that shows one: whatever another node has changed is
    /// seen at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_hash(&self, token_hash: &Sha256) -> Result<Option<Session>, StoreError> {
        let text = "SELECT s.id, s.user_id, s.role, s.scope, s.acting, s.token_hash, s.api_token_id,
                s.created_at, s.expires_at, s.last_used_at
            FROM sessions s LEFT JOIN api_tokens t ON t.id = s.api_token_id
            WHERE s.token_hash = $1 AND t.revoked_at IS NULL";
        let reader = &self.database.reader;
        let asked = sql(reader, text, [token_hash.to_string().into()]);
        Row::find_by_statement(asked).one(reader).await?.map(Session::try_from).transpose()
    }

    /// Ends a session, on every node.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end(&self, id: SessionId) -> Result<(), StoreError> {
        self.write("DELETE FROM sessions WHERE id = $1", [id.to_string().into()]).await
    }

    /// A session was used at `now`, unless a later use is known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn used(&self, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
        let text = "UPDATE sessions SET last_used_at = $2 WHERE id = $1 AND last_used_at < $2";
        self.write(text, [id.to_string().into(), now.millis().into()]).await
    }

    /// Deletes sessions that were to end before `before` at the latest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune(&self, before: Timestamp) -> Result<(), StoreError> {
        self.write("DELETE FROM sessions WHERE expires_at < $1", [before.millis().into()]).await
    }

    async fn write(&self, text: &str, values: impl IntoIterator<Item = Value>) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        change(&transaction, text, values).await?;
        Ok(transaction.commit().await?)
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    user_id: String,
    role: String,
    scope: String,
    acting: Option<String>,
    token_hash: String,
    api_token_id: Option<String>,
    created_at: i64,
    expires_at: i64,
    last_used_at: i64,
}

impl TryFrom<Row> for Session {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt =
            |what: &str| StoreError::Corrupt { table: "sessions", what: format!("{what} of {}", row.id) };
        let api_token = row.api_token_id.as_deref().map(str::parse).transpose();
        Ok(Self {
            id: row.id.parse().map_err(|_| corrupt("id"))?,
            user: row.user_id.parse().map_err(|_| corrupt("user_id"))?,
            role: Role::parse(&row.role).ok_or_else(|| corrupt("role"))?,
            scope: Scope::parse(&row.scope).ok_or_else(|| corrupt("scope"))?,
            token_hash: row.token_hash.parse().map_err(|_| corrupt("token_hash"))?,
            api_token: api_token.map_err(|_| corrupt("api_token_id"))?,
            acting: row.acting,
            created_at: Timestamp::from_millis(row.created_at),
            expires_at: Timestamp::from_millis(row.expires_at),
            last_used_at: Timestamp::from_millis(row.last_used_at),
        })
    }
}
