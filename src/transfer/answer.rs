//! The answer to a download, to the last header.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::{HttpDate, Plan, Representation, disposition, multipart, plan};
use crate::domain::{Sha256, Timestamp, human_size};

/// The digest of the whole, whatever part of it is sent (RFC 9530 §3).
pub(super) const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");
/// The same for clients that ask in the older way (RFC 3230); aria2 verifies by it.
const DIGEST: HeaderName = HeaderName::from_static("digest");
const WANT_DIGEST: HeaderName = HeaderName::from_static("want-digest");
/// The size for people.
const X_PACKAGE_SIZE: HeaderName = HeaderName::from_static("x-package-size");
/// From when on it is gone (RFC 8594).
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// Longest a client may use its copy without asking again, in seconds: a deleted package is not
/// served from a cache for longer.
const LONGEST_FRESH: u64 = 3600;

/// What has to be known of a package to answer for it; its file need not be open.
#[derive(Debug, Clone, Copy)]
pub struct PackageFacts<'a> {
    /// SHA-256 of all its bytes.
    pub checksum: Sha256,
    /// Bytes.
    pub size: u64,
    /// What it is saved as; any script.
    pub file_name: &'a str,
    /// The media type of its format.
    pub media_type: &'static str,
    /// When it was completed.
    pub completed_at: Timestamp,
    /// From when on it is gone.
    pub expires_at: Timestamp,
}

/// Some bytes of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// These.
    Literal(Bytes),
    /// These of the package's file; never empty.
    File(Range<u64>),
}

impl Segment {
    /// Bytes.
    pub fn length(&self) -> u64 {
        match self {
            Self::Literal(bytes) => bytes.len() as u64,
            Self::File(range) => range.end - range.start,
        }
    }
}

/// A status, all headers, and the bytes to send: nothing is left to be decided.
///
/// 304 and 416 have no body (an older curl would append a 416's to the file). 412 has none here:
/// a document that tells why may take its place.
#[derive(Debug, Clone)]
pub struct Answer {
    /// 200, 206, 304, 412 or 416.
    pub status: StatusCode,
    /// Everything but `Date` and what belongs to the connection.
    pub headers: HeaderMap,
    /// The body, in order. Empty for `HEAD`, whatever `Content-Length` says.
    pub segments: Vec<Segment>,
}

/// The answer to a `GET` or `HEAD` of a package that is there for whoever asks, at `now`.
pub fn answer(method: &Method, headers: &HeaderMap, package: &PackageFacts<'_>, now: Timestamp) -> Answer {
    let representation = Representation::new(&package.checksum, package.completed_at, package.size);
    let mut answer =
        Answer { status: StatusCode::OK, headers: validators(&representation), segments: Vec::new() };
    match plan(method, headers, &representation) {
        Plan::Whole => {
            let all = (package.size > 0).then_some(Segment::File(0..package.size));
            answer.describe(package, headers, now);
            answer.send(StatusCode::OK, all.into_iter().collect());
        }
        Plan::Part(range) => {
            answer.describe(package, headers, now);
            answer.set(CONTENT_RANGE, multipart::content_range(&range, package.size));
            answer.send(StatusCode::PARTIAL_CONTENT, vec![Segment::File(range)]);
        }
        Plan::Parts(ranges, boundary) => {
            let parts = multipart::segments(&ranges, &boundary, package.media_type, package.size);
            answer.describe(package, headers, now);
            answer.set(CONTENT_TYPE, format!("multipart/byteranges; boundary={boundary}"));
            answer.send(StatusCode::PARTIAL_CONTENT, parts);
        }
        Plan::NotModified => {
            answer.status = StatusCode::NOT_MODIFIED;
            answer.limit_freshness(package, now);
        }
        Plan::PreconditionFailed => answer.status = StatusCode::PRECONDITION_FAILED,
        Plan::Unsatisfiable => {
            answer.set(CONTENT_RANGE, format!("bytes */{}", package.size));
            answer.send(StatusCode::RANGE_NOT_SATISFIABLE, Vec::new());
        }
    }
    if method == Method::HEAD {
        answer.segments.clear();
    }
    answer
}

/// What every answer carries, so that a client can always tell which bytes are spoken of:
/// Firefox drops its partial file on a 206 that lacks either of the two validators.
fn validators(representation: &Representation) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(ETAG, value(representation.etag.to_string()));
    headers.insert(LAST_MODIFIED, value(representation.last_modified.to_string()));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
}

impl Answer {
    /// What goes with bytes of the package, some or all.
    fn describe(&mut self, package: &PackageFacts<'_>, asked: &HeaderMap, now: Timestamp) {
        let digest = base64(&package.checksum);
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(package.media_type));
        self.set(CONTENT_DISPOSITION, disposition(package.file_name));
        self.set(REPR_DIGEST, format!("sha-256=:{digest}:"));
        if asked.contains_key(WANT_DIGEST) {
            self.set(DIGEST, format!("SHA-256={digest}"));
        }
        self.set(X_PACKAGE_SIZE, human_size(package.size));
        self.limit_freshness(package, now);
    }

    /// How long the copy may be used unasked, never beyond the package's own end; and that end.
    fn limit_freshness(&mut self, package: &PackageFacts<'_>, now: Timestamp) {
        let fresh = package.expires_at.since(now).as_secs().min(LONGEST_FRESH);
        self.set(CACHE_CONTROL, format!("private, no-transform, max-age={fresh}"));
        self.set(SUNSET, HttpDate::from(package.expires_at).to_string());
    }

    fn send(&mut self, status: StatusCode, segments: Vec<Segment>) {
        let length: u64 = segments.iter().map(Segment::length).sum();
        self.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        self.status = status;
        self.segments = segments;
    }

    fn set(&mut self, name: HeaderName, text: String) {
        self.headers.insert(name, value(text));
    }
}

/// A digest as header fields write it.
pub(super) fn base64(digest: &Sha256) -> String {
    BASE64.encode(digest.0)
}

pub(super) fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("every text made here is visible ASCII")
}

#[cfg(test)]
mod tests {
    use http::header::{IF_MATCH, IF_NONE_MATCH, RANGE};

    use super::*;

    const COMPLETED: i64 = 784_111_777_123;

    #[test]
    fn a_download_tells_all_there_is_to_know_of_it() {
        let answer = get(&[], COMPLETED);
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.segments, [Segment::File(0..12_582_912)]);
        let expected = [
            ("accept-ranges", "bytes"),
            ("cache-control", "private, no-transform, max-age=3600"),
            ("content-disposition", "attachment; filename=\"stra-e.zip\"; filename*=UTF-8''stra%C3%9Fe.zip"),
            ("content-length", "12582912"),
            ("content-type", "application/zip"),
            ("etag", "\"0000000000000000000000000000000000000000000000000000000000000000\""),
            ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("repr-digest", "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"),
            ("sunset", "Mon, 07 Nov 1994 08:49:37 GMT"),
            ("x-content-type-options", "nosniff"),
            ("x-package-size", "12.0 MB"),
        ];
        assert_eq!(sorted(&answer), expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    }

    #[test]
    fn a_part_says_which_and_otherwise_what_the_whole_says() {
        let answer = get(&[(RANGE, "bytes=0-99")], COMPLETED);
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT);
        assert_eq!(answer.segments, [Segment::File(0..100)]);
        assert_eq!(answer.headers[CONTENT_RANGE], "bytes 0-99/12582912");
        assert_eq!(answer.headers[CONTENT_LENGTH], "100");
        let whole = get(&[], COMPLETED);
        let same = whole.headers.iter().filter(|(name, _)| *name != CONTENT_LENGTH);
        for (name, text) in same {
            assert_eq!(answer.headers[name], text, "{name}");
        }
    }

    #[test]
    fn several_parts_name_their_places_inside_the_body_only() {
        let answer = get(&[(RANGE, "bytes=0-99,500-599")], COMPLETED);
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT);
        let boundary = "exportd-00000000000000000000000000000000";
        assert_eq!(answer.headers[CONTENT_TYPE], format!("multipart/byteranges; boundary={boundary}"));
        assert!(!answer.headers.contains_key(CONTENT_RANGE));
        let head = |place| {
            format!("--{boundary}\r\nContent-Type: application/zip\r\nContent-Range: {place}\r\n\r\n")
        };
        let expected = [
            Segment::Literal(head("bytes 0-99/12582912").into()),
            Segment::File(0..100),
            Segment::Literal(format!("\r\n{}", head("bytes 500-599/12582912")).into()),
            Segment::File(500..600),
            Segment::Literal(format!("\r\n--{boundary}--\r\n").into()),
        ];
        assert_eq!(answer.segments, expected);
        let length: u64 = expected.iter().map(Segment::length).sum();
        assert_eq!(answer.headers[CONTENT_LENGTH], length.to_string());
    }

    #[test]
    fn what_sends_no_bytes_still_tells_which_bytes_it_speaks_of() {
        let tag = "\"0000000000000000000000000000000000000000000000000000000000000000\"";
        let not_modified = get(&[(IF_NONE_MATCH, tag)], COMPLETED);
        let failed = get(&[(IF_MATCH, "\"other\"")], COMPLETED);
        let unsatisfiable = get(&[(RANGE, "bytes=12582912-")], COMPLETED);
        for (answer, status) in [(&not_modified, 304), (&failed, 412), (&unsatisfiable, 416)] {
            assert_eq!(answer.status, status);
            assert_eq!(answer.segments, []);
            assert_eq!(answer.headers[ETAG], tag);
            assert_eq!(answer.headers[LAST_MODIFIED], "Sun, 06 Nov 1994 08:49:37 GMT");
        }
        assert_eq!(not_modified.headers[CACHE_CONTROL], "private, no-transform, max-age=3600");
        assert!(!not_modified.headers.contains_key(CONTENT_LENGTH));
        assert_eq!(unsatisfiable.headers[CONTENT_RANGE], "bytes */12582912");
        assert_eq!(unsatisfiable.headers[CONTENT_LENGTH], "0");
    }

    #[test]
    fn head_tells_what_get_would() {
        let package = package();
        let answer = answer(&Method::HEAD, &headers(&[(RANGE, "bytes=0-9")]), &package, at(COMPLETED));
        assert_eq!(answer.segments, []);
        assert_eq!(sorted(&answer), sorted(&get(&[], COMPLETED)));
    }

    #[test]
    fn a_copy_is_fresh_until_the_package_ends_and_no_longer() {
        let day = 86_400_000;
        for (before_end, fresh) in
            [(day, 3600), (3_600_000, 3600), (3_599_999, 3599), (999, 0), (0, 0), (-5, 0)]
        {
            let answer = get(&[], COMPLETED + day - before_end);
            let expected = format!("private, no-transform, max-age={fresh}");
            assert_eq!(answer.headers[CACHE_CONTROL], expected, "{before_end} ms before its end");
        }
    }

    #[test]
    fn the_older_digest_is_sent_to_whoever_wants_one() {
        let wanted =
            get(&[(WANT_DIGEST, "SHA-512;q=1, SHA-256;q=1, SHA;q=0.1"), (RANGE, "bytes=5-9")], COMPLETED);
        assert_eq!(wanted.headers[DIGEST], "SHA-256=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        assert!(!get(&[], COMPLETED).headers.contains_key(DIGEST));
    }

    #[test]
    fn an_empty_package_has_an_empty_body() {
        let answer =
            answer(&Method::GET, &headers(&[]), &PackageFacts { size: 0, ..package() }, at(COMPLETED));
        assert_eq!((answer.status, answer.segments.len()), (StatusCode::OK, 0));
        assert_eq!(answer.headers[CONTENT_LENGTH], "0");
    }

    fn package() -> PackageFacts<'static> {
        PackageFacts {
            checksum: Sha256([0; 32]),
            size: 12_582_912,
            file_name: "straße.zip",
            media_type: "application/zip",
            completed_at: at(COMPLETED),
            expires_at: at(COMPLETED + 86_400_000),
        }
    }

    fn get(lines: &[(HeaderName, &'static str)], now: i64) -> Answer {
        answer(&Method::GET, &headers(lines), &package(), at(now))
    }

    fn headers(lines: &[(HeaderName, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, text)| (name.clone(), HeaderValue::from_static(text))).collect()
    }

    fn sorted(answer: &Answer) -> Vec<(String, String)> {
        let text = |value: &HeaderValue| value.to_str().expect("ASCII").to_owned();
        let mut lines: Vec<_> =
            answer.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        lines.sort();
        lines
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }
}
