//! What a server says of a package before it sends any of it.

use std::ops::Range;

use http::header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, ETAG};
use http::{HeaderMap, HeaderValue};

use super::{digest, name};
use crate::domain::Sha256;

/// A package as offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// Bytes, where that is told.
    pub size: Option<u64>,
    /// Its strong `ETag`: by it, parts that came at different times are known to be of one whole.
    pub tag: Option<HeaderValue>,
    /// The SHA-256 of all its bytes.
    pub sha256: Option<Sha256>,
    /// What to call it: a harmless file name.
    pub name: Option<String>,
    /// Whether the server says that it sends parts.
    pub takes_ranges: bool,
}

impl Offer {
    /// The offer in these headers, of an answer to `HEAD` or of a whole one to `GET`.
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        Self {
            size: text(CONTENT_LENGTH).and_then(|size| size.trim().parse().ok()),
            tag: strong_tag(headers),
            sha256: digest::promised(headers),
            name: headers.get(CONTENT_DISPOSITION).and_then(|value| name::suggested(value.as_bytes())),
            takes_ranges: text(ACCEPT_RANGES).is_some_and(|unit| unit.trim().eq_ignore_ascii_case("bytes")),
        }
    }

    /// Its size, if it can be fetched in parts that are sure to belong together.
    pub fn in_parts(&self) -> Option<u64> {
        self.size.filter(|_| self.takes_ranges && self.tag.is_some())
    }

    /// Whether it tells a SHA-256: as a digest or, where something on the way took that away, as a
    /// tag that is one.
    pub fn is_sealed(&self) -> bool {
        let is_digest = |tag: &HeaderValue| {
            let hex = tag.as_bytes().strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\""));
            hex.is_some_and(|hex| hex.len() == 64 && hex.iter().all(u8::is_ascii_hexdigit))
        };
        self.sha256.is_some() || self.tag.as_ref().is_some_and(is_digest)
    }

    /// The same package from a server that turned out to send it only as a whole.
    pub fn only_whole(&self) -> Self {
        Self { takes_ranges: false, ..self.clone() }
    }

    /// Whether an answer with these headers is of the same package.
    pub fn is_still(&self, headers: &HeaderMap) -> bool {
        match (&self.sha256, digest::promised(headers)) {
            (Some(ours), Some(theirs)) => *ours == theirs,
            _ => self.tag == strong_tag(headers),
        }
    }
}

/// A weak tag promises a like meaning, not the same bytes (RFC 9110 §8.8.1).
fn strong_tag(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(ETAG).filter(|tag| tag.as_bytes().starts_with(b"\"")).cloned()
}

/// Which bytes a 206 brings, and of how many (RFC 9110 §14.4).
pub fn content_range(headers: &HeaderMap) -> Option<(Range<u64>, Option<u64>)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (unit, rest) = text.trim().split_once(' ')?;
    let (range, size) = rest.trim().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let range = first.trim().parse().ok()?..last.trim().parse::<u64>().ok()?.checked_add(1)?;
    let is_range = unit.eq_ignore_ascii_case("bytes") && range.start < range.end;
    let size = if size == "*" { None } else { Some(size.parse().ok()?) };
    is_range.then_some((range, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let lines = lines
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value)));
        lines.collect()
    }

    #[test]
    fn only_a_strong_tag_a_size_and_ranges_together_make_parts() {
        let of = |lines: &[_]| Offer::of(&headers(lines)).in_parts();
        let (size, ranges) = (("content-length", "7"), ("accept-ranges", "Bytes"));
        assert_eq!(of(&[size, ranges, ("etag", "\"a\"")]), Some(7));
        assert_eq!(of(&[size, ranges, ("etag", "W/\"a\"")]), None);
        assert_eq!(of(&[size, ranges]), None);
        assert_eq!(of(&[size, ("accept-ranges", "none"), ("etag", "\"a\"")]), None);
        assert_eq!(of(&[ranges, ("etag", "\"a\"")]), None);
    }

    #[test]
    fn a_digest_is_one_in_a_tag_too_and_a_web_servers_tag_is_none() {
        let sealed = |line: (&'static str, &'static str)| Offer::of(&headers(&[line])).is_sealed();
        const HEX: &str = "\"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\"";
        assert!(sealed(("etag", HEX)));
        assert!(sealed(("repr-digest", "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:")));
        assert!(!sealed(("etag", "\"5f3a-2c\"")) && !sealed(("content-length", "7")));
    }

    #[test]
    fn another_tag_or_digest_is_another_package() {
        let ours = Offer::of(&headers(&[("etag", "\"a\"")]));
        assert!(ours.is_still(&headers(&[("etag", "\"a\"")])));
        assert!(!ours.is_still(&headers(&[("etag", "\"b\"")])));
        assert!(!ours.is_still(&headers(&[])));
    }

    #[test]
    fn a_content_range_says_which_bytes_come() {
        let of = |text| content_range(&headers(&[("content-range", text)]));
        assert_eq!(of("bytes 0-9/100"), Some((0..10, Some(100))));
        assert_eq!(of("BYTES 5-5/*"), Some((5..6, None)));
        for wrong in
            ["bytes */100", "bytes 9-5/100", "lines 0-9/100", "bytes 0-18446744073709551615/*", "bytes 0-9"]
        {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
