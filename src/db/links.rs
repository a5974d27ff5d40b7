//! Links: made, found by what their tokens hash to, revoked.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};

use crate::domain::{Caller, ExportId, Link, LinkId, PasswordHash, Sha256, Status, Timestamp, UserId};

use super::exports::note;
use super::row::{big, bytes};
use super::statement::{change, sql};
use super::{Acting, Database, StoreError};

/// Links that one export may have had; a list of them is never longer.
pub const MOST_LINKS: u64 = 1_000;

const COLUMNS: &str = "id, export_id, made_by, token_hash, password_hash, max_downloads, downloads, created_at, \
    expires_at, revoked_at, last_used_at";

/// The rows of `links`.
#[derive(Debug, Clone)]
pub struct Links {
    database: Database,
}

/// What was counted of a link's downloads, beside its own row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkTally {
    /// How many.
    pub count: u64,
    /// When one was last heard of.
    pub last_at: Timestamp,
}

impl Links {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// The same rows, read and written in the name of `caller`.
    #[must_use]
    pub fn acting_for(&self, caller: &Caller) -> Self {
        Self { database: self.database.acting(Acting::of(caller)) }
    }

    /// Makes a row for `link`, and a line in its export's log. `false` when the export has had
    /// [`MOST_LINKS`].
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn make(&self, link: &Link) -> Result<bool, StoreError> {
        let transaction = self.database.begin().await?;
        let text =
            "INSERT INTO links (id, export_id, made_by, token_hash, password_hash, max_downloads, created_at,
                expires_at)
            SELECT $1, id, $3, $4, $5, $6, $7, $8 FROM exports
            WHERE id = $2 AND (SELECT count(*) FROM links WHERE export_id = $2) < $9";
        let values = [
            link.id.to_string().into(),
            link.export.to_string().into(),
            link.made_by.as_str().into(),
            link.token_hash.to_string().into(),
            link.password_hash.as_ref().map(|hash| hash.as_str().to_owned()).into(),
            link.max_downloads.map(big).into(),
            link.created_at.millis().into(),
            link.expires_at.map(Timestamp::millis).into(),
            big(MOST_LINKS).into(),
        ];
        if change(&transaction, text, values).await? == 0 {
            return Ok(false);
        }
        let by = self.by(&transaction, link.export, &link.made_by).await?;
        let message = format!("link {} made{by}{}", link.id, limits(link));
        note(&transaction, link.export, link.created_at, "link", Status::Completed, &message).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The link whose token has this hash. Asked for every request that comes by one: whatever
    /// another node has changed is seen at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_token(&self, token_hash: &Sha256) -> Result<Option<Link>, StoreError> {
        Ok(self.select("token_hash = $1", [token_hash.to_string().into()]).await?.pop())
    }

    /// The links of one export, oldest first, revoked ones included.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of(&self, export: ExportId) -> Result<Vec<Link>, StoreError> {
        self.select("export_id = $1 ORDER BY created_at, id", [export.to_string().into()]).await
    }

    /// One link of an export.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, export: ExportId, id: LinkId) -> Result<Option<Link>, StoreError> {
        let values = [export.to_string().into(), id.to_string().into()];
        Ok(self.select("export_id = $1 AND id = $2", values).await?.pop())
    }

    /// The downloads of an export that came by links, as they were counted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tallies(&self, export: ExportId) -> Result<HashMap<LinkId, LinkTally>, StoreError> {
        let text = "SELECT link_id, count(*) AS count, max(last_at) AS last_at FROM downloads
            WHERE export_id = $1 AND link_id IS NOT NULL GROUP BY link_id";
        let reader = &self.database.reader().await?;
        let mut tallies = HashMap::new();
        for row in reader.query_all_raw(sql(reader, text, [export.to_string().into()])).await? {
            let (id, count): (String, i64) = (row.try_get("", "link_id")?, row.try_get("", "count")?);
            let last_at = Timestamp::from_millis(row.try_get("", "last_at")?);
            tallies.extend(id.parse().ok().map(|id| (id, LinkTally { count: bytes(count), last_at })));
        }
        Ok(tallies)
    }

    /// Takes a link of an export back, for good. `false` when there is none, or it was taken back
    /// before. `status` is where the export stands.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke(
        &self,
        export: ExportId,
        id: LinkId,
        by: &UserId,
        status: Status,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.database.begin().await?;
        let text = "UPDATE links SET revoked_at = $3 WHERE id = $2 AND export_id = $1 AND revoked_at IS NULL";
        let values = [export.to_string().into(), id.to_string().into(), now.millis().into()];
        if change(&transaction, text, values).await? == 0 {
            return Ok(false);
        }
        let by = self.by(&transaction, export, by).await?;
        let message = format!("link {id} revoked{by}");
        note(&transaction, export, now, "link", status, &message).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Who did something to a link, for its export's log: ` by root for ada`, ` by ada`.
    async fn by(
        &self,
        on: &DatabaseTransaction,
        export: ExportId,
        user: &UserId,
    ) -> Result<String, StoreError> {
        let acts = self.database.acts();
        if acts.actor().is_some() {
            let asked = sql(on, "SELECT owner FROM exports WHERE id = $1", [export.to_string().into()]);
            let row = on.query_one_raw(asked).await?;
            let owner = row.map(|row| row.try_get::<String>("", "owner")).transpose()?;
            let by = owner.map(|owner| acts.by(&owner)).filter(|by| !by.is_empty());
            if let Some(by) = by {
                return Ok(by);
            }
        }
        Ok(format!(" by {user}"))
    }

    async fn select(
        &self,
        which: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<Link>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM links WHERE {which}");
        let reader = &self.database.reader().await?;
        let rows = Row::find_by_statement(sql(reader, &text, values)).all(reader).await?;
        rows.into_iter().map(Link::try_from).collect()
    }
}

/// What a link allows, for its export's log.
fn limits(link: &Link) -> String {
    let most = link.max_downloads.map(|most| format!(", for {most} downloads at most"));
    let until = link.expires_at.map(|end| format!(", until {end}"));
    let password = link.password_hash.as_ref().map(|_| ", with a password".to_owned());
    [most, until, password].into_iter().flatten().collect()
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    export_id: String,
    made_by: String,
    token_hash: String,
    password_hash: Option<String>,
    max_downloads: Option<i64>,
    downloads: i64,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
}

impl TryFrom<Row> for Link {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt =
            |what: &str| StoreError::Corrupt { table: "links", what: format!("{what} of {}", row.id) };
        Ok(Self {
            id: row.id.parse().map_err(|_| corrupt("id"))?,
            export: row.export_id.parse().map_err(|_| corrupt("export_id"))?,
            made_by: row.made_by.parse().map_err(|_| corrupt("made_by"))?,
            token_hash: row.token_hash.parse().map_err(|_| corrupt("token_hash"))?,
            password_hash: row.password_hash.map(PasswordHash::new),
            max_downloads: row.max_downloads.map(bytes),
            downloads: bytes(row.downloads),
            created_at: Timestamp::from_millis(row.created_at),
            expires_at: row.expires_at.map(Timestamp::from_millis),
            revoked_at: row.revoked_at.map(Timestamp::from_millis),
            last_used_at: row.last_used_at.map(Timestamp::from_millis),
        })
    }
}
