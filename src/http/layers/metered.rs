//! Every answer is counted.

use std::time::Instant;

use http::{Method, Request};

use crate::http::kit::{Matched, Next, Reply, RequestBody};
use crate::telemetry::Metrics;

/// Counts requests and how long their heads took to answer, by route. A path that is none of
/// ours is one route, `none`, whatever strangers try.
pub async fn metered(metrics: Metrics, request: Request<RequestBody>, next: Next) -> Reply {
    let began = Instant::now();
    let method = method_word(request.method());
    let reply = next.run(request).await;
    let took = began.elapsed();
    let route = reply.extensions().get::<Matched>().map_or("none", |matched| &*matched.0);
    let status = reply.status();
    metrics.http_requests.with_label_values(&[method, route, status.as_str()]).inc();
    metrics.http_duration.with_label_values(&[route]).observe(took.as_secs_f64());
    tracing::debug!(
        http.method = method,
        http.route = route,
        http.status = status.as_u16(),
        took_ms = took.as_secs_f64() * 1000.0,
        "answered"
    );
    reply
}

/// Methods can be anything; labels cannot.
pub(super) fn method_word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
