//! What a credential that may only read may do.

use http::Method;
use http::request::Parts;

use crate::http::kit::Matched;

/// What changes nothing although its method says so: questions that need a body, and whoever reads
/// may sign in, and out again.
const CHANGING_NOTHING: &[(Method, &str)] = &[
    (Method::POST, "/api/v1/exports/estimate"),
    (Method::POST, "/api/v1/exports/{id}/verify"),
    (Method::POST, "/api/exports/{id}/verify"),
    (Method::POST, "/api/v1/session"),
    (Method::DELETE, "/api/v1/session"),
    (Method::POST, "/plain/sign-in"),
    (Method::POST, "/plain/sign-out"),
];

/// Whether a request is meant to change something, as far as its method says.
///
/// Source: RFC 9110 §9.2.1.
pub fn is_unsafe(head: &Parts) -> bool {
    is_unsafe_method(&head.method)
}

fn is_unsafe_method(method: &Method) -> bool {
    ![Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

/// Whether a request changes nothing.
pub fn only_asks(head: &Parts) -> bool {
    let pattern = head.extensions.get::<Matched>().map_or("", |matched| &*matched.0);
    asks_only(&head.method, pattern)
}

/// Whether requests of this method for this path, as it is routed, change nothing.
pub fn asks_only(method: &Method, path: &str) -> bool {
    !is_unsafe_method(method) || CHANGING_NOTHING.iter().any(|(asking, at)| asking == method && *at == path)
}

#[cfg(test)]
mod tests {
    use super::CHANGING_NOTHING;
    use crate::http::api;

    #[test]
    fn what_changes_nothing_although_its_method_says_so_is_there() {
        for (method, path) in CHANGING_NOTHING {
            let is_there = api::routes().iter().any(|route| route.method == *method && route.path == *path);
            assert!(is_there, "{method} {path}");
        }
    }
}
