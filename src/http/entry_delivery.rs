//! Handing over one entry of a package.

use std::any::Any;
use std::io;
use std::pin::Pin;

use http::header::CONTENT_SECURITY_POLICY;
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use http_body_util::BodyExt;
use tracing::Span;

use crate::app::{Desk, EntryBytes, OpenedEntry, Pace, WantedBytes, Way};
use crate::domain::{ExportId, Format, Receiver};
use crate::transfer::{self, PackageFacts, Segment};

use super::kit::{Answer, Blocks, Draw, DrawnBody, Reply, RequestFault, empty};

/// Whatever a file of an archive claims to be, it is bytes: a page that somebody packed is never
/// shown as one of this server's.
const MEDIA_TYPE: &str = "application/octet-stream";
const NO_RIGHTS: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");
/// Tells the size of packages.
const X_PACKAGE_SIZE: HeaderName = HeaderName::from_static("x-package-size");

impl Draw for EntryBytes {
    fn turn(&self) -> Pin<Box<dyn Future<Output = Box<dyn Any + Send>> + Send>> {
        Box::pin(Self::turn(self))
    }

    fn read(&mut self, at: u64, room: &mut [u8]) -> io::Result<usize> {
        Self::read(self, at, room)
    }
}

/// The reply to a request for `entry` by `to`, who may have it: as that for a package, of which the
/// entry is a small one. Its bytes share the pace of a download of its package.
///
/// # Errors
/// When the caller wants another entry than this, or has used up what they may download.
pub async fn deliver_entry(
    desk: &Desk,
    blocks: &Blocks,
    entry: OpenedEntry,
    to: &Receiver,
    head: &Parts,
) -> Answer<Reply> {
    let answer = transfer::answer(&head.method, &head.headers, &facts(&entry), desk.clock().now());
    if answer.status == StatusCode::PRECONDITION_FAILED {
        return Err(RequestFault::PreconditionFailed { validators: answer.headers }.into());
    }
    let body = if answer.segments.iter().all(|segment| segment.length() == 0) {
        empty()
    } else {
        let length = answer.segments.iter().map(Segment::length).sum();
        admit(desk, entry.export, length, to).await?;
        let pace = desk.bandwidth().enter(entry.export, to);
        drawn(entry, answer.segments, blocks, pace)
    };
    let mut reply = Reply::new(body);
    *reply.status_mut() = answer.status;
    *reply.headers_mut() = answer.headers;
    reply.headers_mut().remove(X_PACKAGE_SIZE);
    reply.headers_mut().insert(CONTENT_SECURITY_POLICY, NO_RIGHTS);
    Ok(reply)
}

/// Charges the bytes of an entry. Of which package's bytes they are does not matter, only how many.
async fn admit(desk: &Desk, export: ExportId, length: u64, to: &Receiver) -> Answer<()> {
    let all = 0..length;
    let planned = std::slice::from_ref(&all);
    let (size, way) = (Some(length), Way::Entry);
    desk.turnstile().admit(&WantedBytes { user: &to.user, export, size, planned, way }, false).await?;
    Ok(())
}

fn drawn(
    entry: OpenedEntry,
    segments: Vec<Segment>,
    blocks: &Blocks,
    pace: Option<Pace>,
) -> super::kit::Body {
    // The body is read after its request was answered, but what happens to it is still its story.
    let (request, path) = (Span::current(), entry.path);
    let told = move |error: io::Error| {
        request.in_scope(|| tracing::error!(%error, entry = path, "an entry was cut"));
        error
    };
    DrawnBody::new(entry.bytes, segments, blocks, pace).map_err(told).boxed_unsync()
}

fn facts(entry: &OpenedEntry) -> PackageFacts<'_> {
    let name = entry.path.trim_end_matches('/');
    PackageFacts {
        checksum: entry.sha256,
        size: entry.size,
        file_name: name.rsplit('/').next().unwrap_or(name),
        media_type: entry.document.map_or(MEDIA_TYPE, Format::media_type),
        completed_at: entry.completed_at,
        expires_at: entry.expires_at,
    }
}
