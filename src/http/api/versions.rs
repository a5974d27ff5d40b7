//! The versions of a project.

use http::request::Parts;

use crate::app::Desk;
use crate::domain::{Caller, ProjectId, VersionId};
use crate::endpoints;
use crate::http::kit::{Answer, App, Json, Page, Path, PathPair, Query};
use crate::http::shared::Shared;
use crate::http::views::{NewVersionView, VersionView, VersionsPage, VersionsQuery, address_of_next};

/// List what can be exported of a project, newest first: tags and branches, and the snapshots
/// that were registered. Any commit can be, by its name.
#[utoipa::path(get, path = "/api/v1/projects/{projectId}/versions", tag = "versions",
    params(("projectId" = String, Path, description = "the project"), VersionsQuery),
    responses((status = 200, description = "a page; `Link` and `nextCursor` lead to the next", body = VersionsPage)))]
pub async fn list(
    App(desk): App<Desk>,
    caller: Caller,
    asked: Parts,
    Path(id): Path<ProjectId>,
    Query(query): Query<VersionsQuery>,
) -> Answer<Page<VersionsPage>> {
    let after = query.after()?;
    let (versions, was_all) = desk.projects().versions(&caller, &id, after.as_ref(), query.limit()).await?;
    let body = VersionsPage::new(versions, was_all);
    let next = body.next_cursor().map(|cursor| address_of_next(&asked.uri, cursor));
    Ok(Page { body, next })
}

/// Register a folder as a version of a project, or replace what was registered. A project that is
/// a git repository has its own versions.
#[utoipa::path(put, path = "/api/v1/projects/{projectId}/versions/{versionId}", tag = "versions",
    request_body = NewVersionView,
    params(("projectId" = String, Path, description = "the project"),
        ("versionId" = String, Path, description = "the version")),
    responses((status = 200, description = "the version", body = VersionView)))]
pub async fn put(
    App(desk): App<Desk>,
    caller: Caller,
    PathPair(id, version): PathPair<ProjectId, VersionId>,
    Json(new): Json<NewVersionView>,
) -> Answer<Json<VersionView>> {
    Ok(Json(desk.projects().put_version(&caller, &id, &version, new.path).await?.into()))
}

endpoints!(Shared: list, put);
