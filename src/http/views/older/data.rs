//! Exports of data.

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::domain::{Export, Options, Status, Timestamp};
use crate::http::address::OwnAddress;
use crate::http::kit::{Earlier, Fields, FromFields, RequestFault, fields};
use crate::http::views::{LogLine, NewExport};

use super::job::{OlderProgressView, why_not};

/// A request for an export of data; of which, the path tells.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = OlderNewDataExport)]
pub struct NewDataExport {
    /// `json`, `csv` or `xml`; everyone's data are an archive (zip) of JSON Lines whichever it is.
    #[schema(example = "json")]
    format: Option<String>,
    /// `compression`, `includeMetadata`, `includeSystemFields`, `dateRange`: `{start, end}`.
    #[schema(value_type = Option<Object>)]
    options: Map<String, Value>,
}

impl FromFields for NewDataExport {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let format = body.optional("format", fields::text);
        let options = body.optional("options", object);
        body.pass_over_the_rest();
        Some(Self { format: format?, options: options?.unwrap_or_default() })
    }
}

impl NewDataExport {
    pub(super) const fn new(format: Option<String>, options: Map<String, Value>) -> Self {
        Self { format, options }
    }

    /// The same as it is asked for today, of `kind`: which part of it was an option then, and
    /// compression was on or off.
    ///
    /// # Errors
    /// What `POST /exports` would find wrong with it.
    pub fn of(self, kind: &str) -> Result<NewExport, RequestFault> {
        let Self { format, options } = self;
        let mut selector = Map::new();
        selector.extend(options.get("dateRange").map(|range| ("dateRange".to_owned(), range.clone())));
        let compression = options.get("compression").map(|compression| match compression {
            Value::Bool(true) => json!("gzip"),
            Value::Bool(false) => json!("none"),
            word => word.clone(),
        });
        let mut wanted = json!({"kind": kind, "selector": selector, "options": {}});
        // Everyone's data were one document then; they are an archive of JSON Lines now.
        let is_archive_now =
            |format: &String| kind == "bulk" && ["json", "csv", "xml"].contains(&format.as_str());
        if let Some(format) = format.filter(|format| !is_archive_now(format)) {
            wanted["format"] = json!(format);
        }
        if let Some(compression) = compression {
            wanted["options"]["compression"] = compression;
        }
        for flag in ["includeMetadata", "includeSystemFields"] {
            if let Some(value) = options.get(flag) {
                wanted["options"][flag] = value.clone();
            }
        }
        fields::read(wanted).map_err(RequestFault::InvalidFields)
    }
}

pub(super) fn object(value: Value) -> Result<Map<String, Value>, String> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err("must be an object".into()),
    }
}

/// An export, and on request its log.
#[derive(Debug, Serialize, ToSchema)]
pub struct OlderExport {
    export: OlderExportView,
    /// What happened to it, oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    logs: Option<Vec<LogLine>>,
}

impl OlderExport {
    /// `export` alone.
    pub const fn new(export: OlderExportView) -> Self {
        Self { export, logs: None }
    }

    /// The same with its log.
    #[must_use]
    pub fn with_logs(self, logs: Vec<LogLine>) -> Self {
        Self { logs: Some(logs), ..self }
    }

    /// Where it is followed.
    pub fn location(&self) -> String {
        format!("/api/exports/{}/status", self.export.id)
    }
}

/// What was asked for, and what has become of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OlderExportView {
    id: String,
    /// What is exported.
    #[schema(example = "user_data")]
    export_type: &'static str,
    #[schema(example = "json")]
    format: &'static str,
    #[schema(value_type = Object)]
    options: Options,
    /// `pending`, `processing`, `completed`, `failed` or `expired`.
    #[schema(example = "pending")]
    status: &'static str,
    progress: OlderProgressView,
    file_name: String,
    /// Bytes of the package.
    file_size: Option<u64>,
    /// Files in it.
    file_count: Option<u64>,
    /// SHA-256 of the package, in hex.
    checksum: Option<String>,
    /// Where its package is downloaded, while there is one.
    download_url: Option<String>,
    download_count: u64,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_downloaded_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<Timestamp>,
    /// From when on the package is gone.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Why there will be no package, for people.
    error: Option<String>,
}

impl OlderExportView {
    /// `export` as it stands at `now`, on a server known as `own`.
    pub fn new(export: &Export, own: &OwnAddress, now: Timestamp) -> Self {
        let status = export.status_at(now);
        let package = export.package.as_ref();
        let is_there = status == Status::Completed;
        Self {
            id: export.id.to_string(),
            export_type: export.selection.kind().as_str(),
            format: export.format.as_str(),
            options: export.options.clone(),
            status: Earlier::Data.word(status),
            progress: OlderProgressView::from(&export.progress),
            file_name: export.file_name(),
            file_size: package.map(|package| package.size),
            file_count: package.map(|package| package.file_count),
            checksum: package.map(|package| package.checksum.to_string()),
            download_url: is_there.then(|| own.of(&format!("/api/exports/{}/download", export.id))),
            download_count: export.tally.count,
            last_downloaded_at: export.tally.last_at,
            created_at: export.created_at,
            started_at: export.started_at,
            completed_at: export.completed_at,
            expires_at: export.expires_at,
            error: why_not(export, status),
        }
    }
}

/// What was scheduled.
#[derive(Debug, Serialize, ToSchema)]
pub struct OlderRequestView {
    request: ScheduledView,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OlderScheduled)]
struct ScheduledView {
    /// Also the export's.
    id: String,
    #[schema(example = "user_data")]
    export_type: &'static str,
    #[schema(example = "csv")]
    format: &'static str,
    /// Not before this instant.
    #[schema(value_type = String, format = DateTime)]
    scheduled_at: Timestamp,
    /// `pending` until it has begun.
    #[schema(example = "pending")]
    status: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl OlderRequestView {
    /// `export` as it stands at `now`.
    pub fn new(export: &Export, now: Timestamp) -> Self {
        Self { request: ScheduledView::new(export, now) }
    }

    /// Where the export is followed.
    pub fn location(&self) -> String {
        format!("/api/exports/{}/status", self.request.id)
    }
}

impl ScheduledView {
    fn new(export: &Export, now: Timestamp) -> Self {
        Self {
            id: export.id.to_string(),
            export_type: export.selection.kind().as_str(),
            format: export.format.as_str(),
            scheduled_at: export.run_at,
            status: Earlier::Data.word(export.status_at(now)),
            created_at: export.created_at,
        }
    }
}

/// What was due and is queued now. Most often nothing: what is due is queued within seconds by itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OlderPromoted)]
pub struct PromotedView {
    /// How many were due.
    processed: usize,
    requests: Vec<ScheduledView>,
}

impl PromotedView {
    /// These exports, at `now`.
    pub fn new(queued: &[Export], now: Timestamp) -> Self {
        let requests = queued.iter().map(|export| ScheduledView::new(export, now)).collect();
        Self { processed: queued.len(), requests }
    }
}
