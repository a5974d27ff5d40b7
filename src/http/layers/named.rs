//! Every request has a name, and every reply carries it.

use std::sync::Arc;

use http::header::CACHE_CONTROL;
use http::{HeaderValue, Method, Request};
use tracing::Instrument;

use crate::clock::Clock;
use crate::config_units::Network;
use crate::http::accel;
use crate::http::asked::{Asked, X_CORRELATION_ID, write_down};
use crate::http::kit::{Next, Reply, RequestBody, empty};

/// What [`named`] has to know.
#[derive(Debug, Clone)]
pub struct Naming {
    /// Whose word about other addresses counts.
    pub trusted_proxies: Arc<[Network]>,
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
