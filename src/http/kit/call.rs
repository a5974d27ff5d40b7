//! One request on its way into a handler.

use http::request::Parts;

use super::problem::Answer;
use super::receive::Received;

/// Everything that a handler may take something from.
pub struct Call<S> {
    /// What the handlers of this router share.
    pub state: S,
    /// The head.
    pub parts: Parts,
    /// What the path's parameters matched, in its order, still percent-encoded.
    pub params: Vec<String>,
    /// The body; read when something first asks for it.
    pub body: Received,
}

/// Something that a handler names among its arguments.
///
/// Arguments are taken in their order, and the first that fails is the whole answer: a handler
/// that names `caller` first proves who calls before it looks at what they sent.
pub trait FromCall<S>: Sized + Send {
    /// Whether to have one of these is to know who calls.
    const PROVES_CALLER: bool = false;

    /// Takes it.
    ///
    /// # Errors
    /// The answer to a request that does not have it, or not in good shape.
    fn from_call(call: &mut Call<S>) -> impl Future<Output = Answer<Self>> + Send;
}
