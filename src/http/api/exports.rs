//! Asking for exports, following and ending them.

use http::request::Parts;

use crate::app::{Desk, Requested, Wanted};
use crate::domain::{Caller, Export, ExportId, Origin, Selection};
use crate::endpoints;
use crate::http::audit::Told;
use crate::http::following::seen_to_its_end;
use crate::http::kit::{
    Accepted, Answer, App, IntoReply, Json, NoContent, OrNothing, Page, Path, Query, Reply, Tagged, Wait,
};
use crate::http::rate_limit;
use crate::http::shared::Shared;
use crate::http::views::{
    EstimateView, ExportFilter, ExportView, ExportsPage, ExportsQuery, LogView, NewExport, NewExtension,
    address_of_next,
};

/// Ask for an export. Answers at once; the package is made in the background.
///
/// A live export of the same request is the answer if there is one: 200 instead of 202.
/// `Prefer: wait=N` waits up to N (at most 30) seconds for the end.
#[utoipa::path(post, path = "/api/v1/exports", tag = "exports", request_body = NewExport,
    params(("Prefer" = Option<String>, Header, description = "wait=N: answer when it ends, or after N seconds")),
    responses(
        (status = 202, description = "queued; follow `Location`", body = ExportView),
        (status = 200, description = "there is one already; free of charge", body = ExportView),
        (status = 429, description = "a limit is reached; `Retry-After` tells when to try again")))]
pub async fn create(
    App(desk): App<Desk>,
    caller: Caller,
    origin: Origin,
    wait: Wait,
    Json(new): Json<NewExport>,
) -> Answer<Reply> {
    let requested = desk.exports().request(&caller, Wanted::try_from(new)?, origin).await?;
    accepted(&desk, &caller, requested, wait).await
}

/// Foretell an export. Writes nothing.
#[utoipa::path(post, path = "/api/v1/exports/estimate", tag = "exports", request_body = NewExport,
    responses((status = 200, description = "about what it would be", body = EstimateView)))]
pub async fn estimate(
    App(desk): App<Desk>,
    caller: Caller,
    Json(new): Json<NewExport>,
) -> Answer<Json<EstimateView>> {
    Ok(Json(desk.exports().estimate(&caller, new.try_into()?).await?.into()))
}

/// List exports, newest first: one's own, or for an admin everyone's.
#[utoipa::path(get, path = "/api/v1/exports", tag = "exports", params(ExportFilter, ExportsQuery),
    responses((status = 200, description = "a page; `Link` and `nextCursor` lead to the next", body = ExportsPage)))]
pub async fn list(
    App(desk): App<Desk>,
    caller: Caller,
    asked: Parts,
    Query(query): Query<ExportsQuery>,
) -> Answer<Page<ExportsPage>> {
    let (after, limit) = (query.after()?, query.limit());
    let page = desk.exports().list(&caller, query.filter(), after, limit).await?;
    let body = ExportsPage::new(&page, desk.clock().now());
    let next = body.next_cursor().map(|cursor| address_of_next(&asked.uri, cursor));
    Ok(Page { body, next })
}

/// Show an export. With its `ETag` in `If-None-Match`, polling is cheap; `Prefer: wait=N` waits
/// up to N (at most 30) seconds for the end.
#[utoipa::path(get, path = "/api/v1/exports/{id}", tag = "exports",
    params(("id" = String, Path, description = "the export"),
        ("Prefer" = Option<String>, Header, description = "wait=N: answer when it ends, or after N seconds"),
        ("If-None-Match" = Option<String>, Header, description = "an `ETag` seen before")),
    responses(
        (status = 200, description = "where it stands; `Retry-After` while it is under way", body = ExportView),
        (status = 304, description = "nothing has changed")))]
pub async fn show(
    App(desk): App<Desk>,
    caller: Caller,
    Path(id): Path<ExportId>,
    wait: Wait,
    asked: Parts,
) -> Answer<Reply> {
    let export = match wait.longest() {
        Some(longest) => seen_to_its_end(&desk, &caller, id, longest).await?,
        None => desk.exports().show(&caller, id).await?,
    };
    let body = view(&desk, &export).await?;
    Ok(wait
        .applied(Tagged { tag: body.tag(), retry_after: retry_after(&export), body }.answer(&asked.headers)))
}

/// Read what happened to an export.
#[utoipa::path(get, path = "/api/v1/exports/{id}/log", tag = "exports",
    params(("id" = String, Path, description = "the export")),
    responses((status = 200, description = "oldest first", body = LogView)))]
pub async fn log(App(desk): App<Desk>, caller: Caller, Path(id): Path<ExportId>) -> Answer<Json<LogView>> {
    Ok(Json(desk.exports().events_after(&caller, id, 0).await?.into()))
}

/// Stop an export that has not ended. Work stops within a second, and nothing is left of it.
#[utoipa::path(post, path = "/api/v1/exports/{id}/cancel", tag = "exports",
    params(("id" = String, Path, description = "the export")),
    responses((status = 202, description = "it stops", body = ExportView)))]
pub async fn cancel(
    App(desk): App<Desk>,
    caller: Caller,
    Path(id): Path<ExportId>,
) -> Answer<Accepted<ExportView>> {
    let export = desk.exports().cancel(&caller, id).await?;
    let body = view(&desk, &export).await?;
    Ok(Accepted { location: body.location(), retry_after: retry_after(&export), body })
}

/// Ask once more for what failed, was cancelled or has expired, or whose package is lost: a new
/// export.
#[utoipa::path(post, path = "/api/v1/exports/{id}/retry", tag = "exports",
    params(("id" = String, Path, description = "the export that ended")),
    responses(
        (status = 202, description = "queued; follow `Location`", body = ExportView),
        (status = 200, description = "there is a live one already", body = ExportView)))]
pub async fn retry(
    App(desk): App<Desk>,
    caller: Caller,
    origin: Origin,
    Path(id): Path<ExportId>,
    wait: Wait,
) -> Answer<Reply> {
    let requested = desk.exports().retry(&caller, id, origin).await?;
    accepted(&desk, &caller, requested, wait).await
}

/// Keep an export's package for longer: for `retentionSeconds` from now on, or as long as when nothing
/// is said, and never for less time than before. No package is kept for longer than `retention.max`
/// after its completion; `expiresAt` tells what came of it.
#[utoipa::path(post, path = "/api/v1/exports/{id}/extend", tag = "exports", request_body = NewExtension,
    params(("id" = String, Path, description = "the export")),
    responses((status = 200, description = "it is kept until `expiresAt`", body = ExportView)))]
pub async fn extend(
    App(desk): App<Desk>,
    caller: Caller,
    Path(id): Path<ExportId>,
    OrNothing(new): OrNothing<NewExtension>,
) -> Answer<Json<ExportView>> {
    let export = desk.exports().extend(&caller, id, new.lifetime()).await?;
    Ok(Json(view(&desk, &export).await?))
}

/// Delete an export's package now. The export stays, as expired.
#[utoipa::path(delete, path = "/api/v1/exports/{id}", tag = "exports",
    params(("id" = String, Path, description = "the export")),
    responses((status = 204, description = "there is no package (any more)")))]
pub async fn delete(App(desk): App<Desk>, caller: Caller, Path(id): Path<ExportId>) -> Answer<NoContent> {
    desk.exports().delete(&caller, id).await?;
    Ok(NoContent)
}

endpoints!(Shared: create, estimate, list, show, log, cancel, retry, extend, delete);

/// The answer to a request for an export: 202 and where to follow it, or 200 and the one that will do.
pub(super) async fn accepted(
    desk: &Desk,
    caller: &Caller,
    mut requested: Requested,
    wait: Wait,
) -> Answer<Reply> {
    if let Some(longest) = wait.longest() {
        requested.export = seen_to_its_end(desk, caller, requested.export.id, longest).await?;
    }
    let outlook = desk.exports().outlook(&requested.export).await?;
    let now = desk.clock().now();
    let body = ExportView::requested(&requested, outlook, now);
    let told = told(&requested.export);
    let reply = match requested.deduplicated {
        true => Json(body).into_reply(),
        false => {
            let retry_after = retry_after(&requested.export);
            let mut reply = Accepted { location: body.location(), retry_after, body }.into_reply();
            reply.headers_mut().extend(rate_limit::fields(&requested.allowances, now));
            reply
        }
    };
    Ok(told.by(wait.applied(reply)))
}

/// What the audit is to know of a request for an export.
fn told(export: &Export) -> Told {
    let told = Told::of("export", &export.id.to_string()).with("kind", export.selection.kind().as_str());
    let told = told.with("format", export.format.as_str());
    match &export.selection {
        Selection::Project(selector) => told.with("project", selector.project_id.as_str()),
        Selection::Analytics(selector) => told.with("report", selector.report.as_str()),
        Selection::Custom(selector) => told.with("dataset", selector.dataset.as_str()),
        _ => told,
    }
}

async fn view(desk: &Desk, export: &Export) -> Answer<ExportView> {
    let outlook = desk.exports().outlook(export).await?;
    Ok(ExportView::new(export, outlook, desk.clock().now()))
}

/// Seconds after which a client that polls may look again; jobs mostly take less than that.
fn retry_after(export: &Export) -> Option<u64> {
    export.status.is_active().then_some(1)
}
