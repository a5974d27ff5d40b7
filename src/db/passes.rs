//! Passes: which download of a link's limit a request belongs to, settled before its first byte.
//!
//! Whoever settles holds the link's row, so two never settle at once, on any node; and the last
//! word on the limit has the update that counts. What a transfer is to carry is promised to it;
//! when it ends, what it did not send is given back. Promises of a process that was killed are
//! given back when its store is held again; those of one that never returns lapse.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::domain::pass::{joined, length};
use crate::domain::{LinkId, Pass, Spans, Timestamp};

use super::row::{big, bytes, document};
use super::statement::{change, json, sql};
use super::{Database, StoreError};

/// A promise this old keeps nobody from beginning again: its process is dead, or its client
/// takes longer than anyone waits for.
const LAPSED: Duration = Duration::from_secs(6 * 3600);
/// Of a visitor's passes, so many of the newest may be gone on with.
const CANDIDATES: u64 = 16;
/// Promises given back at a time.
const BATCH: u64 = 500;

/// The rows of `passes` and `promises`.
#[derive(Debug, Clone)]
pub struct Passes {
    database: Database,
}

/// A request by a link that allows so many downloads.
#[derive(Debug, Clone)]
pub struct Boarding {
    /// By which link.
    pub link: LinkId,
    /// Who, as far as that can be told.
    pub visitor: String,
    /// The bytes that the answer would carry.
    pub planned: Vec<Range<u64>>,
    /// Bytes of the whole package.
    pub size: u64,
    /// The store that this process holds.
    pub holder: Uuid,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boarded {
    /// The request belongs to this pass, and its bytes are promised.
    On(Uuid),
    /// It needs another pass, but a transfer of the same visitor is under way: when that breaks
    /// off, it may not.
    Undecided,
    /// It needs another pass, and there is none left.
    UsedUp,
    /// The link has ended.
    Ended,
}

/// A transfer that ended, of a download that was settled before it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The pass it belonged to.
    pub pass: Uuid,
    /// What it was to carry.
    pub planned: Vec<Range<u64>>,
    /// How many of those bytes it sent: the first so many.
    pub sent: u64,
}

impl Passes {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Settles which pass a request belongs to, or takes a new one, and promises it its bytes.
    /// Who is `patient` rather hears that it is undecided than has a new pass taken while a
    /// transfer of the same visitor is under way.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn board(
        &self,
        boarding: &Boarding,
        patient: bool,
        now: Timestamp,
    ) -> Result<Boarded, StoreError> {
        let transaction = self.database.begin().await?;
        if !hold_link(&transaction, boarding.link, now).await? {
            return Ok(Boarded::Ended);
        }
        let passes = passes(&transaction, boarding, now).await?;
        let pass = match joined(&passes, &boarding.planned, boarding.size) {
            Some(pass) => pass.id,
            None if patient && passes.iter().any(|pass| !pass.promised.is_empty()) => {
                return Ok(Boarded::Undecided);
            }
            None if count(&transaction, boarding.link).await? => begin(&transaction, boarding, now).await?,
            None => return Ok(Boarded::UsedUp),
        };
        promise(&transaction, pass, boarding, now).await?;
        transaction.commit().await?;
        Ok(Boarded::On(pass))
    }

    /// Whether this visitor has a pass already. Asked before the link's row is held for whoever
    /// comes by a link that is used up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_one(&self, link: LinkId, visitor: &str) -> Result<bool, StoreError> {
        let text = "SELECT 1 AS one FROM passes WHERE link_id = $1 AND visitor = $2 LIMIT 1";
        let reader = &self.database.reader().await?;
        let asked = sql(reader, text, [link.to_string().into(), visitor.into()]);
        Ok(reader.query_one_raw(asked).await?.is_some())
    }

    /// These transfers have ended: what they sent is sent, what was promised to them and not sent
    /// is free again. Whatever is not known any more is passed over.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub async fn give_back(&self, returned: &[Returned], now: Timestamp) -> Result<(), StoreError> {
        // In one order, so that two who give back never wait for each other.
        let mut of_pass: BTreeMap<Uuid, Vec<&Returned>> = BTreeMap::new();
        for one in returned {
            of_pass.entry(one.pass).or_default().push(one);
        }
        let transaction = self.database.begin().await?;
        for (pass, returned) in of_pass {
            give_back(&transaction, pass, &returned, now).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Gives back whatever was promised by earlier processes that held `store`: for the one that
    /// holds it now. What they had sent by then nobody knows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn free_of(&self, store: Uuid, now: Timestamp) -> Result<(), StoreError> {
        let text = "SELECT pass_id, planned FROM promises WHERE holder = $1 ORDER BY id LIMIT $2";
        loop {
            let reader = &self.database.reader().await?;
            let asked = sql(reader, text, [store.to_string().into(), big(BATCH).into()]);
            let mut returned = Vec::new();
            for row in reader.query_all_raw(asked).await? {
                let pass: String = row.try_get("", "pass_id")?;
                let planned = ranges(row.try_get("", "planned")?)?;
                returned.push(Returned { pass: uuid(&pass)?, planned, sent: 0 });
            }
            if returned.is_empty() {
                return Ok(());
            }
            self.give_back(&returned, now).await?;
        }
    }
}

/// Holds the link's row to the end of the transaction. `false` when the link has ended.
async fn hold_link(on: &DatabaseTransaction, link: LinkId, now: Timestamp) -> Result<bool, StoreError> {
    let text = "UPDATE links SET last_used_at = $2
        WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
    Ok(change(on, text, [link.to_string().into(), now.millis().into()]).await? == 1)
}

/// The visitor's newest passes, oldest first, with what is promised to transfers under way.
async fn passes(
    on: &DatabaseTransaction,
    boarding: &Boarding,
    now: Timestamp,
) -> Result<Vec<Pass>, StoreError> {
    let text = "SELECT id, spent, covered FROM passes WHERE link_id = $1 AND visitor = $2
        ORDER BY began_at DESC, id DESC LIMIT $3";
    let values = [boarding.link.to_string().into(), boarding.visitor.as_str().into(), big(CANDIDATES).into()];
    let mut passes = Vec::new();
    for row in on.query_all_raw(sql(on, text, values)).await? {
        let id: String = row.try_get("", "id")?;
        let promised = promised(on, &id, now.minus(LAPSED)).await?;
        passes.push(Pass {
            id: uuid(&id)?,
            covered: covered(row.try_get("", "covered")?)?,
            promised: promised.into_iter().map(|(_, planned)| planned).collect(),
            spent: bytes(row.try_get("", "spent")?),
        });
    }
    passes.reverse();
    Ok(passes)
}

/// The promises of a pass that were made after `since`, by their ids.
async fn promised(
    on: &DatabaseTransaction,
    pass: &str,
    since: Timestamp,
) -> Result<Vec<(String, Vec<Range<u64>>)>, StoreError> {
    let text = "SELECT id, planned FROM promises WHERE pass_id = $1 AND made_at > $2 ORDER BY made_at, id";
    let rows = on.query_all_raw(sql(on, text, [pass.into(), since.millis().into()])).await?;
    rows.into_iter().map(|row| Ok((row.try_get("", "id")?, ranges(row.try_get("", "planned")?)?))).collect()
}

/// Counts one more download by the link, unless that would be one too many.
async fn count(on: &DatabaseTransaction, link: LinkId) -> Result<bool, StoreError> {
    let text = "UPDATE links SET downloads = downloads + 1 WHERE id = $1 AND downloads < max_downloads";
    Ok(change(on, text, [link.to_string().into()]).await? == 1)
}

async fn begin(on: &DatabaseTransaction, boarding: &Boarding, now: Timestamp) -> Result<Uuid, StoreError> {
    let pass = Pass::new();
    let text = "INSERT INTO passes (id, link_id, visitor, began_at, last_at, spent, covered)
        VALUES ($1, $2, $3, $4, $4, 0, $5)";
    let values = [
        pass.id.to_string().into(),
        boarding.link.to_string().into(),
        boarding.visitor.as_str().into(),
        now.millis().into(),
        pairs(pass.covered.ranges()),
    ];
    change(on, text, values).await?;
    Ok(pass.id)
}

async fn promise(
    on: &DatabaseTransaction,
    pass: Uuid,
    boarding: &Boarding,
    now: Timestamp,
) -> Result<(), StoreError> {
    let text = "UPDATE passes SET spent = spent + $2, last_at = $3 WHERE id = $1";
    let spent = big(length(&boarding.planned));
    change(on, text, [pass.to_string().into(), spent.into(), now.millis().into()]).await?;
    let text = "INSERT INTO promises (id, pass_id, holder, made_at, planned) VALUES ($1, $2, $3, $4, $5)";
    let values = [
        Uuid::now_v7().to_string().into(),
        pass.to_string().into(),
        boarding.holder.to_string().into(),
        now.millis().into(),
        pairs(&boarding.planned),
    ];
    change(on, text, values).await.map(drop)
}

async fn give_back(
    on: &DatabaseTransaction,
    id: Uuid,
    returned: &[&Returned],
    now: Timestamp,
) -> Result<(), StoreError> {
    let id = id.to_string();
    // Writes first: whoever else gives back to this pass waits here.
    let text = "UPDATE passes SET last_at = $2 WHERE id = $1 RETURNING spent, covered";
    let held = on.query_one_raw(sql(on, text, [id.as_str().into(), now.millis().into()])).await?;
    // A pass that is gone went with its link.
    let Some(row) = held else { return Ok(()) };
    let mut promises = promised(on, &id, Timestamp::from_millis(i64::MIN)).await?;
    let mut pass = Pass {
        id: uuid(&id)?,
        covered: covered(row.try_get("", "covered")?)?,
        promised: promises.iter().map(|(_, planned)| planned.clone()).collect(),
        spent: bytes(row.try_get("", "spent")?),
    };
    for Returned { planned, sent, .. } in returned {
        pass.give_back(planned, *sent);
        // Promises of the same bytes are as good as each other.
        if let Some(index) = promises.iter().position(|(_, promised)| promised == planned) {
            let (promise, _) = promises.remove(index);
            change(on, "DELETE FROM promises WHERE id = $1", [promise.into()]).await?;
        }
    }
    let text = "UPDATE passes SET spent = $2, covered = $3 WHERE id = $1";
    change(on, text, [id.into(), big(pass.spent).into(), pairs(pass.covered.ranges())]).await.map(drop)
}

/// Ranges as a column has them.
fn pairs(ranges: &[Range<u64>]) -> sea_orm::Value {
    json(&ranges.iter().map(|range| (range.start, range.end)).collect::<Vec<_>>())
}

fn ranges(column: Json) -> Result<Vec<Range<u64>>, StoreError> {
    let pairs: Vec<(u64, u64)> = document("planned", column)?;
    Ok(pairs.into_iter().map(|(start, end)| start..end).collect())
}

fn covered(column: Json) -> Result<Spans, StoreError> {
    Ok(ranges(column)?.into_iter().collect())
}

fn uuid(text: &str) -> Result<Uuid, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt { table: "passes", what: format!("id is {text}") })
}
