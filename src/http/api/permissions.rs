//! What users may export: said by admins, shown to everyone for themselves.

use http::header::IF_MATCH;
use http::request::Parts;

use crate::app::{Desk, PermissionError};
use crate::domain::{Caller, UserId};
use crate::endpoints;
use crate::http::kit::{Answer, App, Json, Path, Reply, Tagged};
use crate::http::shared::Shared;
use crate::http::views::{NewPermissionsView, OwnPermissionsView, PermissionsView};
use crate::transfer::{EntityTag, may_change};

/// Show what was said of a user, or of everyone when that is `*`: admins only.
#[utoipa::path(get, path = "/api/v1/admin/permissions/{userId}", tag = "admin",
    params(("userId" = String, Path, description = "the user; `*` is everyone"),
        ("If-None-Match" = Option<String>, Header, description = "an `ETag` seen before")),
    responses(
        (status = 200, description = "the rules; `ETag` is their revision", body = PermissionsView),
        (status = 304, description = "nothing has changed")))]
pub async fn show(
    App(desk): App<Desk>,
    caller: Caller,
    Path(user): Path<UserId>,
    asked: Parts,
) -> Answer<Reply> {
    let said = desk.permissions().show(&caller, &user).await?;
    let tag = EntityTag::of_revision(said.revision);
    Ok(Tagged { tag, retry_after: None, body: PermissionsView::from(said) }.answer(&asked.headers))
}

/// Say what a user may ask for, instead of all that was said before: admins only.
///
/// The rule that says the most wins: kind and format, then kind, then format, then neither; what no
/// rule is about is allowed. A user's own rules come before everyone's. They count from the next
/// request on; packages that are there stay. With the `ETag` of what was read in `If-Match`, nothing
/// that somebody else has changed since is overwritten: 412.
#[utoipa::path(put, path = "/api/v1/admin/permissions/{userId}", tag = "admin", request_body = NewPermissionsView,
    params(("userId" = String, Path, description = "the user; `*` is everyone"),
        ("If-Match" = Option<String>, Header, description = "the `ETag` of the rules that are to be replaced")),
    responses((status = 200, description = "the rules", body = PermissionsView)))]
pub async fn put(
    App(desk): App<Desk>,
    caller: Caller,
    Path(user): Path<UserId>,
    asked: Parts,
    Json(new): Json<NewPermissionsView>,
) -> Answer<Reply> {
    let before = desk.permissions().show(&caller, &user).await?;
    if !may_change(&asked.headers, &EntityTag::of_revision(before.revision)) {
        return Err(PermissionError::Changed.into());
    }
    let seen = asked.headers.contains_key(IF_MATCH).then_some(before.revision);
    let told = new.told(&user);
    let said = desk.permissions().put(&caller, &user, new.into(), seen).await?;
    let tag = EntityTag::of_revision(said.revision);
    Ok(told.by(Tagged { tag, retry_after: None, body: PermissionsView::from(said) }.changed()))
}

/// Show what counts for oneself.
#[utoipa::path(get, path = "/api/v1/permissions", tag = "permissions",
    responses((status = 200, description = "the rules, and what they come to", body = OwnPermissionsView)))]
pub async fn own(App(desk): App<Desk>, caller: Caller) -> Answer<Json<OwnPermissionsView>> {
    Ok(Json(desk.permissions().own(&caller).await?.into()))
}

endpoints!(Shared: show, put, own);
