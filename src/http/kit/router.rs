//! From method and path to a handler.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use http::header::ALLOW;
use http::{HeaderValue, Method, Request};
use tower::util::service_fn;

use super::body::{Reply, RequestBody};
use super::call::Call;
use super::endpoint::{Handler, Route};
use super::layer::Service;
use super::problem::{Problem, RequestFault};
use super::receive::Received;
use super::reply::{IntoReply, NoContent};

/// Which route a request goes to and its reply came from, in the extensions of both: a label of
/// bounded variety.
#[derive(Debug, Clone)]
pub struct Matched(pub Arc<str>);

/// The endpoints of a server, found by path.
pub struct Router<S> {
    state: S,
    table: matchit::Router<Methods<S>>,
}

/// The endpoints of one path.
struct Methods<S> {
    pattern: Arc<str>,
    handlers: Vec<(Method, Handler<S>)>,
}

impl<S: Clone + Send + Sync + 'static> Router<S> {
    /// A router for `routes`, whose handlers share `state`.
    ///
    /// # Panics
    /// When two of them have one method and path, or paths that cannot be told apart: a defect
    /// that the first test would meet.
    pub fn new(state: S, routes: Vec<Route<S>>) -> Self {
        let mut paths: Vec<Methods<S>> = Vec::new();
        for Route { method, path, handler, .. } in routes {
            let known = paths.iter_mut().find(|known| *known.pattern == *path);
            match known {
                Some(known) => {
                    assert!(known.find(&method).is_none(), "two endpoints at {method} {path}");
                    known.handlers.push((method, handler));
                }
                None => paths.push(Methods { pattern: path.into(), handlers: vec![(method, handler)] }),
            }
        }
        let mut table = matchit::Router::new();
        for methods in paths {
            let pattern = matched(&methods.pattern);
            table.insert(pattern, methods).expect("no two paths match the same");
        }
        Self { state, table }
    }

    /// This router as a service.
    pub fn into_service(self) -> Service {
        let router = Arc::new(self);
        Service::new(service_fn(move |request| {
            let router = Arc::clone(&router);
            async move { Ok::<_, Infallible>(router.answer(request).await) }
        }))
    }

    /// Paths match as they were sent, still encoded: there is one spelling of each, and neither
    /// `//` nor a trailing `/` is another.
    async fn answer(&self, request: Request<RequestBody>) -> Reply {
        let (mut parts, body) = request.into_parts();
        let body = Received::unread(&parts.headers, body);
        let path = parts.uri.path().to_owned();
        if path == "*" && parts.method == Method::OPTIONS {
            return NoContent.into_reply(); // the server as a whole (RFC 9110 §9.3.7)
        }
        let Ok(found) = self.table.at(&path) else {
            return Problem::from(RequestFault::NoSuchPath).into_reply();
        };
        let params = found.params.iter().map(|(_, value)| value.to_owned()).collect();
        let mut reply = match found.value.find(&parts.method) {
            Some(handler) => {
                parts.extensions.insert(Matched(Arc::clone(&found.value.pattern)));
                let call = Call { state: self.state.clone(), parts, params, body };
                caught(handler, call).await
            }
            None => found.value.refuse(&parts.method),
        };
        reply.extensions_mut().insert(Matched(Arc::clone(&found.value.pattern)));
        reply
    }
}

/// As matchit writes it: a parameter called `path`, which can only be the last one, is the rest of
/// the path with all its slashes. OpenAPI has no word for that.
fn matched(pattern: &str) -> String {
    match pattern.strip_suffix("/{path}") {
        Some(before) => format!("{before}/{{*path}}"),
        None => pattern.to_owned(),
    }
}

/// A handler that panics is a defect of ours and answers so; other requests do not notice.
pub async fn caught<S>(handler: &Handler<S>, call: Call<S>) -> Reply {
    // Nothing of the call is seen again afterwards, so nothing half-done can be.
    let answering = AssertUnwindSafe(async { handler(call).await });
    match answering.catch_unwind().await {
        Ok(reply) => reply,
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
            tracing::error!(panic = message.unwrap_or("of an unknown kind"), "a handler panicked");
            Problem::from(RequestFault::Panicked).into_reply()
        }
    }
}

impl<S> Methods<S> {
    fn find(&self, method: &Method) -> Option<&Handler<S>> {
        let exact = |method| self.handlers.iter().find(|(own, _)| own == method);
        // A `HEAD` is its `GET` without the body, which is dropped on the way out.
        let found = exact(method).or_else(|| exact(&Method::GET).filter(|_| method == Method::HEAD));
        found.map(|(_, handler)| handler)
    }

    fn refuse(&self, method: &Method) -> Reply {
        let allowed = self.allowed();
        if method != Method::OPTIONS {
            return Problem::from(RequestFault::WrongMethod { allowed }).into_reply();
        }
        let mut reply = NoContent.into_reply();
        if let Ok(allowed) = HeaderValue::try_from(allowed) {
            reply.headers_mut().insert(ALLOW, allowed);
        }
        reply
    }

    fn allowed(&self) -> String {
        let mut methods: Vec<&str> = self.handlers.iter().map(|(method, _)| method.as_str()).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        methods.sort_unstable();
        methods.join(", ")
    }
}
