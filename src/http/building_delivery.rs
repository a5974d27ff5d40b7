//! Handing over a package while it is being built.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use http::{Method, Version};
use tracing::Span;

use crate::app::{Building, Desk, DownloadError, Fetched, HeldBytes, House, Stretch, WantedBytes, Way};
use crate::domain::{Caller, ExportId, Receiver};
use crate::ledger::Sending;
use crate::transfer::{growing_headers, growing_trailers};

use super::asked::Asked;
use super::audit::{author, receiving};
use super::delivery::Handover;
use super::kit::{Answer, Blocks, Grow, Grown, Reply, empty, growing};
use super::server::{OurTurn, Quiet};

/// So long what has not begun is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The package of `id`, there or in the making, for a caller who waits for it.
///
/// To HTTP/1.0 a package that broke off looks like one that ended, because nothing but the end of
/// the connection tells where a body without a length ends (RFC 9112 §6.3): it gets only what is
/// there.
///
/// # Errors
/// When the caller may not have it, or there is none, and none has begun in half a minute.
pub async fn fetch(
    desk: &Desk,
    caller: &Caller,
    id: ExportId,
    head: &Parts,
) -> Result<Fetched, DownloadError> {
    let only_what_is_there = async || desk.downloads().open(caller, id).await.map(Fetched::Whole);
    if head.version < Version::HTTP_11 {
        return only_what_is_there().await;
    }
    tokio::select! {
        fetched = desk.downloads().fetch(caller, id, PATIENCE) => fetched,
        () = desk.house().draining() => only_what_is_there().await,
    }
}

/// The reply to a request with this `head` that carries `building` `to` somebody, as it grows.
/// Ranges and conditions mean nothing to it: there is nothing yet that they could be about. Its
/// bytes are charged as they are sent.
///
/// # Errors
/// When the receiver has used up what they may download.
pub async fn deliver_building(
    desk: &Desk,
    blocks: &Blocks,
    building: Building,
    to: Receiver,
    head: &Parts,
) -> Answer<Reply> {
    let headers = growing_headers(&building.file_name, building.media_type);
    let body = if head.method == Method::HEAD {
        empty()
    } else {
        let all: Vec<_> = std::iter::once(0..u64::MAX).collect();
        let (export, way) = (building.export, Way::Download);
        let wanted = WantedBytes { user: &to.user, export, size: None, planned: &all, way };
        let reserved = desk.turnstile().admit(&wanted, false).await?.map(HeldBytes::begun);
        let by = Some(Arc::new(receiving(&author(head), &to)));
        let sending = Sending { export, to, download: None, reserved, size: None, planned: all, by };
        let house = desk.house().clone();
        // The body is read after its request was answered, but what happens to it is still its story.
        let request = Span::current();
        let our_turn = head.extensions.get().map(Quiet::our_turn);
        growing(
            Followed { building, house, request, _our_turn: our_turn },
            blocks,
            Handover::begin(desk, sending, Asked::of(head).span.clone()),
        )
    };
    let mut reply = Reply::new(body);
    *reply.headers_mut() = headers;
    Ok(reply)
}

/// A package in the making, followed until its end or that of the house.
struct Followed {
    building: Building,
    house: House,
    request: Span,
    /// However long an entry takes to pack: the client cannot know, and is not to be cut for it.
    _our_turn: Option<OurTurn>,
}

impl Grow for Followed {
    async fn beyond(&mut self, at: u64) -> io::Result<Grown> {
        let is_being_written = self.building.is_being_written();
        let more = tokio::select! {
            biased;
            // Its job will not end in this house: the client is better off to ask another soon.
            () = self.house.draining(), if is_being_written => Err(io::Error::other("the house closes")),
            more = self.building.beyond(at) => more.map_err(io::Error::other),
        };
        match more {
            Ok(Stretch::Bytes(file, end)) => Ok(Grown::Bytes(file, end)),
            Ok(Stretch::Completed(checksum)) => Ok(Grown::End(growing_trailers(&checksum))),
            Err(error) => {
                self.request.in_scope(
                    || tracing::info!(%error, sent = at, "a download of a package in the making broke off"),
                );
                Err(error)
            }
        }
    }
}
