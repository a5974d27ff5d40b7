//! Given a request's headers and a representation, says exactly what to answer.
//!
//! RFC 9110's conditional requests and ranges, RFC 6266's names, RFC 9530's digests: pure
//! functions over headers. No file is opened here, no clock read and nothing waited for; what
//! comes out ([`Answer`]) needs no further arithmetic.

mod accel;
mod answer;
mod conditions;
mod date;
mod disposition;
mod etag;
mod growing;
mod multipart;
mod plan;
mod range;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod rfc9110;

pub use accel::nginx_agrees;
pub use answer::{Answer, PackageFacts, Segment, answer};
pub use conditions::{may_change, not_modified};
pub use date::HttpDate;
pub use disposition::disposition;
pub use etag::EntityTag;
pub use growing::{growing_headers, growing_trailers};
pub use plan::{Plan, Representation, plan};
