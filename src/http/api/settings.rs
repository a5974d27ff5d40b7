//! Settings, told and changed while the server runs.

use crate::app::Desk;
use crate::domain::Caller;
use crate::endpoints;
use crate::http::kit::{Answer, App, IntoReply, Json, Reply};
use crate::http::shared::Shared;
use crate::http::views::{ChangesBody, ConfigView, NewChanges};

/// Tell every setting, where it comes from, and whether it may change while the server runs (admins).
/// Secrets are masked.
#[utoipa::path(get, path = "/api/v1/admin/config", tag = "admin",
    responses((status = 200, description = "the settings, and the limits that are everyone's", body = ConfigView)))]
pub async fn config(App(desk): App<Desk>, caller: Caller) -> Answer<Json<ConfigView>> {
    Ok(Json(desk.settings().show(&caller).await?.into()))
}

/// Change what may change while the server runs (admins): all that is asked for, or nothing.
///
/// Limits that are everyone's are in force at once on every server, until they are changed again. All
/// else counts on this server, until its next start. A value is written as in the settings' file; `null`
/// is none, and `"configured"` what the settings say. What is absent stays.
#[utoipa::path(patch, path = "/api/v1/admin/config", tag = "admin", request_body = ChangesBody,
    responses((status = 200, description = "the settings as they are now", body = ConfigView)))]
pub async fn change(App(desk): App<Desk>, caller: Caller, Json(new): Json<NewChanges>) -> Answer<Reply> {
    desk.settings().change(&caller, &new.0).await?;
    let config = ConfigView::from(desk.settings().show(&caller).await?);
    Ok(new.told().by(Json(config).into_reply()))
}

endpoints!(Shared: config, change);
