//! Layers written as async functions.

use std::convert::Infallible;
use std::pin::Pin;

use futures_util::FutureExt;
use http::Request;
use tower::layer::Layer;
use tower::util::{BoxCloneSyncService, ServiceExt, service_fn};

use super::body::{Reply, RequestBody};

/// Answers requests; cheap to clone.
pub type Service = BoxCloneSyncService<Request<RequestBody>, Reply, Infallible>;

/// A reply on its way.
pub type Replying = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// What `service` says to `request`.
// Boxed, because the compiler cannot yet see through a service's own future that whoever waits
// for it is `Send` (rust-lang/rust#102211).
pub fn answer(service: Service, request: Request<RequestBody>) -> Replying {
    Box::pin(service.oneshot(request).map(|answered| match answered {
        Ok(reply) => reply,
        Err(never) => match never {},
    }))
}

/// What comes after a layer.
pub struct Next(Service);

impl Next {
    /// The rest of the way.
    pub fn run(self, request: Request<RequestBody>) -> Replying {
        answer(self.0, request)
    }
}

/// A layer that calls `layer` around every request, with what it needs to know.
pub fn around<C, F>(context: C, layer: F) -> Around<C, F> {
    Around { context, layer }
}

/// See [`around`].
#[derive(Debug, Clone, Copy)]
pub struct Around<C, F> {
    context: C,
    layer: F,
}

impl<C, F, Fut> Layer<Service> for Around<C, F>
where
    C: Clone + Send + Sync + 'static,
    F: Fn(C, Request<RequestBody>, Next) -> Fut + Copy + Send + Sync + 'static,
    Fut: Future<Output = Reply> + Send + 'static,
{
    type Service = Service;

    fn layer(&self, inner: Service) -> Service {
        let (context, layer) = (self.context.clone(), self.layer);
        Service::new(service_fn(move |request| {
            layer(context.clone(), request, Next(inner.clone())).map(Ok::<_, Infallible>)
        }))
    }
}
