//! What programs that read the log wait for: one line each, of a fixed name and fixed fields.
//!
//! Names are in `event`; what they are about in camelCase, as in the API. `jobId` is the export's id;
//! durations are in milliseconds, sizes in bytes. Paths, addresses and tokens are in none.

use crate::domain::{Export, Failure, ProjectId, Swept, Timestamp};
use crate::telemetry::whole_millis;

use super::download::Download;
use super::ending::Made;
use super::under_way::{Ending, Fate};

/// `export.job.completed`: there is a package.
pub fn export_completed(export: &Export, made: &Made, now: Timestamp) {
    tracing::info!(
        event = "export.job.completed",
        export.id = %export.id,
        correlation.id = %export.origin.correlation_id,
        trace.id = export.origin.trace_id(),
        jobId = %export.id,
        projectId = project_of(export),
        userId = %export.owner,
        kind = %export.selection.kind(),
        format = %export.format,
        attempt = export.attempt,
        fileCount = made.package.file_count,
        fileSizeBytes = made.package.size,
        warnings = made.warnings.len(),
        durationMs = took(export, now),
        "export completed"
    );
}

/// `export.job.failed`: there is no package, and there will be none.
pub fn export_failed(export: &Export, failure: &Failure, now: Timestamp) {
    tracing::warn!(
        event = "export.job.failed",
        export.id = %export.id,
        correlation.id = %export.origin.correlation_id,
        trace.id = export.origin.trace_id(),
        jobId = %export.id,
        projectId = project_of(export),
        userId = %export.owner,
        kind = %export.selection.kind(),
        format = %export.format,
        attempt = export.attempt,
        error.code = failure.code.as_str(),
        error = %failure.message,
        durationMs = took(export, now),
        "export failed"
    );
}

/// `export.job.cancelled`: somebody stopped it.
pub fn export_cancelled(export: &Export, now: Timestamp) {
    tracing::info!(
        event = "export.job.cancelled",
        export.id = %export.id,
        correlation.id = %export.origin.correlation_id,
        trace.id = export.origin.trace_id(),
        jobId = %export.id,
        projectId = project_of(export),
        userId = %export.owner,
        durationMs = took(export, now),
        "export cancelled"
    );
}

/// `download.completed` when `ending` brought the last bytes that were missing of a download, and
/// `download.aborted` when it broke off and none of its responses goes on; a resume may follow.
pub fn download_ended(ending: &Ending) {
    let Download { id, to, size, bytes, began_at, complete, ended_at, .. } = &ending.download;
    let broke_off = ending.fate != Fate::Whole && !complete && ended_at.is_some();
    let (event, message) = match (ending.brought_the_rest, broke_off) {
        (true, _) => ("download.completed", "download completed"),
        (false, true) => ("download.aborted", "download broke off"),
        (false, false) => return,
    };
    tracing::info!(
        event,
        export.id = %ending.export,
        jobId = %ending.export,
        downloadId = %id,
        userId = %to.user,
        linkId = to.link.map(tracing::field::display),
        mode = ending.mode.as_str(),
        fileSizeBytes = size,
        bytesSent = bytes,
        durationMs = whole_millis(ending.ended_at.since(*began_at)),
        "{message}"
    );
}

/// `cleanup.swept`: something was removed, or could not be.
pub fn swept(swept: &Swept) {
    tracing::info!(
        event = "cleanup.swept",
        expired = swept.expired,
        deletedFiles = swept.deleted_files,
        freedBytes = swept.freed_bytes,
        orphansRemoved = swept.orphans_removed,
        prunedRows = swept.pruned_rows,
        errors = swept.errors,
        "swept"
    );
}

fn project_of(export: &Export) -> Option<&str> {
    export.selection.project().map(ProjectId::as_str)
}

/// From the start of the attempt that ended.
fn took(export: &Export, now: Timestamp) -> u64 {
    whole_millis(now.since(export.started_at.unwrap_or(now)))
}
