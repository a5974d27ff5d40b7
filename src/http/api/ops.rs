//! For operators, on a listener of their own.

use crate::app::Desk;
use crate::endpoints;
use crate::http::kit::{Answer, App, Document};
use crate::http::shared::Shared;

/// Show every instrument, in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "ops",
    responses((status = 200, description = "text format 0.0.4", body = String, content_type = "text/plain")))]
pub async fn metrics(App(desk): App<Desk>) -> Answer<Document> {
    let bytes = desk.gauges().await.into();
    Ok(Document { media_type: "text/plain; version=0.0.4; charset=utf-8", bytes })
}

endpoints!(Shared: metrics);
