//! A problem as earlier systems told theirs, for their clients.

use bytes::Bytes;
use http::header::RETRY_AFTER;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Problem;
use crate::domain::{Status, Timestamp};
use crate::http::kit::fields::FieldFault;

/// The earlier systems whose clients go on with us. Each has its paths, and words of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// Export jobs of projects: `/v1/…`.
    Jobs,
    /// Exports of data: `/api/exports…`.
    Data,
    /// Packages of tools: `/api/tool-registry/…`.
    Tools,
}

impl Earlier {
    /// The system to which `path` belongs, whether or not there is anything; `None` for ours.
    pub fn of(path: &str) -> Option<Self> {
        let is_below =
            |root: &str| path.strip_prefix(root).is_some_and(|r| r.is_empty() || r.starts_with('/'));
        match path {
            _ if is_below("/v1") => Some(Self::Jobs),
            _ if is_below("/api/exports") => Some(Self::Data),
            _ if is_below("/api/tool-registry") => Some(Self::Tools),
            _ => None,
        }
    }

    /// Its word for `status`. What it did not know is told as what its clients do then: who waits goes
    /// on waiting, and whose export was cancelled stops.
    pub const fn word(self, status: Status) -> &'static str {
        match (status, self) {
            (Status::Scheduled | Status::Queued, Self::Data) => "pending",
            (Status::Scheduled | Status::Queued, Self::Jobs | Self::Tools) => "queued",
            (Status::Processing | Status::Cancelling, _) => "processing",
            (Status::Completed, _) => "completed",
            (Status::Failed | Status::Cancelled, _) => "failed",
            (Status::Expired, _) => "expired",
        }
    }

    /// What its clients show to people when `code` is the matter; `None` when it had no text for that.
    fn text(self, code: &str, status: Option<Status>) -> Option<String> {
        let fixed = match (code, self) {
            ("UNAUTHENTICATED", Self::Jobs) => "Authentication required",
            ("DOWNLOAD_UNAUTHORIZED", _) => "Only job creator or admin can download this package",
            ("JOB_NOT_FOUND", _) => "Export job not found",
            ("PACKAGE_NOT_READY", Self::Jobs) => "Export not ready for download",
            ("PACKAGE_NOT_READY", _) => {
                let status = self.word(status.unwrap_or(Status::Processing));
                return Some(format!("Export package not ready. Job status: {status}"));
            }
            ("PACKAGE_EXPIRED", Self::Jobs) => "Export has expired. Please create a new export.",
            ("PACKAGE_EXPIRED", _) => "Export package has expired and was deleted",
            ("FILE_NOT_FOUND", _) => "Export package file not found on server",
            _ => return None,
        };
        Some(fixed.to_owned())
    }
}

impl Problem {
    /// The document for a client of the `earlier` system whose request is called `correlation_id`.
    pub fn older_document(&self, earlier: Earlier, correlation_id: &str, at: Timestamp) -> Bytes {
        let mut more = self.more().clone();
        more.remove("retryAfterSeconds");
        let status = more.get("exportStatus").and_then(Value::as_str).and_then(Status::parse);
        let text = earlier.text(self.code(), status).unwrap_or_else(|| self.detail().to_owned());
        let retry_after = self.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let document = OlderProblem {
            status: "error",
            error: matches!(earlier, Earlier::Jobs).then(|| self.title_for_jobs(&text)),
            message: &text,
            code: self.code(),
            timestamp: at,
            correlation_id,
            retry_after,
            errors: self.errors(),
            more: &more,
        };
        serde_json::to_vec(&document).expect("texts and numbers are JSON").into()
    }

    /// Clients of export jobs read `error`, which was the message's headline where there were two.
    fn title_for_jobs<'t>(&self, text: &'t str) -> &'t str {
        if self.code() == "RATE_LIMITED" { "Export rate limit exceeded" } else { text }
    }
}

/// A problem on the wire of an earlier system.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OlderProblem<'p> {
    /// `error`, always.
    #[schema(example = "error")]
    status: &'p str,
    /// What clients of `/v1/` show.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    error: Option<&'p str>,
    /// For people: what happened.
    message: &'p str,
    /// For programs, as everywhere.
    #[schema(example = "PACKAGE_EXPIRED")]
    code: &'p str,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    /// Names this request in the server's log.
    correlation_id: &'p str,
    /// Seconds after which to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    retry_after: Option<u64>,
    /// Every offending field, for `VALIDATION_FAILED`.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    errors: &'p [FieldFault],
    /// What else this code tells: `expiresAt`, `remaining`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    more: &'p Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn told(problem: &Problem, earlier: Earlier) -> Value {
        let bytes = problem.older_document(earlier, "c-1", Timestamp::from_millis(0));
        serde_json::from_slice(&bytes).expect("JSON")
    }

    #[test]
    fn a_path_tells_whose_client_asks() {
        for (path, earlier) in [
            ("/v1/export-jobs/7/status", Some(Earlier::Jobs)),
            ("/v1/nothing", Some(Earlier::Jobs)),
            ("/api/exports", Some(Earlier::Data)),
            ("/api/exports/user", Some(Earlier::Data)),
            ("/api/tool-registry/export-jobs/7/download", Some(Earlier::Tools)),
            ("/api/v1/exports", None),
            ("/api/exportsx", None),
            ("/v12", None),
            ("/api/openapi.json", None),
            ("/d/v1", None),
        ] {
            assert_eq!(Earlier::of(path), earlier, "{path}");
        }
    }

    #[test]
    fn a_limit_tells_when_to_come_back_in_the_words_of_then() {
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", "at most 10 an hour")
            .retry_after(1800)
            .with("retryAfterSeconds", 1800)
            .with("remaining", 0);
        let told = told(&problem, Earlier::Jobs);
        assert_eq!((&told["status"], &told["code"]), (&"error".into(), &"RATE_LIMITED".into()));
        assert_eq!((&told["retryAfter"], &told["remaining"]), (&1800.into(), &0.into()));
        assert_eq!(told["error"], "Export rate limit exceeded");
        assert_eq!(told["message"], "at most 10 an hour");
        assert!(told.get("retryAfterSeconds").is_none() && told.get("title").is_none(), "{told}");
    }

    #[test]
    fn each_system_has_its_own_words_for_where_an_export_stands() {
        let not_ready = Problem::new(StatusCode::NOT_FOUND, "PACKAGE_NOT_READY", "wait")
            .with("exportStatus", Status::Scheduled);
        for (earlier, message) in [
            (Earlier::Jobs, "Export not ready for download"),
            (Earlier::Data, "Export package not ready. Job status: pending"),
            (Earlier::Tools, "Export package not ready. Job status: queued"),
        ] {
            assert_eq!(told(&not_ready, earlier)["message"], message);
        }
        for status in Status::ALL {
            let known = ["queued", "processing", "completed", "failed", "expired"];
            assert!(known.contains(&Earlier::Jobs.word(status)), "{status} would be waited for for ever");
        }
    }
}
