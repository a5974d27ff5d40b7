//! Bodies, ours and theirs.

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};

/// What may go wrong below us while bytes travel.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a request, from a socket or from a test.
pub type RequestBody = UnsyncBoxBody<Bytes, BoxError>;

/// The body of a reply. An error cuts the connection: what was promised cannot be kept.
pub type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// Status, headers and body.
pub type Reply = http::Response<Body>;

/// A body that is there as a whole.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// No body.
pub fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A request's body, whoever sends it.
pub fn boxed<B>(body: B) -> RequestBody
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    body.map_err(Into::into).boxed_unsync()
}
