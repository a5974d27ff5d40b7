//! The paths of earlier systems: the same handlers, for clients that know other names.
//!
//! What goes wrong here is told in their envelope
//! ([`Earlier`](crate::http::kit::Earlier)), by the path alone.

pub mod data;
pub mod downloads;
pub mod jobs;
pub mod upkeep;

use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use crate::http::kit::Route;
use crate::http::shared::Shared;

/// Every path of an earlier system.
pub fn routes() -> Vec<Route<Shared>> {
    [jobs::routes(), downloads::routes(), data::routes(), upkeep::routes()].into_iter().flatten().collect()
}

/// What they say of themselves.
pub fn documents() -> Vec<Document> {
    vec![jobs::Doc::openapi(), downloads::Doc::openapi(), data::Doc::openapi(), upkeep::Doc::openapi()]
}
