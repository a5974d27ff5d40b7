//! What holds for every request, also for those nobody has thought of.

#![expect(clippy::single_range_in_vec_init, reason = "a list of one range is what is meant")]

use std::ops::Range;

use http::header::{
    CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE, RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{Answer, HttpDate, PackageFacts, Plan, Representation, Segment, answer, plan};
use crate::domain::{Sha256, Timestamp};

const FIELDS: [HeaderName; 6] =
    [RANGE, IF_RANGE, IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE];

proptest! {
    #[test]
    fn no_header_of_random_bytes_makes_it_panic(
        lines in vec((0..FIELDS.len(), vec(any::<u8>(), 0..200)), 0..8),
        length in any::<u64>(),
    ) {
        let mut headers = HeaderMap::new();
        for (field, bytes) in lines {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                headers.append(&FIELDS[field], value);
            }
        }
        holds(&plan(&Method::GET, &headers, &representation(length)), length)?;
    }

    #[test]
    fn nothing_that_resembles_a_range_makes_it_panic(
        header in "(bytes|Bytes|items)?=?([0-9, \t-]|18446744073709551615|-0|,){0,60}",
        length in prop_oneof![0..5u64, any::<u64>()],
    ) {
        holds(&plan(&Method::GET, &range(&header), &representation(length)), length)?;
    }

    #[test]
    fn nothing_that_resembles_a_date_makes_it_panic(
        date in "(Sun|Sunday|Thursday)?,? ?[0-9]{0,2}[ -](Nov|Feb|Dec)[ -]+[0-9]{1,4} [0-9:]{5,9} ?(GMT|[0-9]{4})?.{0,3}",
    ) {
        if let Some(read) = HttpDate::parse(&date) {
            prop_assert_eq!(read.to_string().len(), 29);
        }
    }

    #[test]
    fn a_date_that_was_written_is_read_back(millis in -1_000_000_000_000_000..300_000_000_000_000i64) {
        let date = HttpDate::from(Timestamp::from_millis(millis));
        prop_assert_eq!(HttpDate::parse(&date.to_string()), Some(date));
    }

    #[test]
    fn every_byte_asked_for_is_planned_and_few_others(asked in asked_ranges(), length in 1..5_000u64) {
        let planned = match plan(&Method::GET, &range(&header_of(&asked)), &representation(length)) {
            Plan::Whole => vec![0..length],
            Plan::Part(range) => vec![range],
            Plan::Parts(ranges, _) => ranges,
            Plan::Unsatisfiable => Vec::new(),
            other => return Err(TestCaseError::fail(format!("{other:?}"))),
        };
        for byte in 0..length {
            let wanted = asked.iter().any(|range| range.contains(&byte));
            let sent = planned.iter().any(|range| range.contains(&byte));
            prop_assert!(sent || !wanted, "byte {} is missing", byte);
        }
        let wanted: u64 = asked.iter().map(|range| range.end.min(length).saturating_sub(range.start)).sum();
        let sent: u64 = planned.iter().map(|range| range.end - range.start).sum();
        let whole = planned == [0..length];
        prop_assert!(whole || sent <= wanted + 80 * asked.len() as u64, "{} asked, {} sent", wanted, sent);
    }

    #[test]
    fn parts_come_in_the_order_asked(asked in asked_ranges()) {
        if let Plan::Parts(parts, _) = plan(&Method::GET, &range(&header_of(&asked)), &representation(5_000)) {
            let place = |part: &Range<u64>| asked.iter().position(|range| part.contains(&range.start));
            let places: Vec<_> = parts.iter().map(place).collect();
            prop_assert!(places.iter().all(Option::is_some), "a part that nobody asked for");
            prop_assert!(places.is_sorted(), "{:?}", places);
        }
    }

    #[test]
    fn a_package_downloaded_in_pieces_is_the_package(cuts in vec(1..2_000u64, 0..20)) {
        let package: Vec<u8> = (0..2_000u32).map(|at| (at % 251) as u8).collect();
        let mut ends = [cuts, vec![2_000]].concat();
        ends.sort_unstable();
        ends.dedup();
        let mut got = Vec::new();
        for end in ends {
            let header = format!("bytes={}-{}", got.len(), end - 1);
            let answer = answered(&range(&header), 2_000);
            prop_assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT);
            got.extend(body(&answer, &package));
        }
        prop_assert_eq!(got, package);
    }

    #[test]
    fn a_body_is_as_long_as_its_header_says(asked in asked_ranges(), length in 1..5_000u64) {
        let answer = answered(&range(&header_of(&asked)), length);
        let package = vec![7; usize::try_from(length).expect("a small package")];
        let body = body(&answer, &package);
        prop_assert_eq!(&answer.headers[CONTENT_LENGTH], &body.len().to_string());
        prop_assert!(body.len() as u64 <= length + 17 * 200, "more than the package and its framing");
    }

    #[test]
    fn a_multipart_body_is_read_back_as_the_ranges_it_holds(asked in asked_ranges()) {
        let package: Vec<u8> = (0..5_000u32).map(|at| (at % 251) as u8).collect();
        let answer = answered(&range(&header_of(&asked)), 5_000);
        if let Plan::Parts(ranges, boundary) =
            plan(&Method::GET, &range(&header_of(&asked)), &representation(5_000))
        {
            let content_type = format!("multipart/byteranges; boundary={boundary}");
            prop_assert_eq!(&answer.headers[CONTENT_TYPE], &content_type);
            prop_assert!(!answer.headers.contains_key(CONTENT_RANGE));
            prop_assert_eq!(unpacked(&body(&answer, &package), &boundary), parts_of(&package, &ranges));
        }
    }
}

#[test]
fn a_header_of_32_kib_is_one_pass_and_one_sort() {
    let reach = 16 * 1024;
    for set in [
        "0-,".repeat(reach / 3),
        "-1,".repeat(reach / 3),
        ",".repeat(2 * reach),
        "0-0,999999999999-,".repeat(reach / 9),
        (0..reach as u64 / 6).map(|at| format!("{}-{},", at * 100, at * 100)).collect(),
        (0..reach as u64 / 6).rev().map(|at| format!("{}-{},", at * 50, at * 60)).collect(),
        format!("0-{}", "9".repeat(2 * reach)),
    ] {
        let planned = plan(&Method::GET, &range(&format!("bytes={set}")), &representation(1 << 40));
        assert!(holds(&planned, 1 << 40).is_ok(), "{planned:?}");
    }
    let tags = "\"a\", W/\"b\",".repeat(reach / 6);
    let headers = HeaderMap::from_iter([(IF_MATCH, HeaderValue::try_from(tags).expect("a header value"))]);
    assert_eq!(plan(&Method::GET, &headers, &representation(1)), Plan::PreconditionFailed);
}

/// What every plan promises.
fn holds(plan: &Plan, length: u64) -> Result<(), TestCaseError> {
    let mut ranges = match plan {
        Plan::Part(range) => vec![range.clone()],
        Plan::Parts(ranges, boundary) => {
            prop_assert!((2..=16).contains(&ranges.len()));
            prop_assert!((1..=70).contains(&boundary.len()), "RFC 2046 §5.1.1");
            ranges.clone()
        }
        _ => return Ok(()),
    };
    ranges.sort_unstable_by_key(|range| range.start);
    prop_assert!(ranges.iter().all(|range| range.start < range.end && range.end <= length));
    prop_assert!(ranges.windows(2).all(|pair| pair[0].end + 80 <= pair[1].start));
    Ok(())
}

fn asked_ranges() -> impl Strategy<Value = Vec<Range<u64>>> {
    vec((0..6_000u64, 1..400u64).prop_map(|(start, size)| start..start + size), 1..20)
}

fn header_of(ranges: &[Range<u64>]) -> String {
    let specs: Vec<_> = ranges.iter().map(|range| format!("{}-{}", range.start, range.end - 1)).collect();
    format!("bytes={}", specs.join(","))
}

fn range(header: &str) -> HeaderMap {
    HeaderMap::from_iter([(RANGE, HeaderValue::from_str(header).expect("a header value"))])
}

fn representation(length: u64) -> Representation {
    Representation::new(&Sha256([0xab; 32]), Timestamp::from_millis(0), length)
}

fn answered(headers: &HeaderMap, size: u64) -> Answer {
    let package = PackageFacts {
        checksum: Sha256([0xab; 32]),
        size,
        file_name: "shop.zip",
        media_type: "application/zip",
        completed_at: Timestamp::from_millis(0),
        expires_at: Timestamp::from_millis(86_400_000),
    };
    answer(&Method::GET, headers, &package, Timestamp::from_millis(1_000))
}

fn body(answer: &Answer, package: &[u8]) -> Vec<u8> {
    let slice = |range: &Range<u64>| &package[range.start as usize..range.end as usize];
    let bytes = answer.segments.iter().flat_map(|segment| match segment {
        Segment::Literal(bytes) => bytes.as_ref(),
        Segment::File(range) => slice(range),
    });
    bytes.copied().collect()
}

/// The parts of a multipart body as a client would take them apart: the bytes behind each head,
/// by the Content-Range in it.
fn unpacked(body: &[u8], boundary: &str) -> Vec<(String, Vec<u8>)> {
    let body = [b"\r\n", body].concat();
    let delimiter = format!("\r\n--{boundary}");
    let at: Vec<_> = (0..body.len()).filter(|at| body[*at..].starts_with(delimiter.as_bytes())).collect();
    assert!(body.ends_with(format!("{delimiter}--\r\n").as_bytes()), "the closing boundary");
    let parts = at.windows(2).map(|pair| &body[pair[0] + delimiter.len()..pair[1]]);
    parts
        .map(|part| {
            part.windows(4)
                .position(|four| four == b"\r\n\r\n")
                .map(|end| part.split_at(end + 4))
                .expect("a head")
        })
        .map(|(head, bytes)| (String::from_utf8_lossy(head).into_owned(), bytes.to_vec()))
        .collect()
}

fn parts_of(package: &[u8], ranges: &[Range<u64>]) -> Vec<(String, Vec<u8>)> {
    let part = |range: &Range<u64>| {
        let place = format!("bytes {}-{}/{}", range.start, range.end - 1, package.len());
        let head = format!("\r\nContent-Type: application/zip\r\nContent-Range: {place}\r\n\r\n");
        (head, package[range.start as usize..range.end as usize].to_vec())
    };
    ranges.iter().map(part).collect()
}
