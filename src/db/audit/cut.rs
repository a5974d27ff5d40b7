//! Retention: the oldest end is cut off, and the chain remembers where.

use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::domain::Timestamp;
use crate::domain::audit::{Action, AuditEntry, Author};

use super::super::row::{big, bytes};
use super::super::statement::{change, sql};
use super::append::lock_head;
use super::{Audit, StoreError, enter};

/// The oldest end of the chain.
struct End {
    first: u64,
    last: u64,
    anchor: String,
}

impl Audit {
    /// Deletes up to `limit` records from the oldest end, as far as they are all of before `before`. The
    /// cut is an entry of the chain itself, and the hash of the last record that is gone stays as
    /// the anchor of those that remain. Tells how many are gone.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is gone then.
    pub async fn cut(&self, before: Timestamp, now: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let transaction = self.database.begin().await?;
        lock_head(&transaction).await?;
        let Some(End { first, last, anchor }) = oldest(&transaction, before, limit).await? else {
            return Ok(0);
        };
        let text = "UPDATE audit_head SET first_seq = $1, anchor_hash = $2";
        change(&transaction, text, [big(last + 1).into(), anchor.as_str().into()]).await?;
        let gone =
            change(&transaction, "DELETE FROM audit_entries WHERE seq <= $1", [big(last).into()]).await?;
        let told = AuditEntry::done(now, Author::server(), Action::AuditCut).with("entries", gone);
        let told = [told.with("first", first).with("last", last).with("anchor", anchor.as_str())];
        enter(&transaction, &told).await?;
        transaction.commit().await?;
        self.database.count_audit(&told);
        Ok(gone)
    }
}

/// Records are nearly in the order of their times, but not quite: whoever writes one has waited.
/// The first that has to stay keeps all that come after it.
async fn oldest(on: &DatabaseTransaction, before: Timestamp, limit: u64) -> Result<Option<End>, StoreError> {
    let text = "SELECT seq, at, hash FROM audit_entries
        WHERE seq >= (SELECT first_seq FROM audit_head) ORDER BY seq LIMIT $1";
    let mut end = None;
    for row in on.query_all_raw(sql(on, text, [big(limit).into()])).await? {
        let (seq, at): (i64, i64) = (row.try_get("", "seq")?, row.try_get("", "at")?);
        if at >= before.millis() {
            break;
        }
        let (last, anchor) = (bytes(seq), row.try_get("", "hash")?);
        let first = end.map_or(last, |end: End| end.first);
        end = Some(End { first, last, anchor });
    }
    Ok(end)
}
