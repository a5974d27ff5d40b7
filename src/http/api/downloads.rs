//! Packages, and what is in them.

use http::request::Parts;

use crate::app::Desk;
use crate::domain::{Caller, ExportId};
use crate::endpoints;
use crate::http::asked::Asked;
use crate::http::delivery::{Delivery, receiver};
use crate::http::kit::{Answer, App, Blocks, Document, Path, Reply};
use crate::http::shared::Shared;

/// Download an export's package, whole or in ranges (RFC 9110), with everything that a client
/// needs to resume and to verify it.
#[utoipa::path(get, path = "/api/v1/exports/{id}/download", tag = "downloads",
    params(("id" = String, Path, description = "the export"),
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
        (status = 416, description = "it has no such bytes")))]
pub async fn download(
    App(desk): App<Desk>,
    App(blocks): App<Blocks>,
    caller: Caller,
    Path(id): Path<ExportId>,
    asked: Asked,
    head: Parts,
) -> Answer<Reply> {
    let opened = desk.downloads().open(&caller, id).await?;
    let delivery = Delivery::of(&desk, &opened, &head)?;
    Ok(delivery.send(&desk, &blocks, receiver(caller.user, None, &asked, &head), None))
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
