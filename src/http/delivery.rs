//! Handing over a package.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use http::StatusCode;
use http::header::{CONTENT_TYPE, RANGE, USER_AGENT};
use http::request::Parts;
use http_body_util::BodyExt;
use tracing::Span;

use crate::app::{AdmitError, Desk, HeldBytes, HeldPass, Opened, Pace, WantedBytes, Way};
use crate::domain::audit::Author;
use crate::domain::{LONGEST_AGENT, LinkId, Mode, Receiver, UserId};
use crate::ledger::{Sending, Transfer};
use crate::otel;
use crate::telemetry::Metrics;
use crate::transfer::{self, PackageFacts, Segment};

use super::accel::{self, HandedOver, Speed};
use super::asked::Asked;
use super::audit::{author, receiving};
use super::kit::{Answer, Blocks, Body, Escort, FileBody, FileBodyError, Reply, RequestFault, empty};

/// An answer to a request for a package by somebody who may have it; nothing of it is sent yet.
#[derive(Debug)]
pub struct Delivery<'a> {
    opened: &'a Opened,
    answer: transfer::Answer,
    /// How fast the proxy is to send the bytes, if it is the proxy that sends them.
    handed_over: Option<Speed>,
    author: Author,
    request: otel::Span,
}

impl<'a> Delivery<'a> {
    /// What to answer to a request with this `head` for `opened`.
    ///
    /// # Errors
    /// When the caller wants another package than this.
    pub fn of(desk: &Desk, opened: &'a Opened, head: &Parts) -> Answer<Self> {
        accel::take_back(desk, head);
        let answer = transfer::answer(&head.method, &head.headers, &facts(opened), desk.clock().now());
        let kind = range_kind(answer.status, &answer.headers, head);
        desk.metrics().range_requests.with_label_values(&[kind]).inc();
        if answer.status == StatusCode::PRECONDITION_FAILED {
            return Err(RequestFault::PreconditionFailed { validators: answer.headers }.into());
        }
        let handed_over = accel::speed(&desk.download(), head, &answer, opened.size);
        Ok(Self { opened, answer, handed_over, author: author(head), request: Asked::of(head).span.clone() })
    }

    /// The bytes of the package that the answer carries, in order; none for `HEAD`, 304 and 416.
    pub fn planned(&self) -> Vec<Range<u64>> {
        let of_file = |segment: &Segment| match segment {
            Segment::File(range) => Some(range.clone()),
            Segment::Literal(_) => None,
        };
        self.answer.segments.iter().filter_map(of_file).collect()
    }

    /// Charges those bytes to whoever receives them, or to whoever made the link by which they are
    /// received. `by_pass` where the link allows so many downloads: then no proxy sends them.
    ///
    /// # Errors
    /// [`AdmitError::Refused`] when they may not have them now; nothing is charged then.
    pub async fn admit(
        &self,
        desk: &Desk,
        to: &Receiver,
        head: &Parts,
        by_pass: bool,
    ) -> Result<Option<HeldBytes>, AdmitError> {
        let planned = self.planned();
        let way = match to.link {
            _ if accel::is_again(head) => Way::Again,
            Some(_) => Way::Link,
            None => Way::Download,
        };
        let (export, size) = (self.opened.export, Some(self.opened.size));
        let wanted = WantedBytes { user: &to.user, export, size, planned: &planned, way };
        desk.turnstile().admit(&wanted, self.handed_over.is_some() && !by_pass).await
    }

    /// The reply, which carries those bytes `to` somebody, as far as that was `settled` before.
    /// What belongs to a pass is never handed over: what a link still allows must not hang on the
    /// word of a proxy that may have been stopped.
    pub fn send(self, desk: &Desk, blocks: &Blocks, to: Receiver, settled: Settled) -> Reply {
        let download = settled.pass.map(HeldPass::begun);
        let reserved = settled.bytes.map(HeldBytes::begun);
        let planned = self.planned();
        let (size, by) = (Some(self.opened.size), Some(Arc::new(receiving(&self.author, &to))));
        let transfer::Answer { status, headers, segments } = self.answer;
        let sending = Sending { export: self.opened.export, to, download, reserved, size, planned, by };
        let mut handed_over = None;
        let body = if sending.planned.is_empty() {
            empty()
        } else if let Some(speed) = self.handed_over.filter(|_| sending.download.is_none()) {
            let ticket = desk.downloads().hand_over(sending);
            handed_over = Some(HandedOver::new(&desk.download(), &self.opened.place, &ticket, speed));
            empty()
        } else {
            let file = Arc::clone(&self.opened.file);
            body(FileBody::new(file, segments, blocks, Handover::begin(desk, sending, self.request)))
        };
        let mut reply = Reply::new(body);
        *reply.status_mut() = status;
        *reply.headers_mut() = headers;
        if let Some(handed_over) = handed_over {
            reply.extensions_mut().insert(handed_over);
        }
        reply
    }
}

/// What was settled of a response before it begins.
#[derive(Debug, Default)]
pub struct Settled {
    /// The download of a link's limit that it belongs to.
    pub pass: Option<HeldPass>,
    /// The bytes that are reserved for it.
    pub bytes: Option<HeldBytes>,
}

/// Whoever sent a request with this `head`, as receiver of bytes: `user`, or whoever has a link of theirs.
pub fn receiver(user: UserId, link: Option<LinkId>, asked: &Asked, head: &Parts) -> Receiver {
    let agent = head.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let agent = agent.map(|agent| agent.get(..LONGEST_AGENT).unwrap_or(agent).to_owned());
    Receiver { user, link, address: asked.address, agent }
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

/// A response under way, in the ledger and in the instruments, at the pace that it may have.
pub struct Handover {
    transfer: Option<Transfer>,
    has_size: bool,
    pace: Option<Pace>,
    metrics: Metrics,
    began: Instant,
    request: otel::Span,
}

impl Handover {
    /// The response to `request` that `sending` tells of begins.
    pub fn begin(desk: &Desk, sending: Sending, request: otel::Span) -> Self {
        let metrics = desk.metrics().clone();
        metrics.downloads_in_flight.inc();
        let pace = desk.bandwidth().enter(sending.export, &sending.to);
        let has_size = sending.size.is_some();
        let transfer = Some(desk.downloads().begin(sending));
        Self { transfer, has_size, pace, metrics, began: Instant::now(), request }
    }
}

/// A pace is all the escort that bytes need which nobody counts.
impl Escort for Option<Pace> {
    fn poll_leave(&mut self, cx: &mut Context<'_>, wanted: u64) -> Poll<u64> {
        self.as_mut().map_or(Poll::Ready(wanted), |pace| pace.poll_leave(cx, wanted))
    }

    fn handed(&mut self, bytes: u64) {
        if let Some(pace) = self {
            pace.sent(bytes);
        }
    }

    fn over(&mut self, _is_whole: bool) {
        *self = None;
    }
}

impl Escort for Handover {
    fn poll_leave(&mut self, cx: &mut Context<'_>, wanted: u64) -> Poll<u64> {
        self.pace.poll_leave(cx, wanted)
    }

    fn handed(&mut self, bytes: u64) {
        self.pace.handed(bytes);
        if let Some(transfer) = &self.transfer {
            transfer.handed(bytes);
        }
    }

    fn over(&mut self, is_whole: bool) {
        let Some(transfer) = self.transfer.take() else { return };
        let (mode, outcome) = (Mode::Direct.as_str(), if is_whole { "complete" } else { "broken" });
        self.metrics.downloads_in_flight.dec();
        self.metrics.downloads.with_label_values(&[mode, outcome]).inc();
        self.metrics.download_bytes.with_label_values(&[mode]).inc_by(transfer.sent());
        self.request.note("exportd.download.bytes", i64::try_from(transfer.sent()).unwrap_or(i64::MAX));
        self.request.note("exportd.download.outcome", outcome);
        self.metrics.download_duration.observe(self.began.elapsed().as_secs_f64());
        if is_whole && !self.has_size {
            let size = transfer.sent();
            transfer.end_with(size);
        }
    }
}
