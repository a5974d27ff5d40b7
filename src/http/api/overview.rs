//! Everyone's exports at a glance, for admins.

use crate::app::Desk;
use crate::domain::Caller;
use crate::endpoints;
use crate::http::kit::{Answer, App, Json, Query};
use crate::http::shared::Shared;
use crate::http::views::{CausesView, FailuresQuery, PastSweepsView, StockView, SweepsQuery};

/// Tell why exports failed lately: by cause, kind and format, the most frequent first (admins).
#[utoipa::path(get, path = "/api/v1/admin/failures", tag = "admin", params(FailuresQuery),
    responses((status = 200, description = "the causes", body = CausesView)))]
pub async fn failures(
    App(desk): App<Desk>,
    caller: Caller,
    Query(query): Query<FailuresQuery>,
) -> Answer<Json<CausesView>> {
    Ok(Json(desk.office().causes(&caller, query.days()).await?.into()))
}

/// Tell what packages take: on the disk, by format and by user (admins).
#[utoipa::path(get, path = "/api/v1/admin/storage", tag = "admin",
    responses((status = 200, description = "the disk is that of the server that answers", body = StockView)))]
pub async fn storage(App(desk): App<Desk>, caller: Caller) -> Answer<Json<StockView>> {
    Ok(Json(desk.office().stock(&caller).await?.into()))
}

/// Tell what sweeps did that did something, newest first (admins). Kept for 90 days.
#[utoipa::path(get, path = "/api/v1/admin/cleanups", tag = "admin", params(SweepsQuery),
    responses((status = 200, description = "the sweeps", body = PastSweepsView)))]
pub async fn cleanups(
    App(desk): App<Desk>,
    caller: Caller,
    Query(query): Query<SweepsQuery>,
) -> Answer<Json<PastSweepsView>> {
    Ok(Json(desk.office().past_sweeps(&caller, query.limit()).await?.into()))
}

endpoints!(Shared: failures, storage, cleanups);
