//! Several ranges in one body.

use std::ops::Range;

use bytes::Bytes;

use super::Segment;

/// The body of a `multipart/byteranges` answer: before each range a head that tells its type and
/// its place among the `length` bytes, and after the last the closing boundary.
///
/// Source: RFC 9110 §14.6, RFC 2046 §5.1.1.
pub(super) fn segments(ranges: &[Range<u64>], boundary: &str, media_type: &str, length: u64) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(2 * ranges.len() + 1);
    let mut line_break = "";
    for range in ranges {
        let place = content_range(range, length);
        segments.push(literal(format!(
            "{line_break}--{boundary}\r\nContent-Type: {media_type}\r\nContent-Range: {place}\r\n\r\n"
        )));
        segments.push(Segment::File(range.clone()));
        line_break = "\r\n";
    }
    segments.push(literal(format!("\r\n--{boundary}--\r\n")));
    segments
}

/// `bytes 0-99/1000`, of a range that is not empty.
pub(super) fn content_range(range: &Range<u64>, length: u64) -> String {
    format!("bytes {}-{}/{length}", range.start, range.end - 1)
}

fn literal(text: String) -> Segment {
    Segment::Literal(Bytes::from(text))
}
