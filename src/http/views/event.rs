//! What happened to an export: in its log, and while one listens.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{ExportEvent, Status, Timestamp};

/// An export's log, oldest line first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Log)]
pub struct LogView {
    items: Vec<LogLine>,
}

impl From<Vec<ExportEvent>> for LogView {
    fn from(events: Vec<ExportEvent>) -> Self {
        Self { items: events.into_iter().map(LogLine::from).collect() }
    }
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogLine {
    /// Its number; later ones are greater.
    seq: i64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What: `status`, `attempt`, `warning`, `download`, `link`, or `kept` when its expiry was put off.
    event: String,
    /// Where the export stood after it.
    #[schema(value_type = String)]
    status: Status,
    /// For people.
    message: String,
}

impl From<ExportEvent> for LogLine {
    fn from(event: ExportEvent) -> Self {
        Self { seq: event.seq, at: event.at, event: event.kind, status: event.status, message: event.message }
    }
}

/// The data of a `status` event.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusEvent<'e> {
    #[schema(value_type = String)]
    status: Status,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// For people.
    message: &'e str,
}

impl<'e> From<&'e ExportEvent> for StatusEvent<'e> {
    fn from(event: &'e ExportEvent) -> Self {
        Self { status: event.status, at: event.at, message: &event.message }
    }
}
