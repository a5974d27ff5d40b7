//! The caller's projects.

use http::request::Parts;

use crate::app::Desk;
use crate::domain::{Caller, Origin, ProjectId};
use crate::endpoints;
use crate::http::kit::{Answer, App, Json, NoContent, OrNothing, Page, Path, Query, Reply, Wait};
use crate::http::shared::Shared;
use crate::http::views::{
    NewProjectExport, NewProjectView, ProjectView, ProjectsPage, ProjectsQuery, TreeQuery, TreeView,
    address_of_next,
};

use super::exports::accepted;

/// List one's projects: those registered, and the folders the server found.
#[utoipa::path(get, path = "/api/v1/projects", tag = "projects", params(ProjectsQuery),
    responses((status = 200, description = "a page; `Link` and `nextCursor` lead to the next", body = ProjectsPage)))]
pub async fn list(
    App(desk): App<Desk>,
    caller: Caller,
    asked: Parts,
    Query(query): Query<ProjectsQuery>,
) -> Answer<Page<ProjectsPage>> {
    let after = query.after()?;
    let (projects, was_all) = desk.projects().list(&caller, after.as_ref(), query.limit()).await?;
    let last = projects.last().map(|project| project.id.clone()).filter(|_| !was_all);
    let body = ProjectsPage::new(projects.into_iter().map(ProjectView::from).collect(), last.as_ref());
    let next = body.next_cursor().map(|cursor| address_of_next(&asked.uri, cursor));
    Ok(Page { body, next })
}

/// Show a project.
#[utoipa::path(get, path = "/api/v1/projects/{projectId}", tag = "projects",
    params(("projectId" = String, Path, description = "the project")),
    responses((status = 200, description = "the project", body = ProjectView)))]
pub async fn show(
    App(desk): App<Desk>,
    caller: Caller,
    Path(id): Path<ProjectId>,
) -> Answer<Json<ProjectView>> {
    Ok(Json(desk.projects().get(&caller, &id).await?.into()))
}

/// Register a project, or replace what was registered.
#[utoipa::path(put, path = "/api/v1/projects/{projectId}", tag = "projects", request_body = NewProjectView,
    params(("projectId" = String, Path, description = "the project")),
    responses((status = 200, description = "the project", body = ProjectView)))]
pub async fn put(
    App(desk): App<Desk>,
    caller: Caller,
    Path(id): Path<ProjectId>,
    Json(new): Json<NewProjectView>,
) -> Answer<Json<ProjectView>> {
    let (project, _is_new) = desk.projects().put(&caller, &id, new.into()).await?;
    Ok(Json(project.into()))
}

/// Forget a registered project. Its files and its exports stay.
#[utoipa::path(delete, path = "/api/v1/projects/{projectId}", tag = "projects",
    params(("projectId" = String, Path, description = "the project")),
    responses((status = 204, description = "it is not registered any more")))]
pub async fn delete(App(desk): App<Desk>, caller: Caller, Path(id): Path<ProjectId>) -> Answer<NoContent> {
    desk.projects().delete(&caller, &id).await?;
    Ok(NoContent)
}

/// Show what lies in a folder of a project: what an export would take along, and what it would leave
/// out, and why. Whoever asks for an export of a part of it sees what to write in `paths`.
#[utoipa::path(get, path = "/api/v1/projects/{projectId}/tree", tag = "projects",
    params(("projectId" = String, Path, description = "the project"), TreeQuery),
    responses((status = 200, description = "folders and files, by name", body = TreeView)))]
pub async fn tree(
    App(desk): App<Desk>,
    caller: Caller,
    Path(id): Path<ProjectId>,
    Query(query): Query<TreeQuery>,
) -> Answer<Json<TreeView>> {
    let path = query.folder();
    let selector = query.of(id);
    let folder = desk.exports().folder(&caller, selector.clone(), &path).await?;
    Ok(Json(TreeView::new(selector, &path, folder)))
}

/// Ask for an export of a project: the short way.
#[utoipa::path(post, path = "/api/v1/projects/{projectId}/exports", tag = "projects",
    request_body = NewProjectExport,
    params(("projectId" = String, Path, description = "the project"),
        ("Prefer" = Option<String>, Header, description = "wait=N: answer when it ends, or after N seconds")),
    responses(
        (status = 202, description = "queued; follow `Location`", body = crate::http::views::ExportView),
        (status = 200, description = "there is one already", body = crate::http::views::ExportView)))]
pub async fn export(
    App(desk): App<Desk>,
    caller: Caller,
    origin: Origin,
    Path(id): Path<ProjectId>,
    wait: Wait,
    OrNothing(new): OrNothing<NewProjectExport>,
) -> Answer<Reply> {
    let requested = desk.exports().request(&caller, new.of(id).try_into()?, origin).await?;
    accepted(&desk, &caller, requested, wait).await
}

endpoints!(Shared: list, show, put, delete, tree, export);
