//! A row of `exports`, and what it means.

use std::time::Duration;

use sea_orm::FromQueryResult;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::domain::{
    Export, Failure, Format, Kind, Origin, Package, PackageKey, Pins, Progress, Selection, Status, Tally,
    Timestamp,
};

use super::StoreError;

/// Every column that [`Row`] reads, in no particular order.
pub const COLUMNS: &str = "id, owner, kind, format, options, metadata, title, data_selector, status, priority, run_at, attempt, \
    max_attempts, rescues, lease, progress, warnings, package_key, file_size, file_count, file_checksum, snapshot_at, \
    failure, download_count, first_downloaded_at, last_downloaded_at, retention_ms, correlation_id, traceparent, \
    created_at, started_at, completed_at, expires_at";

/// What is kept of an export beside what was asked for.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// What the versions that it names stood for.
    pub pins: Pins,
}

/// A row as the database has it.
#[derive(Debug, FromQueryResult)]
pub struct Row {
    id: String,
    owner: String,
    kind: String,
    format: String,
    options: Json,
    metadata: Json,
    title: String,
    data_selector: Json,
    status: String,
    priority: i32,
    run_at: i64,
    attempt: i32,
    max_attempts: i32,
    rescues: i32,
    lease: i64,
    progress: Json,
    warnings: Json,
    package_key: Option<String>,
    file_size: Option<i64>,
    file_count: Option<i64>,
    file_checksum: Option<String>,
    snapshot_at: Option<i64>,
    failure: Option<Json>,
    download_count: i64,
    first_downloaded_at: Option<i64>,
    last_downloaded_at: Option<i64>,
    retention_ms: i64,
    correlation_id: String,
    traceparent: Option<String>,
    created_at: i64,
    started_at: Option<i64>,
    completed_at: Option<i64>,
    expires_at: Option<i64>,
}

impl TryFrom<Row> for Export {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let progress: Progress = document("progress", row.progress.clone())?;
        let package = package(&row, &progress)?;
        let kind = Kind::parse(&row.kind).ok_or_else(|| corrupt("kind", &row.kind))?;
        let selection = Selection::from_json(kind, row.data_selector)
            .map_err(|error| corrupt("data_selector", &error.to_string()))?;
        Ok(Self {
            id: row.id.parse().map_err(|_| corrupt("id", &row.id))?,
            owner: row.owner.parse().map_err(|_| corrupt("owner", &row.owner))?,
            selection,
            format: Format::parse(&row.format).ok_or_else(|| corrupt("format", &row.format))?,
            pins: document::<Metadata>("metadata", row.metadata)?.pins,
            options: document("options", row.options)?,
            title: row.title,
            status: Status::parse(&row.status).ok_or_else(|| corrupt("status", &row.status))?,
            priority: row.priority,
            progress,
            attempt: count(row.attempt),
            max_attempts: count(row.max_attempts),
            rescues: count(row.rescues),
            lease: row.lease,
            warnings: document("warnings", row.warnings)?,
            package,
            failure: row.failure.map(|failure| document::<Failure>("failure", failure)).transpose()?,
            tally: Tally {
                count: bytes(row.download_count),
                first_at: row.first_downloaded_at.map(Timestamp::from_millis),
                last_at: row.last_downloaded_at.map(Timestamp::from_millis),
            },
            retention: Duration::from_millis(bytes(row.retention_ms)),
            origin: Origin { correlation_id: row.correlation_id, traceparent: row.traceparent },
            created_at: Timestamp::from_millis(row.created_at),
            run_at: Timestamp::from_millis(row.run_at),
            started_at: row.started_at.map(Timestamp::from_millis),
            completed_at: row.completed_at.map(Timestamp::from_millis),
            expires_at: row.expires_at.map(Timestamp::from_millis),
        })
    }
}

fn package(row: &Row, progress: &Progress) -> Result<Option<Package>, StoreError> {
    let (Some(key), Some(size), Some(checksum)) = (&row.package_key, row.file_size, &row.file_checksum)
    else {
        return Ok(None);
    };
    Ok(Some(Package {
        key: PackageKey::from_stored(key),
        size: bytes(size),
        file_count: bytes(row.file_count.unwrap_or(0)),
        source_bytes: progress.bytes_read,
        rows: progress.rows_total,
        checksum: checksum.parse().map_err(|_| corrupt("file_checksum", checksum))?,
        snapshot_at: Timestamp::from_millis(row.snapshot_at.unwrap_or(row.created_at)),
    }))
}

/// A document out of a column.
pub fn document<T: DeserializeOwned>(column: &'static str, json: Json) -> Result<T, StoreError> {
    serde_json::from_value(json).map_err(|error| corrupt(column, &error.to_string()))
}

/// A number that a CHECK keeps from being negative.
pub fn bytes(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A size or a count as a column has it.
pub fn big(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

fn corrupt(column: &str, what: &str) -> StoreError {
    StoreError::Corrupt { table: "exports", what: format!("{column} is {what}") }
}
