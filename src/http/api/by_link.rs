//! Packages for whoever has a link.

use http::request::Parts;

use crate::app::{Desk, DoorError};
use crate::endpoints;
use crate::http::asked::Asked;
use crate::http::delivery::{Delivery, Settled, receiver};
use crate::http::kit::{Answer, App, Blocks, Reply};
use crate::http::presented::Presented;
use crate::http::shared::Shared;

/// Download a package by a link: exactly as its owner does, whole or in ranges (RFC 9110).
///
/// A link that has a password asks for it by HTTP Basic authentication; any user name will do.
#[utoipa::path(get, path = "/d/{token}", tag = "links",
    params(("token" = String, Path, description = "the link's token"),
        ("Authorization" = Option<String>, Header, description = "Basic, if the link has a password"),
        ("Range" = Option<String>, Header, description = "bytes=…, one range or up to 16"),
        ("If-Range" = Option<String>, Header, description = "the `ETag` or `Last-Modified` that the range is of"),
        ("If-Match" = Option<String>, Header, description = "only if it is still this one"),
        ("If-None-Match" = Option<String>, Header, description = "only if it is not this one"),
        ("If-Modified-Since" = Option<String>, Header, description = "only if it is newer"),
        ("If-Unmodified-Since" = Option<String>, Header, description = "only if it is not newer"),
        ("Want-Digest" = Option<String>, Header, description = "answered with `Digest` (RFC 3230)")),
    responses(
        (status = 200, description = "the package", body = Vec<u8>, content_type = "application/zip"),
        (status = 206, description = "the ranges asked for", body = Vec<u8>, content_type = "application/zip"),
        (status = 304, description = "the visitor has it"),
        (status = 401, description = "the link has a password, and this is not it"),
        (status = 404, description = "there is no such link"),
        (status = 410, description = "the link or its package has ended; `code` tells how"),
        (status = 412, description = "it is not the one asked for"),
        (status = 416, description = "it has no such bytes"),
        (status = 429, description = "too many wrong passwords or tokens, or the owner of the package has used up what they may; `Retry-After` tells when to try again")))]
pub async fn download(
    App(desk): App<Desk>,
    App(blocks): App<Blocks>,
    presented: Presented,
    asked: Asked,
    head: Parts,
) -> Answer<Reply> {
    let Presented { token, password } = presented;
    let admitted = desk.link_door().admit(token.as_ref(), password, asked.address).await?;
    let opened = desk.downloads().open_for(&admitted).await?;
    let delivery = Delivery::of(&desk, &opened, &head)?;
    let to = receiver(admitted.made_by().clone(), Some(admitted.link()), &asked, &head);
    let bytes = delivery.admit(&desk, &to, &head, admitted.is_limited()).await;
    let bytes = bytes.map_err(DoorError::from)?;
    let pass = desk.link_door().board(&admitted, &to, opened.size, delivery.planned()).await?;
    Ok(delivery.send(&desk, &blocks, to, Settled { pass, bytes }))
}

endpoints!(Shared: download);
