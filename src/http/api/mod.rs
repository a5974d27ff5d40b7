//! The endpoints, one file per resource. A handler is a sentence: who, what, answer.

pub mod audit;
pub mod by_link;
pub mod downloads;
pub mod entries;
pub mod events;
pub mod exports;
pub mod history;
pub mod links;
pub mod ops;
pub mod projects;
pub mod system;
pub mod versions;

use http::Method;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use super::audit::audited;
use super::kit::Route;
use super::once::once;
use super::shared::Shared;

/// Every endpoint of the API's listener. What is asked for by `POST` may be asked for again; around
/// everything stands the audit.
pub fn routes() -> Vec<Route<Shared>> {
    let all = [
        exports::routes(),
        events::routes(),
        downloads::routes(),
        history::routes(),
        entries::routes(),
        links::routes(),
        by_link::routes().into_iter().map(|route| route.wrapped(by_link::unreferred)).collect(),
        projects::routes(),
        versions::routes(),
        audit::routes(),
        system::routes(),
    ];
    let all = all.into_iter().flatten();
    let all = all.map(|route| if route.method == Method::POST { route.wrapped(once) } else { route });
    all.map(audited).collect()
}

/// Every endpoint of the operators' listener.
pub fn ops_routes() -> Vec<Route<Shared>> {
    let health = system::routes().into_iter().filter(|route| !route.path.starts_with("/api/"));
    ops::routes().into_iter().chain(health).collect()
}

/// What the endpoints of [`routes`] say of themselves.
pub fn documents() -> Vec<Document> {
    vec![
        exports::Doc::openapi(),
        events::Doc::openapi(),
        downloads::Doc::openapi(),
        history::Doc::openapi(),
        entries::Doc::openapi(),
        links::Doc::openapi(),
        by_link::Doc::openapi(),
        projects::Doc::openapi(),
        versions::Doc::openapi(),
        audit::Doc::openapi(),
        system::Doc::openapi(),
    ]
}
