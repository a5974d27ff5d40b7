//! Replies that are given again for the same `Idempotency-Key`. Whoever names a user acts for that
//! user alone.

use std::time::Duration;

use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::domain::{Sha256, Timestamp, UserId};

use super::row::document;
use super::statement::{change, json, sql};
use super::{Acting, Database, StoreError};

/// How long a reply is given again.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// A reply, as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredReply {
    /// Its status code.
    pub status: u16,
    /// Its headers, as far as they belong to it.
    pub headers: Vec<(String, String)>,
    /// Its body; ours are text.
    pub body: String,
}

/// What is known of a key when a request with it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: the request is to be carried out.
    Fresh,
    /// It was answered: so.
    Replay(StoredReply),
    /// It is being carried out just now.
    InProgress,
    /// It belongs to another request.
    OtherBody,
}

/// The rows of `replies`.
#[derive(Debug, Clone)]
pub struct Replies {
    database: Database,
}

#[derive(FromQueryResult)]
struct Row {
    fingerprint: String,
    reply: Option<Json>,
}

impl Replies {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// A request with `key` arrives. Of many at once one is [`Begun::Fresh`]. A key whose request
    /// began longer than `given_up` ago and has no reply, or is older than a day, is free again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin(
        &self,
        user: &UserId,
        key: &str,
        fingerprint: &Sha256,
        now: Timestamp,
        given_up: Duration,
    ) -> Result<Begun, StoreError> {
        let transaction = self.of(user).begin().await?;
        let text = "INSERT INTO replies (user_id, key, fingerprint, begun_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (user_id, key) DO UPDATE SET fingerprint = $3, begun_at = $4, reply = NULL
            WHERE replies.begun_at <= $5 OR (replies.reply IS NULL AND replies.begun_at <= $6)";
        let fingerprint = fingerprint.to_string();
        let values = [
            user.as_str().into(),
            key.into(),
            fingerprint.as_str().into(),
            now.millis().into(),
            now.minus(KEPT).millis().into(),
            now.minus(given_up).millis().into(),
        ];
        let begun = if change(&transaction, text, values).await? == 1 {
            Begun::Fresh
        } else {
            known(&transaction, user, key, &fingerprint).await?
        };
        transaction.commit().await?;
        Ok(begun)
    }

    /// The request with `key` was answered with `reply`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish(
        &self,
        user: &UserId,
        key: &str,
        reply: &StoredReply,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let text = "UPDATE replies SET reply = $3, begun_at = $4 WHERE user_id = $1 AND key = $2";
        write(&self.of(user), text, vec![user.as_str().into(), key.into(), json(reply), now.millis().into()])
            .await
    }

    /// The request with `key` came to nothing worth repeating.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget(&self, user: &UserId, key: &str) -> Result<(), StoreError> {
        let text = "DELETE FROM replies WHERE user_id = $1 AND key = $2 AND reply IS NULL";
        write(&self.of(user), text, vec![user.as_str().into(), key.into()]).await
    }

    /// Deletes replies that are given no more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune(&self, now: Timestamp) -> Result<(), StoreError> {
        let old = "DELETE FROM replies WHERE begun_at <= $1";
        write(&self.database, old, vec![now.minus(KEPT).millis().into()]).await
    }

    /// The database, acting for `user`.
    fn of(&self, user: &UserId) -> Database {
        self.database.acting(Acting::for_owner(user))
    }
}

async fn write(on: &Database, text: &str, values: Vec<sea_orm::Value>) -> Result<(), StoreError> {
    let transaction = on.begin().await?;
    change(&transaction, text, values).await?;
    Ok(transaction.commit().await?)
}

async fn known(
    on: &sea_orm::DatabaseTransaction,
    user: &UserId,
    key: &str,
    fingerprint: &str,
) -> Result<Begun, StoreError> {
    let text = "SELECT fingerprint, reply FROM replies WHERE user_id = $1 AND key = $2";
    let row = Row::find_by_statement(sql(on, text, [user.as_str().into(), key.into()])).one(on).await?;
    Ok(match row {
        Some(row) if row.fingerprint != fingerprint => Begun::OtherBody,
        Some(Row { reply: Some(reply), .. }) => Begun::Replay(document("reply", reply)?),
        Some(_) | None => Begun::InProgress,
    })
}
