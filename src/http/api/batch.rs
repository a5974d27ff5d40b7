//! Asking for many exports at once.

use crate::app::{Desk, Outlook, Requested};
use crate::domain::{Caller, Origin};
use crate::endpoints;
use crate::http::asked::Asked;
use crate::http::kit::{Answer, App, Json, Multiple, Problem};
use crate::http::shared::Shared;
use crate::http::views::{BatchResultView, BatchView, ExportView, NewBatch};

/// Ask for up to 100 exports at once. When something is wrong with one of the requests, none is
/// carried out; what else may keep one from being made keeps no other.
#[utoipa::path(post, path = "/api/v1/exports/batch", tag = "exports", request_body = NewBatch,
    responses((status = 207, description = "one result for each item, in the same order", body = BatchView)))]
pub async fn create_all(
    App(desk): App<Desk>,
    caller: Caller,
    origin: Origin,
    asked: Asked,
    Json(batch): Json<NewBatch>,
) -> Answer<Multiple<BatchView>> {
    let results = desk.exports().request_all(&caller, batch.try_into()?, &origin).await?;
    let results = results.into_iter().map(|result| match result {
        Ok(requested) => exported(&desk, &requested),
        Err(error) => refused(&desk, &asked, &error.into()),
    });
    Ok(Multiple(results.collect::<Vec<_>>().into()))
}

endpoints!(Shared: create_all);

/// Places in the queue are told of one export at a time only.
fn exported(desk: &Desk, requested: &Requested) -> BatchResultView {
    let export = ExportView::requested(requested, Outlook::default(), desk.clock().now());
    BatchResultView::export(export, !requested.deduplicated)
}

fn refused(desk: &Desk, asked: &Asked, problem: &Problem) -> BatchResultView {
    let document = problem.document(&asked.path, &asked.correlation_id, desk.clock().now());
    let document = serde_json::from_slice(&document).expect("what was just written is JSON");
    BatchResultView::problem(problem.status().as_u16(), document)
}
