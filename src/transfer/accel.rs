//! What nginx would answer, so that it is given only what it answers exactly as we do.
//!
//! nginx sends a file better than anyone, but reads a request by itself: it honours `Range` and
//! `If-Range` in its own way, answers `If-Match` and `If-None-Match` against a tag that it has not
//! been told yet, and drops every header that its configuration does not name. So its answer is
//! foretold here for requests that can only be read in one way, and compared with ours.
//!
//! Source: nginx's `ngx_http_range_filter_module.c` and `ngx_http_not_modified_filter_module.c`,
//! the same from 1.18 to 1.29.

use std::ops::Range;

use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, Method, StatusCode};

use super::{Answer, Segment};

/// Headers of an answer that come out the same when nginx gives it: those that it makes itself,
/// those that it keeps, and those that `nginx/snippets/exportd-packages.conf` puts back.
const CARRIED: [HeaderName; 14] = [
    ACCEPT_RANGES,
    CACHE_CONTROL,
    CONTENT_DISPOSITION,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    CONTENT_TYPE,
    ETAG,
    LAST_MODIFIED,
    VARY,
    X_CONTENT_TYPE_OPTIONS,
    HeaderName::from_static("digest"),
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("sunset"),
    HeaderName::from_static("x-package-size"),
];

/// Whether nginx, given the whole package and the headers of `answer`, would answer just that to
/// a request with this method and these headers.
///
/// No is always safe: then the bytes are sent by us, through the same proxy.
pub fn nginx_agrees(method: &Method, asked: &HeaderMap, answer: &Answer, length: u64) -> bool {
    let [Segment::File(sent)] = answer.segments.as_slice() else { return false };
    method == Method::GET
        && answer.headers.keys().all(|name| CARRIED.contains(name))
        && foretold(asked, &answer.headers, length)
            .is_some_and(|(status, bytes)| status == answer.status && bytes == *sent)
}

/// The status and the bytes that nginx would send, where that is beyond doubt.
fn foretold(asked: &HeaderMap, ours: &HeaderMap, length: u64) -> Option<(StatusCode, Range<u64>)> {
    let preconditions = [IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE];
    if preconditions.iter().any(|name| asked.contains_key(name)) {
        return None;
    }
    let whole = Some((StatusCode::OK, 0..length));
    let Some(range) = the_only(asked, RANGE)? else { return whole };
    let part = Some((StatusCode::PARTIAL_CONTENT, plain(range, length)?));
    match the_only(asked, IF_RANGE)? {
        None => part,
        Some(same) if is(ours, ETAG, same) || is(ours, LAST_MODIFIED, same) => part,
        // Byte by byte another tag than ours, be it a weak one.
        Some(tag) if tag.len() >= 2 && tag.ends_with('"') => whole,
        Some(_) => None,
    }
}

/// The value of the header `name`, if there is one; `None` when there are several, or when it is
/// no text: the two of us may not read it alike.
fn the_only(headers: &HeaderMap, name: HeaderName) -> Option<Option<&str>> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Some(None),
        (Some(only), None) => only.to_str().ok().map(Some),
        (Some(_), Some(_)) => None,
    }
}

fn is(headers: &HeaderMap, name: HeaderName, text: &str) -> bool {
    headers.get(name).is_some_and(|value| value == text)
}

/// The bytes that `bytes=a-b`, `bytes=a-` or `bytes=-n` asks for, written plainly and with at
/// least one byte there.
fn plain(range: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let bytes = match (number(first), number(last)) {
        (None, Some(suffix)) if first.is_empty() => length.checked_sub(suffix)?..length,
        (Some(first), None) if last.is_empty() => first..length,
        (Some(first), Some(last)) if first <= last => first..(last + 1).min(length),
        _ => return None,
    };
    (bytes.start < bytes.end).then_some(bytes)
}

/// A number as everyone writes and reads it: no leading zeros, far from where anybody's integers
/// end.
fn number(digits: &str) -> Option<u64> {
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits.len() <= 18
        && (digits == "0" || !digits.starts_with('0'));
    if is_plain { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::domain::{Sha256, Timestamp};
    use crate::transfer::{PackageFacts, answer};

    const LENGTH: u64 = 1_000;
    const TAG: &str = "\"abababababababababababababababababababababababababababababababab\"";
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn package() -> PackageFacts<'static> {
        PackageFacts {
            checksum: Sha256([0xab; 32]),
            size: LENGTH,
            file_name: "straße.zip",
            media_type: "application/zip",
            completed_at: Timestamp::from_millis(784_111_777_123),
            expires_at: Timestamp::from_millis(784_198_177_123),
        }
    }

    fn agrees(method: &Method, lines: &[(&str, &str)], package: &PackageFacts<'_>) -> bool {
        let mut asked = HeaderMap::new();
        for (name, value) in lines {
            let name = HeaderName::try_from(*name).expect("a name");
            asked.append(name, HeaderValue::from_str(value).expect("a value"));
        }
        let ours = answer(method, &asked, package, Timestamp::from_millis(784_111_777_123));
        nginx_agrees(method, &asked, &ours, package.size)
    }

    #[test]
    fn what_can_only_be_read_in_one_way_is_nginx_s() {
        let digest = ("want-digest", "SHA-256");
        let [etag, date] = [("if-range", TAG), ("if-range", DATE)];
        for lines in [
            &[][..],
            &[digest],
            &[("range", "bytes=0-0")],
            &[("range", "bytes=0-")],
            &[("range", "bytes=999-999"), digest],
            &[("range", "bytes=999-999999999999999999")],
            &[("range", "bytes=-1")],
            &[("range", "bytes=-1000")],
            &[("range", "bytes=5-"), etag],
            &[("range", "bytes=5-"), date],
            &[("range", "bytes=5-"), ("if-range", "\"other\"")],
            &[("range", "bytes=5-"), ("if-range", "W/\"other\"")],
            &[etag],
        ] {
            assert!(agrees(&Method::GET, lines, &package()), "{lines:?}");
        }
    }

    #[test]
    fn everything_else_is_ours() {
        for lines in [
            &[("if-match", TAG)][..],
            &[("if-none-match", "\"other\"")],
            &[("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT")],
            &[("if-unmodified-since", DATE)],
            &[("range", "bytes=5-"), ("if-match", TAG), ("if-unmodified-since", DATE)],
            &[("range", "bytes=0-0,500-500")],
            &[("range", "bytes=0-0,")],
            &[("range", "bytes=0-0,1-1")],
            &[("range", "Bytes=0-0")],
            &[("range", "bytes= 0-0")],
            &[("range", "bytes=00-0")],
            &[("range", "bytes=0-01")],
            &[("range", "bytes=5-4")],
            &[("range", "bytes=1000-")],
            &[("range", "bytes=-0")],
            &[("range", "bytes=-1001")],
            &[("range", "bytes=0-1000000000000000000")],
            &[("range", "bytes=-")],
            &[("range", "bytes=")],
            &[("range", "lines=0-0")],
            &[("range", "")],
            &[("range", "bytes=0-0"), ("range", "bytes=0-0")],
            &[("range", "bytes=5-"), ("if-range", "Sunday, 06-Nov-94 08:49:37 GMT")],
            &[("range", "bytes=5-"), ("if-range", "Sun, 06 Nov 1994 08:49:36 GMT")],
            &[("range", "bytes=5-"), ("if-range", "yesterday")],
            &[("range", "bytes=5-"), ("if-range", "\"")],
            &[("range", "bytes=5-"), ("if-range", TAG), ("if-range", TAG)],
        ] {
            assert!(!agrees(&Method::GET, lines, &package()), "{lines:?}");
        }
        for method in [Method::HEAD, Method::POST] {
            assert!(!agrees(&method, &[], &package()), "{method}");
        }
        assert!(!agrees(&Method::GET, &[], &PackageFacts { size: 0, ..package() }));
    }

    #[test]
    fn a_header_that_nginx_would_lose_keeps_the_answer_here() {
        let asked = HeaderMap::new();
        let mut ours = answer(&Method::GET, &asked, &package(), Timestamp::from_millis(784_111_777_123));
        assert!(nginx_agrees(&Method::GET, &asked, &ours, LENGTH));
        ours.headers.insert("x-new", HeaderValue::from_static("1"));
        assert!(!nginx_agrees(&Method::GET, &asked, &ours, LENGTH));
    }
}
