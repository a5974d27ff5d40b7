//! Following an export as it happens.

use http::request::Parts;

use crate::app::Desk;
use crate::domain::{Caller, ExportId};
use crate::endpoints;
use crate::http::following::Following;
use crate::http::kit::{Answer, App, Events, Path};
use crate::http::shared::Shared;

/// Follow an export: `status` events, which a client that comes back with `Last-Event-ID` is
/// told again from there on, and `progress` events in between. Ends after the final status.
#[utoipa::path(get, path = "/api/v1/exports/{id}/events", tag = "exports",
    params(("id" = String, Path, description = "the export"),
        ("Last-Event-ID" = Option<String>, Header, description = "the last event seen; those after it are told, all if it is no event's number")),
    responses((status = 200, description = "server-sent events", body = String, content_type = "text/event-stream"),
        (status = 204, description = "the last event seen was the last")))]
pub async fn events(
    App(desk): App<Desk>,
    caller: Caller,
    Path(id): Path<ExportId>,
    asked: Parts,
) -> Answer<Events> {
    let following = Following::begin(desk, caller, id, &asked.headers).await?;
    Ok(Events(following.into_body()))
}

endpoints!(Shared: events);
