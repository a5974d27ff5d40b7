//! Every request has a name, and every reply carries it.

use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, Request};
use tracing::Instrument;

use crate::clock::Clock;
use crate::http::address::Network;
use crate::http::asked::{Asked, X_CORRELATION_ID};
use crate::http::kit::{Next, Problem, Reply, RequestBody, empty, full};

/// What [`named`] has to know.
#[derive(Debug, Clone)]
pub struct Naming {
    /// Whose word about other addresses counts.
    pub trusted_proxies: Vec<Network>,
    /// Tells when a problem arose.
    pub clock: Clock,
}

/// Finds out a request's particulars, puts them into its extensions and into every log line that
/// is written on its behalf, and finishes its reply.
pub async fn named(naming: Naming, mut request: Request<RequestBody>, next: Next) -> Reply {
    let asked = Asked::about(&request, &naming.trusted_proxies);
    let is_head = request.method() == Method::HEAD;
    let span = tracing::info_span!("request", correlation.id = %asked.correlation_id);
    request.extensions_mut().insert(asked.clone());
    let mut reply = next.run(request).instrument(span).await;
    if let Some(problem) = reply.extensions_mut().remove::<Problem>() {
        write_down(&problem, &asked, &naming.clock, &mut reply);
    }
    let headers = reply.headers_mut();
    headers.insert(X_CORRELATION_ID, asked.correlation_header());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if is_head {
        *reply.body_mut() = empty();
    }
    reply
}

fn write_down(problem: &Problem, asked: &Asked, clock: &Clock, reply: &mut Reply) {
    let document = problem.document(&asked.path, &asked.correlation_id, clock.now());
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(document.len()));
    *reply.body_mut() = full(document);
}
