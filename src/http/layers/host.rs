//! One host, and only one.

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderValue, Request, Version};

use crate::http::kit::{IntoReply, Next, Problem, Reply, RequestBody, RequestFault};

/// Refuses an HTTP/1.1 request without `Host`, with two, or with one that is none: a proxy in front
/// may have taken the other one. hyper does not look.
///
/// Source: RFC 9112 §3.2.
pub async fn host(_: (), request: Request<RequestBody>, next: Next) -> Reply {
    let hosts = request.headers().get_all(HOST).iter().count();
    let is_host = |host: &HeaderValue| {
        host.is_empty() || Authority::try_from(host.as_bytes()).is_ok_and(|host| !host.as_str().contains('@'))
    };
    let enough = match request.version() {
        Version::HTTP_09 | Version::HTTP_10 => hosts <= 1,
        Version::HTTP_11 => hosts == 1,
        _ => hosts <= 1, // HTTP/2 has `:authority`
    };
    if !enough || !request.headers().get_all(HOST).iter().all(is_host) {
        return Problem::from(RequestFault::NotOneHost).into_reply();
    }
    next.run(request).await
}
