//! Report templates: those that come with the server, one's own, and those that admins share.

use http::header::IF_MATCH;
use http::request::Parts;

use crate::app::{Desk, Stored, TemplateError};
use crate::domain::{Caller, TemplateKey};
use crate::endpoints;
use crate::http::audit::Told;
use crate::http::kit::{Answer, App, Created, IntoReply, Json, NoContent, Page, Path, Query, Reply, Tagged};
use crate::http::shared::Shared;
use crate::http::views::{NewTemplateView, TemplateView, TemplatesPage, TemplatesQuery, address_of_next};
use crate::transfer::{EntityTag, may_change};

/// List the templates that one may use: those that come with the server, then one's own and those that
/// are shared, oldest first; without their sections.
#[utoipa::path(get, path = "/api/v1/templates", tag = "templates", params(TemplatesQuery),
    responses((status = 200, description = "a page; `Link` and `nextCursor` lead to the next", body = TemplatesPage)))]
pub async fn list(
    App(desk): App<Desk>,
    caller: Caller,
    asked: Parts,
    Query(query): Query<TemplatesQuery>,
) -> Answer<Page<TemplatesPage>> {
    let after = query.after()?;
    let (templates, was_all) = desk.templates().list(&caller, after.as_ref(), query.limit()).await?;
    let body = TemplatesPage::new(templates, was_all);
    let next = body.next_cursor().map(|cursor| address_of_next(&asked.uri, cursor));
    Ok(Page { body, next })
}

/// Make a template of one's own.
///
/// Everything that is wrong with it is told at once, each with its place, and in a text with its line.
#[utoipa::path(post, path = "/api/v1/templates", tag = "templates", request_body = NewTemplateView,
    responses((status = 201, description = "the template", body = TemplateView)))]
pub async fn make(App(desk): App<Desk>, caller: Caller, Json(new): Json<NewTemplateView>) -> Answer<Reply> {
    let stored = desk.templates().make(&caller, new.into()).await?;
    let (location, told) = (format!("/api/v1/templates/{}", stored.key), told(&stored));
    Ok(told.by(Created { location, body: TemplateView::from(stored) }.into_reply()))
}

/// Show a template, by its id or by its name.
#[utoipa::path(get, path = "/api/v1/templates/{id}", tag = "templates",
    params(("id" = String, Path, description = "the template's id or its name"),
        ("If-None-Match" = Option<String>, Header, description = "an `ETag` seen before")),
    responses(
        (status = 200, description = "the template; `ETag` is its version", body = TemplateView),
        (status = 304, description = "nothing has changed")))]
pub async fn show(
    App(desk): App<Desk>,
    caller: Caller,
    Path(key): Path<TemplateKey>,
    asked: Parts,
) -> Answer<Reply> {
    let stored = desk.templates().show(&caller, &key).await?;
    let tag = EntityTag::of_revision(stored.version);
    Ok(Tagged { tag, retry_after: None, body: TemplateView::from(stored) }.answer(&asked.headers))
}

/// Write a template anew. Exports that were asked for with it keep what it said then.
///
/// With the `ETag` of what was read in `If-Match`, nothing that somebody else has changed since is
/// overwritten: 412.
#[utoipa::path(put, path = "/api/v1/templates/{id}", tag = "templates", request_body = NewTemplateView,
    params(("id" = String, Path, description = "the template's id or its name"),
        ("If-Match" = Option<String>, Header, description = "the `ETag` of the template that is to be replaced")),
    responses((status = 200, description = "the template", body = TemplateView)))]
pub async fn put(
    App(desk): App<Desk>,
    caller: Caller,
    Path(key): Path<TemplateKey>,
    asked: Parts,
    Json(new): Json<NewTemplateView>,
) -> Answer<Reply> {
    let before = desk.templates().show(&caller, &key).await?;
    if !may_change(&asked.headers, &EntityTag::of_revision(before.version)) {
        return Err(TemplateError::Changed.into());
    }
    let seen = asked.headers.contains_key(IF_MATCH).then_some(before.version);
    let stored = desk.templates().replace(&caller, &key, new.into(), seen).await?;
    let (tag, told) = (EntityTag::of_revision(stored.version), told(&stored));
    Ok(told.by(Tagged { tag, retry_after: None, body: TemplateView::from(stored) }.changed()))
}

/// Delete a template. Exports that were asked for with it keep what it said.
#[utoipa::path(delete, path = "/api/v1/templates/{id}", tag = "templates",
    params(("id" = String, Path, description = "the template's id or its name")),
    responses((status = 204, description = "it is deleted")))]
pub async fn delete(App(desk): App<Desk>, caller: Caller, Path(key): Path<TemplateKey>) -> Answer<NoContent> {
    desk.templates().delete(&caller, &key).await?;
    Ok(NoContent)
}

endpoints!(Shared: list, make, show, put, delete);

/// What the audit is to know of a template that was written.
fn told(stored: &Stored) -> Told {
    let name = stored.body["name"].as_str().unwrap_or_default();
    let is_shared = stored.made.as_ref().is_some_and(|made| made.shared);
    let sharing = if is_shared { "everyone" } else { "its owner" };
    Told::of("template", &stored.key.to_string()).with("name", name).with("for", sharing)
}
