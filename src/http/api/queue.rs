//! The queue as a whole, for admins.

use crate::app::{Desk, QueueNow};
use crate::domain::Caller;
use crate::endpoints;
use crate::http::audit::Told;
use crate::http::kit::{Answer, App, IntoReply, Json, Reply};
use crate::http::shared::Shared;
use crate::http::views::QueueView;

/// Tell what waits, what runs, for whom and where, and whether the queue is paused (admins).
#[utoipa::path(get, path = "/api/v1/admin/queue", tag = "admin",
    responses((status = 200, description = "the queue as it stands", body = QueueView)))]
pub async fn queue(App(desk): App<Desk>, caller: Caller) -> Answer<Json<QueueView>> {
    Ok(Json(desk.queue().show(&caller).await?.into()))
}

/// Pause the queue (admins): nothing more is begun, on any server, until it is resumed; also after a
/// restart. What runs goes on, and requests are taken in. Paused already, it stays so.
#[utoipa::path(post, path = "/api/v1/admin/queue/pause", tag = "admin",
    responses((status = 200, description = "the queue as it stands", body = QueueView)))]
pub async fn pause(App(desk): App<Desk>, caller: Caller) -> Answer<Reply> {
    Ok(told("paused", desk.queue().pause(&caller).await?))
}

/// Resume the queue (admins): what waits is begun at once, on every server.
#[utoipa::path(post, path = "/api/v1/admin/queue/resume", tag = "admin",
    responses((status = 200, description = "the queue as it stands", body = QueueView)))]
pub async fn resume(App(desk): App<Desk>, caller: Caller) -> Answer<Reply> {
    Ok(told("resumed", desk.queue().resume(&caller).await?))
}

endpoints!(Shared: queue, pause, resume);

fn told(change: &str, queue: QueueNow) -> Reply {
    Told::default().with("change", change).by(Json(QueueView::from(queue)).into_reply())
}
