//! Exports of data: asked for, followed, listed, verified.

use crate::app::{Desk, Wanted};
use crate::domain::{Caller, ExportId, Origin};
use crate::endpoints;
use crate::http::address::OwnAddress;
use crate::http::kit::{Accepted, Answer, App, Json, OrNothing, Path, Query};
use crate::http::shared::Shared;
use crate::http::views::older::{
    NewDataExport, NewPlan, OlderExport, OlderExportView, OlderExportsPage, OlderExportsQuery,
    OlderRequestView,
};
use crate::http::views::{LogLine, NewExport, VerificationView};

/// Ask for an export of one's own data. Today: `POST /api/v1/exports` with kind `user_data`.
#[utoipa::path(post, path = "/api/exports/user", tag = "older", request_body = NewDataExport,
    responses((status = 202, description = "queued, or there already", body = OlderExport)))]
pub async fn export_user(
    App(desk): App<Desk>,
    caller: Caller,
    origin: Origin,
    own: OwnAddress,
    OrNothing(new): OrNothing<NewDataExport>,
) -> Answer<Accepted<OlderExport>> {
    asked_for(&desk, &caller, origin, &own, new.of("user_data")?).await
}

/// Ask for an export of everyone's data. For admins. Today: `POST /api/v1/exports` with kind `bulk`.
#[utoipa::path(post, path = "/api/exports/bulk", tag = "older", request_body = NewDataExport,
    responses((status = 202, description = "queued, or there already", body = OlderExport)))]
pub async fn export_bulk(
    App(desk): App<Desk>,
    caller: Caller,
    origin: Origin,
    own: OwnAddress,
    OrNothing(new): OrNothing<NewDataExport>,
) -> Answer<Accepted<OlderExport>> {
    asked_for(&desk, &caller, origin, &own, new.of("bulk")?).await
}

/// Ask for an export at a time to come, once. Today: `POST /api/v1/exports` with `runAt`.
#[utoipa::path(post, path = "/api/exports/schedule", tag = "older", request_body = NewPlan,
    responses((status = 202, description = "scheduled, or there already", body = OlderRequestView)))]
pub async fn schedule(
    App(desk): App<Desk>,
    caller: Caller,
    origin: Origin,
    Json(new): Json<NewPlan>,
) -> Answer<Accepted<OlderRequestView>> {
    let wanted = Wanted::try_from(new.wanted()?)?;
    let requested = desk.exports().request(&caller, wanted, origin).await?;
    let body = OlderRequestView::new(&requested.export, desk.clock().now());
    Ok(Accepted { location: body.location(), retry_after: None, body })
}

/// Tell where an export stands, and what happened to it. Today: `GET /api/v1/exports/{id}` and
/// `GET /api/v1/exports/{id}/log`.
#[utoipa::path(get, path = "/api/exports/{id}/status", tag = "older",
    params(("id" = String, Path, description = "the export")),
    responses((status = 200, description = "the export, with `logs`", body = OlderExport)))]
pub async fn data_status(
    App(desk): App<Desk>,
    caller: Caller,
    own: OwnAddress,
    Path(id): Path<ExportId>,
) -> Answer<Json<OlderExport>> {
    let export = desk.exports().show(&caller, id).await?;
    let logs = desk.exports().events_after(&caller, id, 0).await?;
    let view = OlderExportView::new(&export, &own, desk.clock().now());
    Ok(Json(OlderExport::new(view).with_logs(logs.into_iter().map(LogLine::from).collect())))
}

/// List one's exports, newest first, an admin's own too. Today: `GET /api/v1/exports`.
#[utoipa::path(get, path = "/api/exports", tag = "older", params(OlderExportsQuery),
    responses((status = 200, description = "some of them, and how many there are", body = OlderExportsPage)))]
pub async fn list(
    App(desk): App<Desk>,
    caller: Caller,
    own: OwnAddress,
    Query(query): Query<OlderExportsQuery>,
) -> Answer<Json<OlderExportsPage>> {
    let (offset, limit) = (query.offset(), query.limit());
    let (exports, total) = desk.exports().slice_of_own(&caller, query.filter(), offset, limit).await?;
    Ok(Json(OlderExportsPage::new(&exports, total, &query, &own, desk.clock().now())))
}

/// Read a package again and hold it against its manifest. Today: `POST /api/v1/exports/{id}/verify`.
#[utoipa::path(post, path = "/api/exports/{id}/verify", tag = "older",
    params(("id" = String, Path, description = "the export")),
    responses((status = 200, description = "what was found; `ok` tells whether all is well", body = VerificationView)))]
pub async fn verify(
    App(desk): App<Desk>,
    caller: Caller,
    Path(id): Path<ExportId>,
) -> Answer<Json<VerificationView>> {
    Ok(Json(VerificationView::of(id, desk.inside().verify(&caller, id).await?)))
}

endpoints!(Shared: export_user, export_bulk, schedule, data_status, list, verify);

async fn asked_for(
    desk: &Desk,
    caller: &Caller,
    origin: Origin,
    own: &OwnAddress,
    new: NewExport,
) -> Answer<Accepted<OlderExport>> {
    let requested = desk.exports().request(caller, new.try_into()?, origin).await?;
    let body = OlderExport::new(OlderExportView::new(&requested.export, own, desk.clock().now()));
    let retry_after = requested.export.status.is_active().then_some(1);
    Ok(Accepted { location: body.location(), retry_after, body })
}
