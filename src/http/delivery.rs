//! Handing over a package.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use http::StatusCode;
use http::header::{CONTENT_TYPE, RANGE, USER_AGENT};
use http::request::Parts;
use http_body_util::BodyExt;
use tracing::Span;

use crate::app::{Desk, Opened};
use crate::domain::Caller;
use crate::ledger::{Sending, Transfer};
use crate::telemetry::Metrics;
use crate::transfer::{self, PackageFacts, Segment};

use super::asked::Asked;
use super::kit::{Answer, Blocks, Body, FileBody, FileBodyError, Reply, RequestFault, empty};

/// exportd itself sends the bytes; a proxy in front may do so one day.
const MODE: &str = "direct";

/// The reply to a request for `opened` by somebody who may have it.
///
/// # Errors
/// When the caller wants another package than this.
pub fn deliver(
    desk: &Desk,
    blocks: &Blocks,
    opened: &Opened,
    caller: Caller,
    asked: &Asked,
    head: &Parts,
) -> Answer<Reply> {
    let answer = transfer::answer(&head.method, &head.headers, &facts(opened), desk.clock().now());
    let kind = range_kind(answer.status, &answer.headers, head);
    desk.metrics().range_requests.with_label_values(&[kind]).inc();
    if answer.status == StatusCode::PRECONDITION_FAILED {
        return Err(RequestFault::PreconditionFailed { validators: answer.headers }.into());
    }
    let planned = ranges(&answer.segments);
    let body = if planned.is_empty() {
        empty()
    } else {
        let agent = head.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).map(ToOwned::to_owned);
        let (export, size, address) = (opened.export, opened.size, asked.address);
        let sending = Sending { export, user: caller.user, address, agent, size, planned };
        let handover = Handover::begin(desk, sending);
        let file = Arc::clone(&opened.file);
        body(FileBody::new(file, answer.segments, blocks, move |sent, whole| handover.end(sent, whole)))
    };
    let mut reply = Reply::new(body);
    *reply.status_mut() = answer.status;
    *reply.headers_mut() = answer.headers;
    Ok(reply)
}

fn facts(opened: &Opened) -> PackageFacts<'_> {
    PackageFacts {
        checksum: opened.checksum,
        size: opened.size,
        file_name: &opened.file_name,
        media_type: opened.media_type,
        completed_at: opened.completed_at,
        expires_at: opened.expires_at,
    }
}

fn ranges(segments: &[Segment]) -> Vec<Range<u64>> {
    let of_file = |segment: &Segment| match segment {
        Segment::File(range) => Some(range.clone()),
        Segment::Literal(_) => None,
    };
    segments.iter().filter_map(of_file).collect()
}

fn body(bytes: FileBody) -> Body {
    // The body is read after its request was answered, but what happens to it is still its story.
    let request = Span::current();
    let told = move |error: FileBodyError| {
        request.in_scope(|| tracing::error!(%error, "a download was cut"));
        io::Error::other(error)
    };
    bytes.map_err(told).boxed_unsync()
}

/// What became of a request's `Range`.
fn range_kind(status: StatusCode, answered: &http::HeaderMap, asked: &Parts) -> &'static str {
    let is_multipart = || {
        let media_type = answered.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
        media_type.is_some_and(|media_type| media_type.starts_with(b"multipart/"))
    };
    match status {
        _ if !asked.headers.contains_key(RANGE) => "none",
        StatusCode::PARTIAL_CONTENT if is_multipart() => "multi",
        StatusCode::PARTIAL_CONTENT => "single",
        StatusCode::RANGE_NOT_SATISFIABLE => "unsatisfiable",
        _ => "ignored",
    }
}

/// A response under way, in the ledger and in the instruments.
struct Handover {
    transfer: Transfer,
    metrics: Metrics,
    began: Instant,
}

impl Handover {
    fn begin(desk: &Desk, sending: Sending) -> Self {
        let metrics = desk.metrics().clone();
        metrics.downloads_in_flight.inc();
        Self { transfer: desk.downloads().begin(sending), metrics, began: Instant::now() }
    }

    fn end(self, sent: Vec<Range<u64>>, whole: bool) {
        let outcome = if whole { "complete" } else { "broken" };
        let bytes = sent.iter().map(|range| range.end - range.start).sum();
        self.metrics.downloads_in_flight.dec();
        self.metrics.downloads.with_label_values(&[MODE, outcome]).inc();
        self.metrics.download_bytes.with_label_values(&[MODE]).inc_by(bytes);
        self.metrics.download_duration.observe(self.began.elapsed().as_secs_f64());
        self.transfer.end(sent);
    }
}
