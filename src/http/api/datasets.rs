//! Data sets that can be exported.

use crate::app::Desk;
use crate::domain::Caller;
use crate::endpoints;
use crate::http::kit::{Answer, App, Json};
use crate::http::shared::Shared;
use crate::http::views::DataSetsView;

/// List the data sets that the operator has declared and the caller may ask for, with their parameters
/// and columns.
#[utoipa::path(get, path = "/api/v1/datasets", tag = "data",
    responses((status = 200, description = "in the order they are declared", body = DataSetsView)))]
pub async fn list_datasets(App(desk): App<Desk>, caller: Caller) -> Answer<Json<DataSetsView>> {
    Ok(Json(DataSetsView::of(desk.exports().datasets(&caller))))
}

endpoints!(Shared: list_datasets);
