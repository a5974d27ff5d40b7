//! The endpoints, one file per resource. A handler is a sentence: who, what, answer.

pub mod actions;
pub mod audit;
pub mod batch;
pub mod by_link;
pub mod datasets;
pub mod docs;
pub mod downloads;
pub mod entries;
pub mod events;
pub mod exports;
pub mod history;
pub mod house;
pub mod limits;
pub mod links;
pub mod older;
pub mod ops;
pub mod overview;
pub mod page;
pub mod permissions;
pub mod plain;
pub mod projects;
pub mod queue;
pub mod session;
pub mod settings;
pub mod system;
pub mod templates;
pub mod tokens;
pub mod versions;

use http::Method;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use super::audit::audited;
use super::kit::Route;
use super::once::once;
use super::shared::Shared;

/// Every endpoint of the API's listener. What somebody who is known asks for by `POST` may be asked for
/// again; around everything stands the audit.
pub fn routes() -> Vec<Route<Shared>> {
    let all = [
        exports::routes(),
        actions::routes(),
        batch::routes(),
        events::routes(),
        downloads::routes(),
        history::routes(),
        entries::routes(),
        limits::routes(),
        settings::routes(),
        links::routes(),
        by_link::routes(),
        projects::routes(),
        versions::routes(),
        permissions::routes(),
        templates::routes(),
        tokens::routes(),
        session::routes(),
        datasets::routes(),
        house::routes(),
        queue::routes(),
        overview::routes(),
        audit::routes(),
        system::routes(),
        docs::routes(),
        page::routes(),
        plain::routes(),
        older::routes(),
    ];
    let all = all.into_iter().flatten();
    let all = all.map(|route| if may_be_asked_again(&route) { route.wrapped(once) } else { route });
    all.map(audited).collect()
}

/// Whether a request with an `Idempotency-Key` is done once: keys belong to users.
pub fn may_be_asked_again(route: &Route<Shared>) -> bool {
    route.method == Method::POST && route.proves_caller
}

/// Every endpoint of the operators' listener.
pub fn ops_routes() -> Vec<Route<Shared>> {
    let health = system::routes().into_iter().filter(|route| !route.path.starts_with("/api/"));
    ops::routes().into_iter().chain(health).collect()
}

/// What the endpoints of [`routes`] say of themselves.
pub fn documents() -> Vec<Document> {
    let ours = vec![
        exports::Doc::openapi(),
        actions::Doc::openapi(),
        batch::Doc::openapi(),
        events::Doc::openapi(),
        downloads::Doc::openapi(),
        history::Doc::openapi(),
        entries::Doc::openapi(),
        limits::Doc::openapi(),
        settings::Doc::openapi(),
        links::Doc::openapi(),
        by_link::Doc::openapi(),
        projects::Doc::openapi(),
        versions::Doc::openapi(),
        permissions::Doc::openapi(),
        templates::Doc::openapi(),
        tokens::Doc::openapi(),
        session::Doc::openapi(),
        datasets::Doc::openapi(),
        house::Doc::openapi(),
        queue::Doc::openapi(),
        overview::Doc::openapi(),
        audit::Doc::openapi(),
        system::Doc::openapi(),
        docs::Doc::openapi(),
        page::Doc::openapi(),
    ];
    ours.into_iter().chain(older::documents()).collect()
}
