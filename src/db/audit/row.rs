//! A row of `audit_entries`, and what it means.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use crate::domain::Timestamp;
use crate::domain::audit::{AuditRecord, Subject};

use super::super::row::{big, bytes};
use super::super::statement::sql;
use super::StoreError;

/// Every column, in the order in which they are written.
pub const COLUMNS: &str = "seq, at, action, outcome, status, code, actor, user_id, way, key_id, subject_kind, \
    subject_id, address, correlation_id, agent, detail, prev_hash, hash";
/// How many these are.
pub const WIDTH: usize = 18;

/// A row as the database has it.
#[derive(Debug, FromQueryResult)]
pub struct Row {
    seq: i64,
    at: i64,
    action: String,
    outcome: String,
    status: Option<i64>,
    code: Option<String>,
    actor: Option<String>,
    user_id: Option<String>,
    way: Option<String>,
    key_id: Option<String>,
    subject_kind: Option<String>,
    subject_id: Option<String>,
    address: Option<String>,
    correlation_id: Option<String>,
    agent: Option<String>,
    detail: String,
    prev_hash: String,
    hash: String,
}

impl Row {
    /// Its number.
    pub fn seq(&self) -> u64 {
        bytes(self.seq)
    }
}

/// The rows of which `which` is true.
pub async fn rows(
    on: &impl ConnectionTrait,
    which: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<Row>, StoreError> {
    let rows = readable_rows(on, which, values).await?.into_iter();
    rows.map(|row| row.map_err(|seq| corrupt(seq, "what is no text or number"))).collect()
}

/// The same; of one whose columns are not what they were made as, the number.
pub async fn readable_rows(
    on: &impl ConnectionTrait,
    which: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<Result<Row, i64>>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM audit_entries WHERE {which}");
    let found = on.query_all_raw(sql(on, &text, values)).await?;
    found
        .iter()
        .map(|row| match Row::from_query_result(row, "") {
            Ok(row) => Ok(Ok(row)),
            Err(_) => Ok(Err(row.try_get("", "seq")?)),
        })
        .collect()
}

/// What a row of `record` holds, in the order of [`COLUMNS`].
pub fn values(record: AuditRecord) -> [Value; WIDTH] {
    let detail = serde_json::to_string(&record.detail).expect("facts are JSON");
    let (subject_id, subject_kind) = record.subject.map(|subject| (subject.id, subject.kind)).unzip();
    [
        big(record.seq).into(),
        record.at.millis().into(),
        record.action.into(),
        record.outcome.into(),
        record.status.map(i64::from).into(),
        record.code.into(),
        record.actor.into(),
        record.user.into(),
        record.way.into(),
        record.key.into(),
        subject_kind.into(),
        subject_id.into(),
        record.address.into(),
        record.correlation_id.into(),
        record.agent.into(),
        detail.into(),
        record.prev_hash.to_string().into(),
        record.hash.to_string().into(),
    ]
}

impl TryFrom<Row> for AuditRecord {
    type Error = StoreError;

    /// A row from which another row would be written than it is was changed by somebody: it must not
    /// pass for the one that was.
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |what: &str| corrupt(row.seq, what);
        let subject = match (row.subject_kind, row.subject_id) {
            (Some(kind), Some(id)) => Some(Subject { id, kind }),
            (None, None) => None,
            (_, _) => return Err(corrupt("half a subject")),
        };
        let detail = serde_json::from_str(&row.detail).map_err(|_| corrupt("a detail that is none"))?;
        if serde_json::to_string(&detail).is_ok_and(|written| written != row.detail) {
            return Err(corrupt("a detail that was not written so"));
        }
        Ok(Self {
            action: row.action,
            actor: row.actor,
            address: row.address,
            agent: row.agent,
            at: Timestamp::from_millis(row.at),
            code: row.code,
            correlation_id: row.correlation_id,
            detail,
            hash: row.hash.parse().map_err(corrupt)?,
            key: row.key_id,
            outcome: row.outcome,
            prev_hash: row.prev_hash.parse().map_err(corrupt)?,
            seq: u64::try_from(row.seq).map_err(|_| corrupt("a number below 0"))?,
            status: row
                .status
                .map(u16::try_from)
                .transpose()
                .map_err(|_| corrupt("a status that is none"))?,
            subject,
            user: row.user_id,
            way: row.way,
        })
    }
}

fn corrupt(seq: i64, what: &str) -> StoreError {
    StoreError::Corrupt { table: "audit_entries", what: format!("entry {seq} has {what}") }
}
