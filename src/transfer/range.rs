//! From a `Range` header to the bytes it asks for.

use std::ops::Range;

use http::HeaderMap;
use http::header::RANGE;
use http_range_header::{EndPosition, StartPosition, SyntacticallyCorrectRange, parse_range_header};

/// Two ranges with fewer bytes than this between them are sent as one: the head of another part
/// would cost as much (RFC 9110 §15.3.7.2).
const SMALLEST_GAP: u64 = 80;

/// What a `Range` header asks for, of a representation of known length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing in particular: there is no such header, or none that can be understood.
    Everything,
    /// Only bytes that are not there.
    NothingThatIs,
    /// These: within the length, not empty, at least [`SMALLEST_GAP`] apart, in the order asked.
    Ranges(Vec<Range<u64>>),
}

/// What the `Range` header of a request asks for. Takes time n·log n in the header's length,
/// whatever stands in it.
///
/// Two lines are no list, since the field is none, and say nothing (§14.2).
///
/// Source: RFC 9110 §14.1.2, §14.2.
pub(super) fn asked(headers: &HeaderMap, length: u64) -> Asked {
    let mut lines = headers.get_all(RANGE).iter();
    let (Some(only), None) = (lines.next(), lines.next()) else { return Asked::Everything };
    let Some(specs) = only.to_str().ok().and_then(specs) else { return Asked::Everything };
    let there: Vec<_> = specs.iter().filter_map(|spec| resolve(spec, length)).collect();
    match there.first() {
        None => Asked::NothingThatIs,
        // The end of an empty package: it can be sent, but no Content-Range can tell of it.
        Some(_) if length == 0 => Asked::Everything,
        Some(_) => Asked::Ranges(coalesce(there)),
    }
}

/// The specs of a valid header, without those that never match anything (`-0`).
/// `None` if the unit is not ours or any part of it is malformed.
fn specs(header: &str) -> Option<Vec<SyntacticallyCorrectRange>> {
    match normalise(header)?.as_str() {
        "bytes" => Some(Vec::new()),
        plain => parse_range_header(plain).ok().map(|parsed| parsed.ranges),
    }
}

/// Writes a header as `http-range-header` takes it: the unit in lower case, no white space, no
/// empty elements, no leading zeros, no number beyond 64 bits, and no `-0`, which is valid but
/// never satisfiable. `None` if it is no valid header of our unit.
fn normalise(header: &str) -> Option<String> {
    let (unit, set) = header.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut specs = set.split(',').map(|spec| spec.trim_matches([' ', '\t'])).filter(|spec| !spec.is_empty());
    let mut normal = String::with_capacity(header.len());
    normal.push_str("bytes");
    let mut separator = '=';
    let mut next = Some(specs.next()?);
    while let Some(spec) = next {
        let (first, last) = spec.split_once('-')?;
        let (first, last) = (significant(first)?, significant(last)?);
        if is_greater(first, last) {
            return None;
        }
        if (first, last) != ("", "0") {
            normal.extend([separator.encode_utf8(&mut [0; 1]), clip(first), "-", clip(last)]);
            separator = ',';
        }
        next = specs.next();
    }
    Some(normal)
}

/// The digits that count; `None` if there is anything but digits.
fn significant(number: &str) -> Option<&str> {
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match number.trim_start_matches('0') {
        "" => Some(&number[..number.len().min(1)]),
        digits => Some(digits),
    }
}

/// Whether both numbers are there and `first` is the greater. Compared as written, since two
/// numbers beyond 64 bits are the same once they are clipped.
fn is_greater(first: &str, last: &str) -> bool {
    !last.is_empty() && (first.len(), first) > (last.len(), last)
}

/// The number, or the greatest that 64 bits hold: beyond the end is beyond the end.
fn clip(digits: &str) -> &str {
    const GREATEST: &str = "18446744073709551615";
    if (digits.len(), digits) > (GREATEST.len(), GREATEST) { GREATEST } else { digits }
}

/// The bytes of `spec` that there are; `None` if there are none. A suffix longer than the whole
/// is the whole, be it empty.
fn resolve(spec: &SyntacticallyCorrectRange, length: u64) -> Option<Range<u64>> {
    let end = match spec.end {
        EndPosition::Index(last) => last.saturating_add(1).min(length),
        EndPosition::LastByte => length,
    };
    match spec.start {
        StartPosition::Index(first) => (first < length).then_some(first..end),
        StartPosition::FromLast(suffix) => Some(length.saturating_sub(suffix)..end),
    }
}

/// Joins what overlaps or nearly touches; what is joined stands where its earliest part was
/// asked for.
fn coalesce(ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut by_start: Vec<_> = ranges.into_iter().enumerate().collect();
    by_start.sort_unstable_by_key(|(_, range)| range.start);
    let mut joined: Vec<(usize, Range<u64>)> = Vec::new();
    for (place, range) in by_start {
        match joined.last_mut() {
            Some((first_place, last)) if range.start < last.end.saturating_add(SMALLEST_GAP) => {
                last.end = last.end.max(range.end);
                *first_place = place.min(*first_place);
            }
            _ => joined.push((place, range)),
        }
    }
    joined.sort_unstable_by_key(|(place, _)| *place);
    joined.into_iter().map(|(_, range)| range).collect()
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "a list of one range is what is meant")]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_rewritten_in_its_plainest_form() {
        for (header, plain) in [
            ("bytes=0-1", Some("bytes=0-1")),
            ("ByTeS= 00-01 ,,\t2- , -003,-0", Some("bytes=0-1,2-,-3")),
            ("bytes=-0", Some("bytes")),
            ("bytes=0-99999999999999999999", Some("bytes=0-18446744073709551615")),
            ("bytes=99999999999999999999-99999999999999999998", None),
            ("bytes=1-0", None),
            ("bytes=", None),
            ("bytes = 0-1", None),
            ("bytes=0 - 1", None),
            ("bytes=+0-1", None),
            ("items=0-1", None),
            ("", None),
        ] {
            assert_eq!(normalise(header).as_deref(), plain, "{header}");
        }
    }

    #[test]
    fn ranges_are_joined_where_the_earliest_stood() {
        for (asked, sent) in [
            (vec![500..600, 0..10, 590..700], vec![500..700, 0..10]),
            (vec![0..10, 89..100], vec![0..100]),
            (vec![0..10, 90..100], vec![0..10, 90..100]),
            (vec![900..910, 0..10, 300..310, 20..30], vec![900..910, 0..30, 300..310]),
            (vec![0..1000, 5..6, 7..8], vec![0..1000]),
        ] {
            assert_eq!(coalesce(asked.clone()), sent, "{asked:?}");
        }
    }
}
