//! One request, whatever it carries.

use bytes::Bytes;
use http::header::USER_AGENT;
use http::uri::Scheme;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Collected, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

use super::bounds::Bounds;
use super::error::{FetchError, deepest};

/// Sends `request` over a connection of its own, which is closed afterwards, and waits for the whole
/// answer, whatever its status is.
///
/// # Errors
/// [`FetchError`]; never [`FetchError::Refused`].
pub async fn send(request: Request<Bytes>, bounds: Bounds) -> Result<Response<Bytes>, FetchError> {
    let answered = async {
        let (head, body) = ask(request).await?.into_parts();
        Ok(Response::from_parts(head, whole_body(body, bounds.bytes).await?))
    };
    timeout(bounds.time, answered).await.unwrap_or(Err(FetchError::TooSlow(bounds.time)))
}

/// The head of the answer.
pub(super) async fn ask(mut request: Request<Bytes>) -> Result<Response<Incoming>, FetchError> {
    let ourselves = HeaderValue::from_static(concat!("exportd/", env!("CARGO_PKG_VERSION")));
    request.headers_mut().insert(USER_AGENT, ourselves);
    let request = request.map(Full::new);
    let mut tcp = HttpConnector::new();
    let builder = Client::builder(TokioExecutor::new());
    let answered = if request.uri().scheme() == Some(&Scheme::HTTPS) {
        tcp.enforce_http(false);
        // Read each time: certificates are renewed more often than servers are started.
        let tls = HttpsConnectorBuilder::new().with_native_roots().map_err(FetchError::NoAuthorities)?;
        builder.build(tls.https_only().enable_http1().wrap_connector(tcp)).request(request).await
    } else {
        builder.build(tcp).request(request).await
    };
    answered.map_err(|error| FetchError::NoAnswer(deepest(&error)))
}

/// All of `body`, if it is no longer than `longest` bytes.
pub(super) async fn whole_body(body: Incoming, longest: usize) -> Result<Bytes, FetchError> {
    let body = Limited::new(body, longest).collect().await;
    body.map(Collected::to_bytes).map_err(|error| match error.downcast_ref::<LengthLimitError>() {
        Some(_) => FetchError::TooLarge(longest),
        None => FetchError::NoAnswer(deepest(&*error)),
    })
}
