//! Links to packages: made, listed, revoked.

use crate::app::Desk;
use crate::domain::{Caller, ExportId, LinkId};
use crate::endpoints;
use crate::http::address::OwnAddress;
use crate::http::kit::{Answer, App, Created, Json, NoContent, OrNothing, Path, PathPair};
use crate::http::shared::Shared;
use crate::http::views::{LinkView, LinksView, MadeLinkView, NewLinkView};

/// Make a link by which anyone who has it can download an export's package, without other
/// credentials: what browsers, curl, wget or aria2 can resume.
///
/// Of a link with `maxDownloads`, a resume and pieces over several connections are one download,
/// told apart by address and `User-Agent`. What was sent is not always what arrived, so bytes may be
/// sent again; but one download never carries more than twice the package.
#[utoipa::path(post, path = "/api/v1/exports/{id}/links", tag = "links", request_body = NewLinkView,
    params(("id" = String, Path, description = "the export")),
    responses((status = 201, description = "the link; `url` is told this once", body = MadeLinkView)))]
pub async fn make(
    App(desk): App<Desk>,
    caller: Caller,
    own: OwnAddress,
    Path(id): Path<ExportId>,
    OrNothing(new): OrNothing<NewLinkView>,
) -> Answer<Created<MadeLinkView>> {
    let (shown, token) = desk.links().make(&caller, id, new.into()).await?;
    let location = format!("/api/v1/exports/{id}/links/{}", shown.link.id);
    let url = own.of(&format!("/d/{}", token.expose()));
    Ok(Created { location, body: MadeLinkView::new(shown, url) })
}

/// List the links of an export, oldest first; those that have ended stay in the list.
#[utoipa::path(get, path = "/api/v1/exports/{id}/links", tag = "links",
    params(("id" = String, Path, description = "the export")),
    responses((status = 200, description = "the links, without their addresses", body = LinksView)))]
pub async fn list(App(desk): App<Desk>, caller: Caller, Path(id): Path<ExportId>) -> Answer<Json<LinksView>> {
    Ok(Json(desk.links().list(&caller, id).await?.into()))
}

/// Show a link of an export.
#[utoipa::path(get, path = "/api/v1/exports/{id}/links/{linkId}", tag = "links",
    params(("id" = String, Path, description = "the export"), ("linkId" = String, Path, description = "the link")),
    responses((status = 200, description = "the link, without its address", body = LinkView)))]
pub async fn show(
    App(desk): App<Desk>,
    caller: Caller,
    PathPair(id, link): PathPair<ExportId, LinkId>,
) -> Answer<Json<LinkView>> {
    Ok(Json(desk.links().show(&caller, id, link).await?.into()))
}

/// Revoke a link. It lets nobody in from now on; downloads under way finish.
#[utoipa::path(delete, path = "/api/v1/exports/{id}/links/{linkId}", tag = "links",
    params(("id" = String, Path, description = "the export"), ("linkId" = String, Path, description = "the link")),
    responses((status = 204, description = "it is revoked")))]
pub async fn revoke(
    App(desk): App<Desk>,
    caller: Caller,
    PathPair(id, link): PathPair<ExportId, LinkId>,
) -> Answer<NoContent> {
    desk.links().revoke(&caller, id, link).await?;
    Ok(NoContent)
}

endpoints!(Shared: make, list, show, revoke);
