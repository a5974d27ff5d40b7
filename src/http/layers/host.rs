//! One host, and only one.

use http::header::HOST;
use http::{Request, Version};

use crate::http::kit::{IntoReply, Next, Problem, Reply, RequestBody, RequestFault};

/// Refuses an HTTP/1.1 request without `Host`, or with two: a proxy in front may have taken the
/// other one. hyper does not look.
///
/// Source: RFC 9112 §3.2.
pub async fn host(_: (), request: Request<RequestBody>, next: Next) -> Reply {
    let hosts = request.headers().get_all(HOST).iter().count();
    let enough = match request.version() {
        Version::HTTP_09 | Version::HTTP_10 => hosts <= 1,
        Version::HTTP_11 => hosts == 1,
        _ => hosts <= 1, // HTTP/2 has `:authority`
    };
    if !enough {
        return Problem::from(RequestFault::NotOneHost).into_reply();
    }
    next.run(request).await
}
