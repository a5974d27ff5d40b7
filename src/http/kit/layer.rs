//! Layers written as async functions.

use std::convert::Infallible;

use futures_util::FutureExt;
use http::Request;
use tower::layer::{Layer, layer_fn};
use tower::util::{BoxCloneSyncService, ServiceExt, service_fn};

use super::body::{Reply, RequestBody};

/// Answers requests; cheap to clone.
pub type Service = BoxCloneSyncService<Request<RequestBody>, Reply, Infallible>;

/// What comes after a layer.
pub struct Next(Service);

impl Next {
    /// The rest of the way.
    pub async fn run(self, request: Request<RequestBody>) -> Reply {
        match self.0.oneshot(request).await {
            Ok(reply) => reply,
            Err(never) => match never {},
        }
    }
}

/// A layer that calls `layer` around every request, with what it needs to know.
pub fn around<C, F, Fut>(context: C, layer: F) -> impl Layer<Service, Service = Service> + Clone
where
    C: Clone + Send + Sync + 'static,
    F: Fn(C, Request<RequestBody>, Next) -> Fut + Copy + Send + Sync + 'static,
    Fut: Future<Output = Reply> + Send + 'static,
{
    layer_fn(move |inner: Service| {
        let context = context.clone();
        Service::new(service_fn(move |request| {
            layer(context.clone(), request, Next(inner.clone())).map(Ok::<_, Infallible>)
        }))
    })
}
