//! What users may use: told to them, and set by admins.

use crate::app::Desk;
use crate::domain::{Caller, SetLimits, UserId};
use crate::endpoints;
use crate::http::kit::{Answer, App, IntoReply, Json, NoContent, Path, Reply};
use crate::http::shared::Shared;
use crate::http::views::{LimitsView, NewLimits, NewUserLimits, UserLimitsView};

/// Tell the caller's own limits, and how much of each is used.
#[utoipa::path(get, path = "/api/v1/limits", tag = "limits",
    responses((status = 200, description = "each limit; used up, it is met by 429", body = LimitsView)))]
pub async fn own(App(desk): App<Desk>, caller: Caller) -> Answer<Json<LimitsView>> {
    Ok(Json(desk.limits().own(&caller).await?.into()))
}

/// Tell a user's limits (admins).
#[utoipa::path(get, path = "/api/v1/admin/limits/{userId}", tag = "limits",
    params(("userId" = String, Path, description = "the user, who need not have been heard of")),
    responses((status = 200, description = "what is set for them, and what is in force", body = UserLimitsView)))]
pub async fn show(
    App(desk): App<Desk>,
    caller: Caller,
    Path(user): Path<UserId>,
) -> Answer<Json<UserLimitsView>> {
    Ok(Json(desk.limits().of(&caller, user).await?.into()))
}

/// Set a user's limits (admins): in force at once, on every server. What is absent is the
/// server's, also if it was set before.
#[utoipa::path(put, path = "/api/v1/admin/limits/{userId}", tag = "limits", request_body = NewLimits,
    params(("userId" = String, Path, description = "the user, who need not have been heard of")),
    responses((status = 200, description = "what is set for them, and what is in force", body = UserLimitsView)))]
pub async fn set(
    App(desk): App<Desk>,
    caller: Caller,
    Path(user): Path<UserId>,
    Json(new): Json<NewUserLimits>,
) -> Answer<Reply> {
    let told = new.told(&user);
    let set = UserLimitsView::from(desk.limits().set(&caller, user, &new.0).await?);
    Ok(told.by(Json(set).into_reply()))
}

/// Let the server's limits be a user's again (admins).
#[utoipa::path(delete, path = "/api/v1/admin/limits/{userId}", tag = "limits",
    params(("userId" = String, Path, description = "the user")),
    responses((status = 204, description = "nothing is set for them (any more)")))]
pub async fn clear(App(desk): App<Desk>, caller: Caller, Path(user): Path<UserId>) -> Answer<NoContent> {
    desk.limits().set(&caller, user, &SetLimits::default()).await?;
    Ok(NoContent)
}

endpoints!(Shared: own, show, set, clear);
