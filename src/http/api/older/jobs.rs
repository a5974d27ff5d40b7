//! Export jobs of projects.

use crate::app::{Desk, Wanted};
use crate::domain::{Caller, ExportId, Origin, ProjectId};
use crate::endpoints;
use crate::http::address::OwnAddress;
use crate::http::kit::{Accepted, Answer, App, Json, OrNothing, Path};
use crate::http::shared::Shared;
use crate::http::views::older::{JobStatusView, JobView, NewJob};

/// Ask for an export of a project. An identical one that is under way or can be downloaded is the
/// answer if there is one. Today: `POST /api/v1/projects/{projectId}/exports`.
#[utoipa::path(post, path = "/v1/projects/{projectId}/export", tag = "older", request_body = NewJob,
    params(("projectId" = String, Path, description = "the project")),
    responses((status = 202, description = "queued, or there already", body = JobView)))]
pub async fn create_job(
    App(desk): App<Desk>,
    caller: Caller,
    origin: Origin,
    Path(id): Path<ProjectId>,
    OrNothing(new): OrNothing<NewJob>,
) -> Answer<Accepted<JobView>> {
    let requested = desk.exports().request(&caller, Wanted::try_from(new.of(id))?, origin).await?;
    let body = JobView::from(&requested.export);
    let retry_after = requested.export.status.is_active().then_some(1);
    Ok(Accepted { location: body.location(), retry_after, body })
}

/// Tell where an export stands. Today: `GET /api/v1/exports/{id}`.
#[utoipa::path(get, path = "/v1/export-jobs/{id}/status", tag = "older",
    params(("id" = String, Path, description = "the export")),
    responses((status = 200, description = "where it stands", body = JobStatusView)))]
pub async fn job_status(
    App(desk): App<Desk>,
    caller: Caller,
    own: OwnAddress,
    Path(id): Path<ExportId>,
) -> Answer<Json<JobStatusView>> {
    let export = desk.exports().show(&caller, id).await?;
    Ok(Json(JobStatusView::new(&export, &own, desk.clock().now())))
}

endpoints!(Shared: create_job, job_status);
