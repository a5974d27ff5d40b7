//! An export, as its caller sees it.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::app::{Estimate, Outlook, Requested};
use crate::domain::{Export, Failure, FailureCode, Options, Phase, Status, Timestamp, Warning, WarningCode};
use crate::transfer::EntityTag;

/// What was asked for, and what has become of it. Every member is always there, `null` where
/// there is nothing to say (but `deduplicated`).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Export)]
pub struct ExportView {
    #[schema(value_type = String, example = "01987b3e-5d1c-7c3a-9f5e-0123456789ab")]
    id: String,
    /// Whose it is.
    #[schema(example = "ada")]
    user_id: String,
    /// What is exported.
    #[schema(example = "project")]
    kind: &'static str,
    /// `scheduled`, `queued`, `processing`, `cancelling`, `completed`, `failed`, `cancelled` or `expired`.
    #[schema(example = "processing")]
    status: &'static str,
    #[schema(example = "zip")]
    format: &'static str,
    #[schema(value_type = Object)]
    selector: Value,
    /// What else was chosen.
    #[schema(value_type = Object)]
    options: Options,
    /// The template of the report that the data become.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    template: Option<String>,
    /// Higher runs sooner.
    priority: i32,
    progress: ProgressView,
    /// Place in the queue, 1 being next, while queued.
    position: Option<u64>,
    attempt: u32,
    max_attempts: u32,
    /// What the package had to leave out or change.
    warnings: Vec<WarningView>,
    /// What the package is saved as.
    #[schema(example = "shop-2026-11-20-0198f2aa.zip")]
    file_name: String,
    /// Bytes of the package.
    file_size: Option<u64>,
    /// Files in it.
    file_count: Option<u64>,
    /// SHA-256 of the package, in hex.
    checksum: Option<String>,
    download_count: u64,
    #[schema(value_type = Option<String>, format = DateTime)]
    first_downloaded_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_downloaded_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When the source was captured.
    #[schema(value_type = Option<String>, format = DateTime)]
    snapshot_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<Timestamp>,
    /// From when on the package is gone.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Why there will be no package.
    error: Option<FailureView>,
    links: Links,
    /// The request was answered with an export that was there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    deduplicated: Option<bool>,
}

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Progress)]
pub struct ProgressView {
    /// `queued`, `scanning`, `compressing` (of data: `formatting`), `finalizing` or `completed`.
    #[schema(value_type = String)]
    phase: Phase,
    /// 0 to 100; 100 only when completed.
    percent: u8,
    files_done: u64,
    files_total: Option<u64>,
    bytes_read: u64,
    bytes_written: u64,
    /// Rows of data so far, and how many there will be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    rows_done: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    rows_total: Option<u64>,
    current_file: Option<String>,
    /// About how long until it ends, its time in the line included; `null` when there is nothing to
    /// go by.
    eta_seconds: Option<u64>,
}

/// Something a package had to leave out or change.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Warning)]
pub struct WarningView {
    #[schema(value_type = String, example = "SYMLINK_SKIPPED")]
    code: WarningCode,
    path: Option<String>,
    message: String,
}

/// Why there will be no package.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Failure)]
struct FailureView {
    #[schema(value_type = String, example = "PACKAGE_TOO_LARGE")]
    code: FailureCode,
    message: String,
}

/// Where to go from here.
// Not `Links`: those of an export are another thing.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ExportAddresses)]
struct Links {
    #[serde(rename = "self")]
    own: String,
    events: String,
    /// When there is a package.
    download: Option<String>,
    /// While there is something to cancel.
    cancel: Option<String>,
}

impl ExportView {
    /// `export` as it stands at `now`, and what can be told of its future.
    pub fn new(export: &Export, outlook: Outlook, now: Timestamp) -> Self {
        let status = export.status_at(now);
        let package = export.package.as_ref();
        Self {
            id: export.id.to_string(),
            user_id: export.owner.to_string(),
            kind: export.selection.kind().as_str(),
            status: status.as_str(),
            format: export.format.as_str(),
            selector: export.selection.to_json(),
            options: Options { template: None, ..export.options.clone() },
            template: export.options.template.clone(),
            priority: export.priority,
            progress: ProgressView::new(export, outlook, now),
            position: outlook.position,
            attempt: export.attempt,
            max_attempts: export.max_attempts,
            warnings: export.warnings.iter().map(WarningView::from).collect(),
            file_name: export.file_name(),
            file_size: package.map(|package| package.size),
            file_count: package.map(|package| package.file_count),
            checksum: package.map(|package| package.checksum.to_string()),
            download_count: export.tally.count,
            first_downloaded_at: export.tally.first_at,
            last_downloaded_at: export.tally.last_at,
            created_at: export.created_at,
            started_at: export.started_at,
            snapshot_at: package.map(|package| package.snapshot_at),
            completed_at: export.completed_at,
            expires_at: export.expires_at,
            error: export.failure.as_ref().map(FailureView::from),
            links: Links::of(export, status),
            deduplicated: None,
        }
    }

    /// The answer to a request: a new export, or the one that will do.
    pub fn requested(requested: &Requested, outlook: Outlook, now: Timestamp) -> Self {
        let deduplicated = requested.deduplicated.then_some(true);
        Self { deduplicated, ..Self::new(&requested.export, outlook, now) }
    }

    /// Where this export is found.
    pub fn location(&self) -> String {
        self.links.own.clone()
    }

    /// Stands for what this view says. The remaining time does not count: it changes with every
    /// look while nothing has happened.
    pub fn tag(&self) -> EntityTag {
        let mut lasting = self.clone();
        lasting.progress.eta_seconds = None;
        let json = serde_json::to_vec(&lasting).expect("a view is made of texts and numbers");
        let digest: [u8; 32] = Sha256::digest(json).into();
        let [revision, ..] = digest.as_chunks::<8>().0 else { unreachable!("a digest has 32 bytes") };
        EntityTag::weak(u64::from_be_bytes(*revision))
    }
}

impl ProgressView {
    /// How far `export` has come at `now`.
    pub fn new(export: &Export, outlook: Outlook, now: Timestamp) -> Self {
        let progress = &export.progress;
        Self {
            phase: progress.phase,
            percent: progress.percent(),
            files_done: progress.files_done,
            files_total: progress.files_total,
            bytes_read: progress.bytes_read,
            bytes_written: progress.bytes_written,
            rows_done: progress.rows_total.map(|_| progress.rows_done),
            rows_total: progress.rows_total,
            current_file: progress.current_file.clone(),
            eta_seconds: eta_seconds(export, outlook, now),
        }
    }
}

/// What is left takes as long as what is done took: rounded up. Before there is a first percent to
/// go by, what was foretold.
fn eta_seconds(export: &Export, outlook: Outlook, now: Timestamp) -> Option<u64> {
    if let Some(ends_in) = outlook.ends_in {
        return u64::try_from(ends_in.as_millis().div_ceil(1000)).ok();
    }
    let started = export.started_at.filter(|_| export.status == Status::Processing)?;
    let percent = u64::from(export.progress.percent());
    let elapsed = u64::try_from(now.since(started).as_millis()).ok()?;
    let left = elapsed.checked_mul(100 - percent)?.checked_div(percent)?;
    Some(left.div_ceil(1000))
}

impl Links {
    fn of(export: &Export, status: Status) -> Self {
        let own = format!("/api/v1/exports/{}", export.id);
        Self {
            events: format!("{own}/events"),
            download: (status == Status::Completed).then(|| format!("{own}/download")),
            cancel: status.is_active().then(|| format!("{own}/cancel")),
            own,
        }
    }
}

impl From<&Warning> for WarningView {
    fn from(warning: &Warning) -> Self {
        Self { code: warning.code, path: warning.path.clone(), message: warning.message.clone() }
    }
}

impl From<&Failure> for FailureView {
    fn from(failure: &Failure) -> Self {
        Self { code: failure.code, message: failure.message.clone() }
    }
}

/// What an export would be like.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Estimate)]
pub struct EstimateView {
    /// Files that would be packed.
    files: u64,
    /// Bytes of them, before compression.
    bytes: u64,
    /// Rows of data.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    rows: Option<u64>,
    /// Entries that would be left out.
    excluded: u64,
    /// About how long it would take once it has a slot.
    estimated_seconds: u64,
    warnings: Vec<WarningView>,
}

impl From<Estimate> for EstimateView {
    fn from(estimate: Estimate) -> Self {
        Self {
            files: estimate.files,
            bytes: estimate.bytes,
            rows: estimate.rows,
            excluded: estimate.excluded,
            estimated_seconds: estimate.duration.as_millis().div_ceil(1000).max(1) as u64,
            warnings: estimate.warnings.iter().map(WarningView::from).collect(),
        }
    }
}
