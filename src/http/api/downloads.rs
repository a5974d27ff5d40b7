//! Packages, and what is in them.

use http::request::Parts;

use crate::app::{Desk, Fetched};
use crate::domain::{Caller, ExportId};
use crate::endpoints;
use crate::http::asked::Asked;
use crate::http::building_delivery::{deliver_building, fetch};
use crate::http::delivery::{Delivery, Settled, receiver};
use crate::http::kit::{Answer, App, Blocks, Document, Path, Query, Reply};
use crate::http::shared::Shared;
use crate::http::views::DownloadQuery;

/// Download an export's package, whole or in ranges (RFC 9110), with everything that a client
/// needs to resume and to verify it.
///
/// With `wait=true` a package that is still being built is sent as it grows: without length,
/// `ETag` or ranges, and with `Repr-Digest` as a trailer (to clients that send `TE: trailers`).
/// The connection is cut when it comes to nothing: a body that ends properly is the whole package.
/// What has not begun is waited for, up to 30 seconds. Only the node that packs has these bytes;
/// others answer as without it (404 `PACKAGE_NOT_READY`, `Retry-After`), and so does this one to
/// HTTP/1.0, which cannot tell a cut body from a whole one.
#[utoipa::path(get, path = "/api/v1/exports/{id}/download", tag = "downloads",
    params(("id" = String, Path, description = "the export"), DownloadQuery,
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
        (status = 304, description = "the caller has it"),
        (status = 412, description = "it is not the one asked for"),
        (status = 416, description = "it has no such bytes"),
        (status = 429, description = "a limit is reached; `Retry-After` tells when to try again")))]
pub async fn download(
    App(desk): App<Desk>,
    App(blocks): App<Blocks>,
    caller: Caller,
    Path(id): Path<ExportId>,
    Query(query): Query<DownloadQuery>,
    asked: Asked,
    head: Parts,
) -> Answer<Reply> {
    let opened = match query.wait {
        false => desk.downloads().open(&caller, id).await?,
        true => match fetch(&desk, &caller, id, &head).await? {
            Fetched::Whole(opened) => opened,
            Fetched::Building(building) => {
                let to = receiver(caller.user, None, &asked, &head);
                return deliver_building(&desk, &blocks, *building, to, &head).await;
            }
        },
    };
    let delivery = Delivery::of(&desk, &opened, &head)?;
    let to = receiver(caller.user, None, &asked, &head);
    let bytes = delivery.admit(&desk, &to, &head, false).await?;
    Ok(delivery.send(&desk, &blocks, to, Settled { bytes, pass: None }))
}

/// Tell what is in an export's package, and what was left out.
#[utoipa::path(get, path = "/api/v1/exports/{id}/manifest", tag = "downloads",
    params(("id" = String, Path, description = "the export")),
    responses((status = 200, description = "`entries`, `excluded` and `totals`", body = Object, content_type = "application/json")))]
pub async fn manifest(App(desk): App<Desk>, caller: Caller, Path(id): Path<ExportId>) -> Answer<Document> {
    let bytes = desk.downloads().manifest(&caller, id).await?.into();
    Ok(Document { media_type: "application/json", bytes })
}

endpoints!(Shared: download, manifest);
