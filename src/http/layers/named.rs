//! Every request has a name, and every reply carries it.

use std::sync::Arc;

use http::header::CACHE_CONTROL;
use http::{HeaderValue, Method, Request};
use tracing::Instrument;
use tracing::field::Empty;

use crate::clock::Clock;
use crate::config_units::Network;
use crate::http::accel;
use crate::http::asked::{Asked, X_CORRELATION_ID, write_down};
use crate::http::kit::{Matched, Next, Reply, RequestBody, empty};
use crate::otel::Tracer;

use super::metered::method_word;

/// What [`named`] has to know.
#[derive(Debug, Clone)]
pub struct Naming {
    /// Whose word about other addresses counts.
    pub trusted_proxies: Arc<[Network]>,
    /// Tells when a problem arose.
    pub clock: Clock,
    /// Tells how long requests took.
    pub tracer: Tracer,
}

/// Finds out a request's particulars, puts them into its extensions and into every log line that
/// is written on its behalf, and finishes its reply.
pub async fn named(naming: Naming, mut request: Request<RequestBody>, next: Next) -> Reply {
    let mut asked = Asked::about(&request, &naming.trusted_proxies);
    let is_head = request.method() == Method::HEAD;
    let method = method_word(request.method());
    asked.span = naming.tracer.request(method, asked.traceparent.as_deref());
    let span = tracing::info_span!("request", correlation.id = %asked.correlation_id, trace.id = Empty);
    if let Some(id) = asked.span.trace_id() {
        span.record("trace.id", id);
    }
    request.extensions_mut().insert(asked.clone());
    let mut reply = next.run(request).instrument(span).await;
    note(&asked, method, &reply);
    write_down(&mut reply, &asked, naming.clock.now());
    let headers = reply.headers_mut();
    headers.insert(X_CORRELATION_ID, asked.correlation_header());
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    accel::write_down(&mut reply);
    if is_head {
        *reply.body_mut() = empty();
    }
    reply
}

/// What there is to tell of a request, by OpenTelemetry's names for it (semantic conventions, HTTP
/// server spans). The path as it was sent stays here: it may name people's files.
fn note(asked: &Asked, method: &'static str, reply: &Reply) {
    let span = &asked.span;
    if !span.is_told() {
        return;
    }
    let route = reply.extensions().get::<Matched>().map(|matched| matched.0.to_string());
    span.note("http.request.method", method);
    span.note("http.response.status_code", i64::from(reply.status().as_u16()));
    span.note("correlation.id", asked.correlation_id.to_string());
    if let Some(route) = route {
        span.rename(format!("{method} {route}"));
        span.note("http.route", route);
    }
    if reply.status().is_server_error() {
        span.failed("5xx");
    }
}
