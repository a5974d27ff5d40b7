//! Figures and upkeep.

use crate::app::{Desk, Whose};
use crate::domain::Caller;
use crate::endpoints;
use crate::http::kit::{Answer, App, Json, Query};
use crate::http::shared::Shared;
use crate::http::views::older::PromotedView;
use crate::http::views::{OlderStatsView, StatsQuery, SweptView};

/// Tell figures of one's own exports, and to admins who ask for it everyone's beside them. Today:
/// `GET /api/v1/stats`.
#[utoipa::path(get, path = "/api/exports/stats", tag = "older", params(StatsQuery),
    responses((status = 200, description = "the figures", body = OlderStatsView)))]
pub async fn stats(
    App(desk): App<Desk>,
    caller: Caller,
    Query(query): Query<StatsQuery>,
) -> Answer<Json<OlderStatsView>> {
    let of = async |whose| desk.office().figures(&caller, whose, query.days()).await;
    let system = match query.whose() {
        Whose::Own => None,
        Whose::Everyones => Some(of(Whose::Everyones).await?.into()),
    };
    Ok(Json(OlderStatsView { user: of(Whose::Own).await?.into(), system }))
}

/// Sweep now. For admins. Today: `POST /api/v1/admin/cleanup`.
#[utoipa::path(post, path = "/api/exports/cleanup", tag = "older",
    responses((status = 200, description = "what was done", body = SweptView)))]
pub async fn cleanup(App(desk): App<Desk>, caller: Caller) -> Answer<Json<SweptView>> {
    Ok(Json(desk.office().sweep(&caller).await?.into()))
}

/// Queue what is scheduled and due. For admins; it happens by itself within seconds.
#[utoipa::path(post, path = "/api/exports/process-scheduled", tag = "older",
    responses((status = 200, description = "what was due and not queued yet", body = PromotedView)))]
pub async fn process_scheduled(App(desk): App<Desk>, caller: Caller) -> Answer<Json<PromotedView>> {
    let queued = desk.office().queue_due(&caller).await?;
    Ok(Json(PromotedView::new(&queued, desk.clock().now())))
}

endpoints!(Shared: stats, cleanup, process_scheduled);
