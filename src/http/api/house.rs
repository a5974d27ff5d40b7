//! What concerns the house as a whole: figures, formats, and what admins have it do.

use crate::app::Desk;
use crate::domain::Caller;
use crate::endpoints;
use crate::http::kit::{Answer, App, Json, Query};
use crate::http::shared::Shared;
use crate::http::views::{FormatsView, StatsQuery, StatsView, SweptView};

/// Tell figures: how many exports there were, how they ended, how large and how long they were; in
/// all, by kind and format, and by day. One's own, or for an admin everyone's.
#[utoipa::path(get, path = "/api/v1/stats", tag = "house", params(StatsQuery),
    responses((status = 200, description = "the figures", body = StatsView)))]
pub async fn stats(
    App(desk): App<Desk>,
    caller: Caller,
    Query(query): Query<StatsQuery>,
) -> Answer<Json<StatsView>> {
    Ok(Json(desk.office().figures(&caller, query.whose(), query.days()).await?.into()))
}

/// Tell what can be exported as what, with media types and file names' extensions.
#[utoipa::path(get, path = "/api/v1/formats", tag = "house",
    responses((status = 200, description = "of each kind, its own format first", body = FormatsView)))]
pub async fn formats(_caller: Caller) -> Answer<Json<FormatsView>> {
    Ok(Json(FormatsView::all()))
}

/// Sweep now: expired packages, files that no row needs, old rows. For admins; it happens by itself,
/// too.
#[utoipa::path(post, path = "/api/v1/admin/cleanup", tag = "admin",
    responses((status = 200, description = "what was done", body = SweptView)))]
pub async fn cleanup(App(desk): App<Desk>, caller: Caller) -> Answer<Json<SweptView>> {
    Ok(Json(desk.office().sweep(&caller).await?.into()))
}

endpoints!(Shared: stats, formats, cleanup);
