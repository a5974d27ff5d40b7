//! Pages of other sites: which of them may read our answers (CORS).
//!
//! Ours and not a library's, because a preflight here is answered for what the path really takes:
//! the router's own `Allow`. No answer ever allows credentials: a page of another site brings a
//! token that it was given, never the cookie of our own.
//!
//! Source: Fetch Standard, §3.3 "CORS protocol".

use std::sync::Arc;

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, ORIGIN,
    VARY,
};
use http::{HeaderMap, HeaderValue, Method, Request};

use crate::config_units::Origin;
use crate::http::kit::{Next, Reply, RequestBody};

/// What pages may send beside what they always may.
const SENT: &str = "accept, authorization, content-digest, content-type, idempotency-key, if-match, \
    if-modified-since, if-none-match, if-range, if-unmodified-since, last-event-id, prefer, range, signature, \
    signature-input, traceparent, want-digest, x-correlation-id, x-on-behalf-of";

/// What they may read beside what they always may.
const READ: &str = "accept-ranges, allow, content-disposition, content-length, content-range, digest, etag, \
    idempotency-replayed, link, location, preference-applied, ratelimit, ratelimit-policy, repr-digest, \
    retry-after, sunset, www-authenticate, x-correlation-id, x-package-size";

/// Seconds for which a browser need not ask again.
const ASKED_AGAIN_AFTER: HeaderValue = HeaderValue::from_static("600");

/// Lets pages of the `allowed` origins read what is answered. Whatever others send is answered
/// just the same, and their browsers keep the answer from them.
pub async fn cross_origin(allowed: Arc<[Origin]>, request: Request<RequestBody>, next: Next) -> Reply {
    let origin = request.headers().get(ORIGIN).filter(|origin| is_allowed(&allowed, origin)).cloned();
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut reply = next.run(request).await;
    if !allowed.is_empty() {
        vary_by_origin(reply.headers_mut());
    }
    if let Some(origin) = origin {
        permit(reply.headers_mut(), origin, is_preflight);
    }
    reply
}

fn is_allowed(allowed: &[Origin], origin: &HeaderValue) -> bool {
    allowed.iter().any(|known| known.as_str().as_bytes() == origin.as_bytes())
}

fn permit(headers: &mut HeaderMap, origin: HeaderValue, is_preflight: bool) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if !is_preflight {
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(READ));
        return;
    }
    if let Some(methods) = headers.get(ALLOW).cloned() {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    }
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(SENT));
    headers.insert(ACCESS_CONTROL_MAX_AGE, ASKED_AGAIN_AFTER);
}

/// No cache may give the answer for one page to another. In one line with what an answer varies by
/// otherwise: nginx carries on one.
fn vary_by_origin(headers: &mut HeaderMap) {
    let known = headers.get(VARY).and_then(|line| line.to_str().ok());
    let line = known.map_or_else(|| "origin".to_owned(), |known| format!("{known}, origin"));
    headers.insert(VARY, HeaderValue::try_from(line).expect("it was a header's value before"));
}
