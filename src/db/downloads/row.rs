//! A row of `downloads`, and what it means.

use std::ops::Range;
use std::sync::Arc;

use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::domain::audit::Author;
use crate::domain::{ExportId, Mode, Receiver, Timestamp};

use super::super::row::{bytes, document};
use super::super::statement::sql;
use super::StoreError;

/// One download as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadRow {
    /// Its id.
    pub id: Uuid,
    /// Whose package.
    pub export: ExportId,
    /// Who received it.
    pub to: Receiver,
    /// Who sent its first bytes.
    pub mode: Mode,
    /// When it began.
    pub began_at: Timestamp,
    /// When it was last heard of.
    pub last_at: Timestamp,
    /// When its last response ended; `None` while one is under way.
    pub ended_at: Option<Timestamp>,
    /// Bytes of the whole package; 0 while that is being built.
    pub size: u64,
    /// Bytes sent, repeated ones included.
    pub bytes: u64,
    /// Which bytes were sent.
    pub covered: Vec<Range<u64>>,
    /// Whether every byte was.
    pub complete: bool,
    /// Who asked for it first, where this process knows more of them than `to` tells: for the audit.
    /// Not kept here.
    pub by: Option<Arc<Author>>,
}

const COLUMNS: &str = "id, export_id, user_id, link_id, address, agent, mode, began_at, last_at, ended_at, \
    size, bytes, covered, complete";

/// The downloads of which `which` is true.
pub(super) async fn downloads(
    on: &impl ConnectionTrait,
    which: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<DownloadRow>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM downloads WHERE {which}");
    let rows = Row::find_by_statement(sql(on, &text, values)).all(on).await?;
    rows.into_iter().map(DownloadRow::try_from).collect()
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    export_id: String,
    user_id: String,
    link_id: Option<String>,
    address: String,
    agent: Option<String>,
    mode: String,
    began_at: i64,
    last_at: i64,
    ended_at: Option<i64>,
    size: i64,
    bytes: i64,
    covered: Json,
    complete: bool,
}

impl TryFrom<Row> for DownloadRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let covered: Vec<(u64, u64)> = document("covered", row.covered)?;
        let link = row.link_id.map(|link| link.parse().map_err(|_| corrupt("link_id", &link))).transpose()?;
        Ok(Self {
            id: row.id.parse().map_err(|_| corrupt("id", &row.id))?,
            export: row.export_id.parse().map_err(|_| corrupt("export_id", &row.export_id))?,
            to: Receiver {
                user: row.user_id.parse().map_err(|_| corrupt("user_id", &row.user_id))?,
                link,
                address: row.address.parse().map_err(|_| corrupt("address", &row.address))?,
                agent: row.agent,
            },
            mode: Mode::parse(&row.mode).ok_or_else(|| corrupt("mode", &row.mode))?,
            began_at: Timestamp::from_millis(row.began_at),
            last_at: Timestamp::from_millis(row.last_at),
            ended_at: row.ended_at.map(Timestamp::from_millis),
            size: bytes(row.size),
            bytes: bytes(row.bytes),
            covered: covered.into_iter().map(|(start, end)| start..end).collect(),
            complete: row.complete,
            by: None,
        })
    }
}

fn corrupt(column: &str, what: &str) -> StoreError {
    StoreError::Corrupt { table: "downloads", what: format!("{column} is {what}") }
}
