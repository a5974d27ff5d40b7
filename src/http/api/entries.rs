//! Looking into packages without downloading them.

use http::request::Parts;

use crate::app::Desk;
use crate::domain::{Caller, ExportId};
use crate::endpoints;
use crate::http::asked::Asked;
use crate::http::delivery::receiver;
use crate::http::entry_delivery::deliver_entry;
use crate::http::kit::{Answer, App, Blocks, Json, Page, Path, PathWithin, Query, Reply};
use crate::http::shared::Shared;
use crate::http::views::{EntriesPage, EntriesQuery, VerificationView, address_of_next};

/// List what is in an export's package, by path.
#[utoipa::path(get, path = "/api/v1/exports/{id}/entries", tag = "entries",
    params(("id" = String, Path, description = "the export"), EntriesQuery),
    responses((status = 200, description = "a page; `Link` and `nextCursor` lead to the next", body = EntriesPage)))]
pub async fn list(
    App(desk): App<Desk>,
    caller: Caller,
    Path(id): Path<ExportId>,
    asked: Parts,
    Query(query): Query<EntriesQuery>,
) -> Answer<Page<EntriesPage>> {
    let after = query.after()?;
    let page = desk.inside().entries(&caller, id, query.prefix(), after.as_deref(), query.limit()).await?;
    let body = EntriesPage::from(page);
    let next = body.next_cursor().map(|cursor| address_of_next(&asked.uri, cursor));
    Ok(Page { body, next })
}

/// Read one file out of an export's package, whole or in ranges, with the headers of a download.
/// It does not count as one. A document that is compressed comes as what is inside; its type is the
/// document's, and that of a file of an archive is never told.
#[utoipa::path(get, path = "/api/v1/exports/{id}/entries/{path}", tag = "entries",
    params(("id" = String, Path, description = "the export"),
        ("path" = String, Path, description = "the entry's path; its slashes may be encoded or not"),
        ("Range" = Option<String>, Header, description = "bytes=…, one range or up to 16"),
        ("If-Range" = Option<String>, Header, description = "the `ETag` or `Last-Modified` that the range is of"),
        ("If-None-Match" = Option<String>, Header, description = "only if it is not this one")),
    responses(
        (status = 200, description = "its bytes", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "the ranges asked for", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 304, description = "the caller has it"),
        (status = 412, description = "it is not the one asked for"),
        (status = 416, description = "it has no such bytes")))]
pub async fn show(
    App(desk): App<Desk>,
    App(blocks): App<Blocks>,
    caller: Caller,
    PathWithin(id, path): PathWithin<ExportId>,
    asked: Asked,
    head: Parts,
) -> Answer<Reply> {
    let entry = desk.inside().entry(&caller, id, &path).await?;
    deliver_entry(&desk, &blocks, entry, &receiver(caller.user, None, &asked, &head), &head).await
}

/// Read an export's package again and hold it against its manifest: a flipped byte anywhere is
/// found and named, and the package can be made again then (`POST …/retry`).
#[utoipa::path(post, path = "/api/v1/exports/{id}/verify", tag = "entries",
    params(("id" = String, Path, description = "the export")),
    responses((status = 200, description = "what was found; `ok` tells whether all is well", body = VerificationView)))]
pub async fn verify(
    App(desk): App<Desk>,
    caller: Caller,
    Path(id): Path<ExportId>,
) -> Answer<Json<VerificationView>> {
    Ok(Json(VerificationView::of(id, desk.inside().verify(&caller, id).await?)))
}

endpoints!(Shared: list, show, verify);
