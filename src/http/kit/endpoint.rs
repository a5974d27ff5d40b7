//! One declaration, two uses: a handler's `#[utoipa::path]` is its route and its documentation.

use std::sync::Arc;

use http::Method;

use super::body::Reply;
use super::call::{Call, FromCall};
use super::layer::Replying;
use super::reply::IntoReply;

/// A handler whose arguments are no longer its type.
pub type Handler<S> = Arc<dyn Fn(Call<S>) -> Replying + Send + Sync>;

/// An async function whose arguments can all be taken from a call.
pub trait Endpoint<S, Args>: Send + Sync + 'static {
    /// Whether one of its arguments proves who calls.
    const PROVES_CALLER: bool;

    /// The same without its arguments.
    fn into_handler(self) -> Handler<S>;
}

macro_rules! endpoint_of_arity {
    ($($A:ident),*) => {
        impl<S, F, Fut, R, $($A),*> Endpoint<S, ($($A,)*)> for F
        where
            S: Send + Sync + 'static,
            F: Fn($($A),*) -> Fut + Send + Sync + Copy + 'static,
            Fut: Future<Output = R> + Send + 'static,
            R: IntoReply,
            $($A: FromCall<S> + 'static),*
        {
            const PROVES_CALLER: bool = false $(|| $A::PROVES_CALLER)*;

            #[allow(non_snake_case, unused_mut, unused_variables)]
            fn into_handler(self) -> Handler<S> {
                Arc::new(move |mut call| Box::pin(async move {
                    $(let $A = match $A::from_call(&mut call).await {
                        Ok(taken) => taken,
                        Err(problem) => return problem.into_reply(),
                    };)*
                    self($($A),*).await.into_reply()
                }))
            }
        }
    };
}

endpoint_of_arity!();
endpoint_of_arity!(A);
endpoint_of_arity!(A, B);
endpoint_of_arity!(A, B, C);
endpoint_of_arity!(A, B, C, D);
endpoint_of_arity!(A, B, C, D, E);
endpoint_of_arity!(A, B, C, D, E, G);
endpoint_of_arity!(A, B, C, D, E, G, H);

/// Where a handler is found.
pub struct Route<S> {
    /// The only method it answers; the router lets `HEAD` through to `GET`.
    pub method: Method,
    /// As documented: `/api/v1/exports/{id}`.
    pub path: String,
    /// Whether it answers nobody whom it does not know.
    pub proves_caller: bool,
    pub(super) handler: Handler<S>,
}

impl<S: Send + Sync + 'static> Route<S> {
    /// The route that `P`, made by `#[utoipa::path]`, describes for `endpoint`.
    pub fn of<P: utoipa::Path, Args, E: Endpoint<S, Args>>(endpoint: E) -> Self {
        let method = match P::methods().as_slice() {
            [method] => word(method).parse().expect("utoipa knows only methods of RFC 9110"),
            _ => panic!("{} is described for several methods at once", P::path()),
        };
        Self { method, path: P::path(), proves_caller: E::PROVES_CALLER, handler: endpoint.into_handler() }
    }

    /// This route with `around` between the router and its handler.
    #[must_use]
    pub fn wrapped<F, Fut>(self, around: F) -> Self
    where
        F: Fn(Call<S>, Handler<S>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Reply> + Send + 'static,
    {
        let inner = self.handler;
        let handler: Handler<S> = Arc::new(move |call| Box::pin(around(call, Arc::clone(&inner))));
        Self { handler, ..self }
    }
}

fn word(method: &utoipa::openapi::HttpMethod) -> String {
    let word = serde_json::to_value(method).expect("a method is a word");
    word.as_str().expect("a method is a word").to_uppercase()
}

/// Declares the endpoints of a file once: its `routes()`, and its part of the API's document,
/// `Doc`.
#[macro_export]
macro_rules! endpoints {
    ($state:ty: $($name:ident),+ $(,)?) => {
        /// What the API's document says of these endpoints.
        #[derive(utoipa::OpenApi)]
        #[openapi(paths($($name),+))]
        pub struct Doc;

        /// Where these endpoints are found.
        pub fn routes() -> Vec<$crate::http::kit::Route<$state>> {
            pastey::paste! {
                vec![$($crate::http::kit::Route::of::<[<__path_ $name>], _, _>($name)),+]
            }
        }
    };
}
