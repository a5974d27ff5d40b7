//! Adding to the chain.

use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::domain::audit::{AuditEntry, AuditRecord, Head};

use super::super::row::{big, bytes};
use super::super::statement::{change, places, sql};
use super::row::{COLUMNS, WIDTH, values};
use super::{Audit, StoreError};

/// Rows written by one statement. A statement's text depends on their number, and the connections
/// keep texts: few rows at a time are few texts.
const AT_ONCE: usize = 32;

/// Entries that are written down together, however often that has to be tried.
#[derive(Debug)]
pub struct AuditBatch {
    entries: Vec<AuditEntry>,
    /// Where the chain ended after a try whose answer did not come.
    tried: Option<Head>,
}

impl AuditBatch {
    /// These entries, in this order.
    pub const fn new(entries: Vec<AuditEntry>) -> Self {
        Self { entries, tried: None }
    }

    /// The entries.
    pub fn entries(&self) -> &[AuditEntry] {
        &self.entries
    }
}

impl Audit {
    /// Writes a batch down, all of it or nothing. When it returns, no power cut undoes it. A batch whose
    /// earlier try was carried out, although its answer was lost, is not written twice.
    ///
    /// # Errors
    /// [`StoreError`]; the batch can be tried again then.
    pub async fn append(&self, batch: &mut AuditBatch) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        if let Some(tried) = batch.tried {
            let head = lock_head(&transaction).await?;
            if head.seq >= tried.seq && is_written(&transaction, tried).await? {
                return Ok(());
            }
        }
        batch.tried = Some(enter(&transaction, &batch.entries).await?);
        transaction.commit().await?;
        self.database.count_audit(&batch.entries);
        Ok(())
    }

    /// Where the chain ends.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn head(&self) -> Result<Head, StoreError> {
        let reader = &self.database.reader;
        let row = reader.query_one_raw(sql(reader, "SELECT seq, hash FROM audit_head", [])).await?;
        head_of(row)
    }
}

/// Writes `entries` down within a transaction, which holds the head of the chain from here on: it
/// should have nothing else to do. Tells where the chain ends then.
pub async fn enter(on: &DatabaseTransaction, entries: &[AuditEntry]) -> Result<Head, StoreError> {
    let mut head = lock_head(on).await?;
    for some in entries.chunks(AT_ONCE) {
        let mut row_values = Vec::with_capacity(some.len() * WIDTH);
        for entry in some {
            let record = AuditRecord::after(head, entry);
            head = record.head();
            row_values.extend(values(record));
        }
        let rows: Vec<_> =
            (0..some.len()).map(|row| format!("({})", places(row * WIDTH + 1, WIDTH))).collect();
        let text = format!("INSERT INTO audit_entries ({COLUMNS}) VALUES {}", rows.join(", "));
        change(on, &text, row_values).await?;
    }
    if !entries.is_empty() {
        let text = "UPDATE audit_head SET seq = $1, hash = $2";
        change(on, text, [big(head.seq).into(), head.hash.to_string().into()]).await?;
    }
    Ok(head)
}

/// The head, which nobody else moves until the transaction ends.
pub(super) async fn lock_head(on: &DatabaseTransaction) -> Result<Head, StoreError> {
    let text = "UPDATE audit_head SET seq = seq RETURNING seq, hash";
    head_of(on.query_one_raw(sql(on, text, [])).await?)
}

async fn is_written(on: &DatabaseTransaction, head: Head) -> Result<bool, StoreError> {
    let text = "SELECT 1 AS one FROM audit_entries WHERE seq = $1 AND hash = $2";
    let values = [big(head.seq).into(), head.hash.to_string().into()];
    Ok(on.query_one_raw(sql(on, text, values)).await?.is_some())
}

fn head_of(row: Option<sea_orm::QueryResult>) -> Result<Head, StoreError> {
    let corrupt = |what: &str| StoreError::Corrupt { table: "audit_head", what: what.to_owned() };
    let row = row.ok_or_else(|| corrupt("there is none"))?;
    let (seq, hash): (i64, String) = (row.try_get("", "seq")?, row.try_get("", "hash")?);
    Ok(Head { seq: bytes(seq), hash: hash.parse().map_err(corrupt)? })
}
