//! Export jobs of projects.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{
    Export, ExportType, Phase, Progress, ProjectId, ProjectSelector, Status, Timestamp, VersionId,
};
use crate::http::address::OwnAddress;
use crate::http::kit::{Earlier, Fields, FromFields, fields};
use crate::http::views::NewExport;
use crate::http::views::new_export::export_type;

/// What is told to whoever has asked, word for word.
const QUEUED: &str = "Export job queued successfully";
const ESTIMATED_TIME: &str = "30-60 seconds";

/// A request for an export of the project that the path names.
#[derive(Debug, Clone, ToSchema)]
#[schema(rename_all = "camelCase", as = OlderNewJob)]
pub struct NewJob {
    /// A version of it; left out: as it is now.
    #[schema(value_type = Option<String>)]
    version_id: Option<VersionId>,
    /// `source_code` (when left out) or `full_project`.
    #[schema(value_type = Option<String>, example = "source_code")]
    export_type: ExportType,
}

impl FromFields for NewJob {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let version_id = body.optional("versionId", fields::parsed);
        let export_type = export_type(body);
        body.pass_over_the_rest();
        Some(Self { version_id: version_id?, export_type: export_type? })
    }
}

impl NewJob {
    /// The same, of project `project_id`.
    pub fn of(self, project_id: ProjectId) -> NewExport {
        let Self { version_id, export_type } = self;
        let (paths, since) = (Vec::new(), None);
        NewExport::of_project(ProjectSelector { project_id, version_id, export_type, paths, since })
    }
}

/// A job that was asked for, or the one that will do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OlderJob)]
pub struct JobView {
    /// By which it is followed and downloaded.
    job_id: String,
    /// `Export job queued successfully`.
    message: &'static str,
    /// `30-60 seconds`, as was always said; the status tells how far it has come.
    estimated_time: &'static str,
}

impl From<&Export> for JobView {
    fn from(export: &Export) -> Self {
        Self { job_id: export.id.to_string(), message: QUEUED, estimated_time: ESTIMATED_TIME }
    }
}

impl JobView {
    /// Where the job is followed.
    pub fn location(&self) -> String {
        format!("/v1/export-jobs/{}/status", self.job_id)
    }
}

/// Where a job stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OlderJobStatus)]
pub struct JobStatusView {
    /// `queued`, `processing`, `completed`, `failed` or `expired`.
    #[schema(example = "processing")]
    status: &'static str,
    progress: OlderProgressView,
    /// Where its package is downloaded, while there is one.
    download_url: Option<String>,
    /// From when on the package is gone.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When the project's tree was captured.
    #[schema(value_type = Option<String>, format = DateTime)]
    snapshot_at: Option<Timestamp>,
    /// Bytes of the package.
    file_size: Option<u64>,
    /// Files in it.
    file_count: Option<u64>,
    /// Why there will be no package, for people.
    error: Option<String>,
}

impl JobStatusView {
    /// `export` as it stands at `now`, on a server known as `own`.
    pub fn new(export: &Export, own: &OwnAddress, now: Timestamp) -> Self {
        let status = export.status_at(now);
        let package = export.package.as_ref();
        let is_there = status == Status::Completed;
        Self {
            status: Earlier::Jobs.word(status),
            progress: OlderProgressView::from(&export.progress),
            download_url: is_there.then(|| own.of(&format!("/v1/export-jobs/{}/download", export.id))),
            expires_at: export.expires_at,
            snapshot_at: package.map(|package| package.snapshot_at),
            file_size: package.map(|package| package.size),
            file_count: package.map(|package| package.file_count),
            error: why_not(export, status),
        }
    }
}

/// How far a job has come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OlderProgress)]
pub struct OlderProgressView {
    /// `queued`, `scanning`, `compressing`, `uploading` or `completed`.
    #[schema(example = "compressing")]
    phase: &'static str,
    files_scanned: u64,
    bytes_written: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    current_file: Option<String>,
}

impl From<&Progress> for OlderProgressView {
    fn from(progress: &Progress) -> Self {
        Self {
            phase: match progress.phase {
                Phase::Queued => "queued",
                Phase::Scanning => "scanning",
                Phase::Compressing | Phase::Formatting => "compressing",
                Phase::Finalizing => "uploading",
                Phase::Completed => "completed",
            },
            files_scanned: progress.files_done,
            bytes_written: progress.bytes_written,
            current_file: progress.current_file.clone(),
        }
    }
}

/// Why there will be no package, for people; being cancelled was no end of its own then.
pub(super) fn why_not(export: &Export, status: Status) -> Option<String> {
    let cancelled = || (status == Status::Cancelled).then(|| "the export was cancelled".to_owned());
    export.failure.as_ref().map(|failure| failure.message.clone()).or_else(cancelled)
}
