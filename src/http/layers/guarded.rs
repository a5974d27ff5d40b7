//! Headers that keep browsers from making more of an answer than it is.

use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use http::{HeaderName, HeaderValue, Request};

use crate::http::kit::{Next, Reply, RequestBody};

/// On every answer that does not say otherwise itself. nginx says the same of its own answers
/// (`nginx/snippets/`).
///
/// - What is shown although it was not meant to be runs nothing, loads nothing, sends nothing and
///   stands in nobody's frame.
/// - It is what its `Content-Type` says.
/// - Nobody who is led on from here is told the address, which may be a link's.
/// - Pages of other sites cannot draw it into their process (Spectre).
///
/// Source: OWASP REST Security Cheat Sheet, "Security headers".
const GUARDS: [(HeaderName, HeaderValue); 5] = [
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Puts the guards on every answer.
pub async fn guarded(_: (), request: Request<RequestBody>, next: Next) -> Reply {
    let mut reply = next.run(request).await;
    for (name, value) in GUARDS {
        reply.headers_mut().entry(name).or_insert(value);
    }
    reply
}
