//! What to answer, before it is known how it looks.

use std::ops::Range;

use http::{HeaderMap, Method};

use super::conditions::{Verdict, judge, range_applies};
use super::range::{Asked, asked};
use super::{EntityTag, HttpDate};
use crate::domain::{Sha256, Timestamp};

/// More parts than any honest client asks for; beyond it the whole is sent.
const MOST_PARTS: usize = 16;

/// What can be said of a package without opening it: all that conditions and ranges need.
///
/// It never changes behind its address; a re-run is another export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representation {
    /// Its strong tag.
    pub etag: EntityTag,
    /// When it was completed.
    pub last_modified: HttpDate,
    /// Bytes.
    pub length: u64,
}

impl Representation {
    /// The representation of `length` bytes with this digest, there since `completed_at`.
    pub fn new(checksum: &Sha256, completed_at: Timestamp, length: u64) -> Self {
        Self { etag: EntityTag::strong(checksum), last_modified: completed_at.into(), length }
    }
}

/// What to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// 200: all of it.
    Whole,
    /// 206: one range, within the length and not empty.
    Part(Range<u64>),
    /// 206 `multipart/byteranges`: 2 to 16 ranges like that, disjoint, in the order asked; and
    /// the boundary between them.
    Parts(Vec<Range<u64>>, String),
    /// 304: the caller has it.
    NotModified,
    /// 412: the caller wants another one.
    PreconditionFailed,
    /// 416: nothing that was asked for is there.
    Unsatisfiable,
}

/// What to answer to a request, once it is known who asks and that the package is there.
///
/// Preconditions come before ranges, and a range means nothing unless bytes are to be sent:
/// `HEAD` is answered as a `GET` of the whole.
///
/// Source: RFC 9110 §13.2.2, §14.2.
pub fn plan(method: &Method, headers: &HeaderMap, representation: &Representation) -> Plan {
    match judge(method, headers, representation) {
        Verdict::Failed => Plan::PreconditionFailed,
        Verdict::NotModified => Plan::NotModified,
        Verdict::Proceed if method == Method::GET && range_applies(headers, representation) => {
            ranges(headers, representation)
        }
        Verdict::Proceed => Plan::Whole,
    }
}

fn ranges(headers: &HeaderMap, representation: &Representation) -> Plan {
    match asked(headers, representation.length) {
        Asked::Everything => Plan::Whole,
        Asked::NothingThatIs => Plan::Unsatisfiable,
        Asked::Ranges(ranges) if ranges.len() > MOST_PARTS => Plan::Whole,
        Asked::Ranges(mut ranges) => match ranges.pop() {
            Some(only) if ranges.is_empty() => Plan::Part(only),
            last => {
                ranges.extend(last);
                Plan::Parts(ranges, boundary(&representation.etag))
            }
        },
    }
}

/// The line between parts: 128 bits of the package's own digest, so that no package can contain
/// it but by finding a fixed point of SHA-256, and every node draws the same line.
fn boundary(etag: &EntityTag) -> String {
    format!("exportd-{:.32}", etag.opaque())
}
