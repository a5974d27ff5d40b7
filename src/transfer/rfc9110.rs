//! RFC 9110 as a table: one request a line, and what it must be answered.
//!
//! The package: 1,000 bytes, completed on 6 November 1994 at 08:49:37 GMT and a bit. `TAG` is its
//! opaque tag. Lines of a request are divided by ` | `. A 206 tells its ranges as they would
//! stand in Content-Range.

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::{Plan, Representation, plan};
use crate::domain::{Sha256, Timestamp};

const SINGLE_RANGES: &[(&str, &str)] = &[
    // §14.1.2: first and last, open end, suffix
    ("GET", "200"),
    ("GET | Range: bytes=0-99", "206 0-99"),
    ("GET | Range: bytes=0-0", "206 0-0"),
    ("GET | Range: bytes=999-999", "206 999-999"),
    ("GET | Range: bytes=100-", "206 100-999"),
    ("GET | Range: bytes=0-", "206 0-999"),
    ("GET | Range: bytes=999-", "206 999-999"),
    ("GET | Range: bytes=-1", "206 999-999"),
    ("GET | Range: bytes=-500", "206 500-999"),
    ("GET | Range: bytes=-1000", "206 0-999"),
    // beyond the end: cut, the whole, or nothing
    ("GET | Range: bytes=0-999", "206 0-999"),
    ("GET | Range: bytes=0-1000", "206 0-999"),
    ("GET | Range: bytes=500-5000", "206 500-999"),
    ("GET | Range: bytes=-1001", "206 0-999"),
    ("GET | Range: bytes=1000-", "416"),
    ("GET | Range: bytes=1000-1000", "416"),
    ("GET | Range: bytes=5000-6000", "416"),
    ("GET | Range: bytes=-0", "416"),
    ("GET | Range: bytes=-000", "416"),
    // numbers beyond 64 bits are numbers
    ("GET | Range: bytes=0-18446744073709551615", "206 0-999"),
    ("GET | Range: bytes=0-18446744073709551616", "206 0-999"),
    ("GET | Range: bytes=0-99999999999999999999999999", "206 0-999"),
    ("GET | Range: bytes=-99999999999999999999999999", "206 0-999"),
    ("GET | Range: bytes=18446744073709551615-", "416"),
    ("GET | Range: bytes=18446744073709551616-", "416"),
    ("GET | Range: bytes=18446744073709551616-18446744073709551617", "416"),
    ("GET | Range: bytes=18446744073709551617-18446744073709551616", "200"),
    ("GET | Range: bytes=99999999999999999999999999-5", "200"),
    // leading zeros are digits
    ("GET | Range: bytes=00-09", "206 0-9"),
    ("GET | Range: bytes=0000000000000000000000000010-0000000000000000000000000019", "206 10-19"),
    ("GET | Range: bytes=-0001", "206 999-999"),
    // §14.1: units are case-insensitive, others unknown; §14.2: unknown is ignored
    ("GET | Range: Bytes=0-99", "206 0-99"),
    ("GET | Range: BYTES=0-99", "206 0-99"),
    ("GET | Range: items=0-99", "200"),
    ("GET | Range: byte=0-99", "200"),
    ("GET | Range: bytess=0-99", "200"),
    ("GET | Range: none", "200"),
    ("GET | Range: seconds=1000-2000", "200"),
    // §14.2: what is malformed is ignored
    ("GET | Range: bytes", "200"),
    ("GET | Range: bytes=", "200"),
    ("GET | Range: bytes=-", "200"),
    ("GET | Range: bytes=0", "200"),
    ("GET | Range: bytes=--5", "200"),
    ("GET | Range: bytes=0--5", "200"),
    ("GET | Range: bytes=0-5-", "200"),
    ("GET | Range: bytes=5-0", "200"),
    ("GET | Range: bytes=1000-999", "200"),
    ("GET | Range: bytes=+0-99", "200"),
    ("GET | Range: bytes=0-+99", "200"),
    ("GET | Range: bytes=0x0-0xff", "200"),
    ("GET | Range: bytes=a-b", "200"),
    ("GET | Range: bytes=0-1.5", "200"),
    ("GET | Range: bytes=0 -99", "200"),
    ("GET | Range: bytes=0- 99", "200"),
    ("GET | Range: bytes =0-99", "200"),
    ("GET | Range: bytes:0-99", "200"),
    ("GET | Range: 0-99", "200"),
    ("GET | Range: =0-99", "200"),
    ("GET | Range: ", "200"),
    ("GET | Range: bytes=\u{e9}-", "200"),
    ("GET | Range: bytes=0-99;q=1", "200"),
    ("GET | Range: bytes=0-9=9", "200"),
    // §5.3: not a list field, so two lines say nothing
    ("GET | Range: bytes=0-99 | Range: bytes=200-299", "200"),
    ("GET | Range: bytes=0-99 | Range: bytes=0-99", "200"),
];

const RANGE_SETS: &[(&str, &str)] = &[
    // §15.3.7.2: in the order asked
    ("GET | Range: bytes=0-99,500-599", "206 0-99 500-599"),
    ("GET | Range: bytes=500-599,0-99", "206 500-599 0-99"),
    ("GET | Range: bytes=0-0,-1", "206 0-0 999-999"),
    ("GET | Range: bytes=-1,0-0", "206 999-999 0-0"),
    ("GET | Range: bytes=900-,0-9,400-499", "206 900-999 0-9 400-499"),
    // §5.6.1: white space and empty elements
    ("GET | Range: bytes=0-99 , 500-599", "206 0-99 500-599"),
    ("GET | Range: bytes=0-99,\t500-599", "206 0-99 500-599"),
    ("GET | Range: bytes= 0-99", "206 0-99"),
    ("GET | Range: bytes=0-99 ", "206 0-99"),
    ("GET | Range: bytes=,0-99", "206 0-99"),
    ("GET | Range: bytes=0-99,", "206 0-99"),
    ("GET | Range: bytes=, ,0-99,, ,500-599,", "206 0-99 500-599"),
    ("GET | Range: bytes=,", "200"),
    ("GET | Range: bytes= , ,", "200"),
    // one that cannot be satisfied leaves the others be
    ("GET | Range: bytes=0-99,1000-1099", "206 0-99"),
    ("GET | Range: bytes=1000-,0-99", "206 0-99"),
    ("GET | Range: bytes=-0,0-99", "206 0-99"),
    ("GET | Range: bytes=-0,0-99,99999999999999999999-,500-599", "206 0-99 500-599"),
    ("GET | Range: bytes=1000-,2000-2001", "416"),
    ("GET | Range: bytes=-0,-0", "416"),
    ("GET | Range: bytes=-0,1000-", "416"),
    // one that is malformed spoils the header
    ("GET | Range: bytes=0-99,x", "200"),
    ("GET | Range: bytes=0-99,-", "200"),
    ("GET | Range: bytes=0-99,5-0", "200"),
    ("GET | Range: bytes=1000-,5-0", "200"),
    ("GET | Range: bytes=-0,x", "200"),
    ("GET | Range: bytes=0-99;500-599", "200"),
    ("GET | Range: bytes=0-99,bytes=500-599", "200"),
    ("GET | Range: bytes=0-99 500-599", "200"),
    // overlaps and gaps under 80 bytes are closed
    ("GET | Range: bytes=0-99,50-149", "206 0-149"),
    ("GET | Range: bytes=50-149,0-99", "206 0-149"),
    ("GET | Range: bytes=0-99,100-199", "206 0-199"),
    ("GET | Range: bytes=0-99,179-199", "206 0-199"),
    ("GET | Range: bytes=0-99,180-199", "206 0-99 180-199"),
    ("GET | Range: bytes=0-99,0-99,0-99", "206 0-99"),
    ("GET | Range: bytes=0-999,100-199", "206 0-999"),
    ("GET | Range: bytes=-1000,-1", "206 0-999"),
    ("GET | Range: bytes=0-9,500-509,20-29", "206 0-29 500-509"),
    ("GET | Range: bytes=500-509,0-9,20-29", "206 500-509 0-29"),
    ("GET | Range: bytes=0-9,200-209,400-409,100-330", "206 0-9 100-409"),
    // and many that are one are one, while many that are many are sent as asked
    (
        "GET | Range: bytes=0-0,81-81,162-162,243-243,324-324,405-405,486-486,567-567,648-648,729-729,810-810,891-891,972-972",
        "206 0-0 81-81 162-162 243-243 324-324 405-405 486-486 567-567 648-648 729-729 810-810 891-891 972-972",
    ),
    ("GET | Range: bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-", "206 0-999"),
];

const IF_RANGE: &[(&str, &str)] = &[
    // §13.1.5: exactly these bytes, or all of them
    ("GET | Range: bytes=0-99 | If-Range: \"TAG\"", "206 0-99"),
    ("GET | Range: bytes=0-99 | If-Range:   \"TAG\"  ", "206 0-99"),
    ("GET | Range: bytes=0-99 | If-Range: \"other\"", "200"),
    ("GET | Range: bytes=0-99 | If-Range: W/\"TAG\"", "200"),
    ("GET | Range: bytes=0-99 | If-Range: TAG", "200"),
    ("GET | Range: bytes=0-99 | If-Range: *", "200"),
    ("GET | Range: bytes=0-99 | If-Range: \"other\", \"TAG\"", "200"),
    ("GET | Range: bytes=0-99 | If-Range: \"TAG\", \"TAG\"", "200"),
    ("GET | Range: bytes=0-99 | If-Range: \"TAG\" | If-Range: \"TAG\"", "200"),
    ("GET | Range: bytes=0-99 | If-Range: \"TAG\" | If-Range: \"other\"", "200"),
    ("GET | Range: bytes=0-99 | If-Range: ", "200"),
    ("GET | Range: bytes=0-99 | If-Range: \"\"", "200"),
    ("GET | Range: bytes=0-99 | If-Range: Sun, 06 Nov 1994 08:49:37 GMT", "206 0-99"),
    ("GET | Range: bytes=0-99 | If-Range: Sunday, 06-Nov-94 08:49:37 GMT", "206 0-99"),
    ("GET | Range: bytes=0-99 | If-Range: Sun Nov  6 08:49:37 1994", "206 0-99"),
    // exact: neither older nor newer will do
    ("GET | Range: bytes=0-99 | If-Range: Sun, 06 Nov 1994 08:49:36 GMT", "200"),
    ("GET | Range: bytes=0-99 | If-Range: Sun, 06 Nov 1994 08:49:38 GMT", "200"),
    ("GET | Range: bytes=0-99 | If-Range: Fri, 01 Jan 2100 00:00:00 GMT", "200"),
    ("GET | Range: bytes=0-99 | If-Range: yesterday", "200"),
    // it decides over every range, even one that could not be satisfied or is several
    ("GET | Range: bytes=1000- | If-Range: \"TAG\"", "416"),
    ("GET | Range: bytes=1000- | If-Range: \"other\"", "200"),
    ("GET | Range: bytes=0-99,500-599 | If-Range: \"TAG\"", "206 0-99 500-599"),
    ("GET | Range: bytes=0-99,500-599 | If-Range: \"other\"", "200"),
    // and means nothing alone
    ("GET | If-Range: \"other\"", "200"),
    ("GET | If-Range: \"TAG\"", "200"),
];

const TAGS: &[(&str, &str)] = &[
    // §13.1.1: If-Match compares strongly
    ("GET | If-Match: \"TAG\"", "200"),
    ("GET | If-Match: *", "200"),
    ("GET | If-Match: \"other\"", "412"),
    ("GET | If-Match: W/\"TAG\"", "412"),
    ("GET | If-Match: \"other\", \"TAG\"", "200"),
    ("GET | If-Match: \"other\",W/\"TAG\"", "412"),
    ("GET | If-Match: \"other\" | If-Match: \"TAG\"", "200"),
    ("GET | If-Match: \"other\" | If-Match: \"another\"", "412"),
    ("GET | If-Match: ,, \"TAG\" ,", "200"),
    ("GET | If-Match: \"a,b\", \"TAG\"", "200"),
    ("GET | If-Match: \"a, \"TAG\"", "412"),
    ("GET | If-Match: \"\u{e9}\", \"TAG\"", "200"),
    ("GET | If-Match: TAG", "412"),
    ("GET | If-Match: \"TAG", "412"),
    ("GET | If-Match: ", "412"),
    ("GET | If-Match: \"\"", "412"),
    ("GET | If-Match: \"*\"", "412"),
    ("HEAD | If-Match: \"other\"", "412"),
    ("HEAD | If-Match: \"TAG\"", "200"),
    // §13.1.2: If-None-Match compares weakly
    ("GET | If-None-Match: \"TAG\"", "304"),
    ("GET | If-None-Match: W/\"TAG\"", "304"),
    ("GET | If-None-Match: *", "304"),
    ("GET | If-None-Match: \"other\"", "200"),
    ("GET | If-None-Match: \"other\", W/\"another\", \"TAG\"", "304"),
    ("GET | If-None-Match: \"other\" | If-None-Match: \"TAG\"", "304"),
    ("GET | If-None-Match: \"other\" | If-None-Match: *", "304"),
    ("GET | If-None-Match: \"other\" | If-None-Match: \"another\"", "200"),
    ("GET | If-None-Match: , ,\"TAG\"", "304"),
    ("GET | If-None-Match: \"a,b\",\"TAG\"", "304"),
    ("GET | If-None-Match: TAG", "200"),
    ("GET | If-None-Match: w/\"TAG\"", "200"),
    ("GET | If-None-Match: \"TAG", "200"),
    ("GET | If-None-Match: ", "200"),
    ("HEAD | If-None-Match: \"TAG\"", "304"),
    ("HEAD | If-None-Match: \"other\"", "200"),
    ("DELETE | If-None-Match: \"TAG\"", "412"),
    ("DELETE | If-None-Match: *", "412"),
    ("DELETE | If-Match: \"TAG\"", "200"),
];

const DATES: &[(&str, &str)] = &[
    // §13.1.3: If-Modified-Since
    ("GET | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "304"),
    ("GET | If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT", "304"),
    ("GET | If-Modified-Since: Sun Nov  6 08:49:37 1994", "304"),
    ("GET | If-Modified-Since: Sun, 06 Nov 1994 08:49:38 GMT", "304"),
    ("GET | If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT", "304"),
    ("GET | If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT", "200"),
    ("GET | If-Modified-Since: Sunday, 06-Nov-94 08:49:36 GMT", "200"),
    ("GET | If-Modified-Since: Sun Nov  6 08:49:36 1994", "200"),
    ("GET | If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT", "200"),
    ("GET | If-Modified-Since: Wed, 31 Dec 1969 23:59:59 GMT", "200"),
    ("HEAD | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "304"),
    ("DELETE | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "200"),
    // what is no date is ignored, as is a list of them
    ("GET | If-Modified-Since: ", "200"),
    ("GET | If-Modified-Since: 0", "200"),
    ("GET | If-Modified-Since: -1", "200"),
    ("GET | If-Modified-Since: 1994-11-06T08:49:37Z", "200"),
    ("GET | If-Modified-Since: Mon, 06 Nov 1994 08:49:37 GMT", "200"),
    ("GET | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 +0100", "200"),
    ("GET | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT; length=1000", "200"),
    ("GET | If-Modified-Since: \"TAG\"", "200"),
    ("GET | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", "200"),
    (
        "GET | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
        "200",
    ),
    // §13.1.4: If-Unmodified-Since
    ("GET | If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "200"),
    ("GET | If-Unmodified-Since: Sunday, 06-Nov-94 08:49:37 GMT", "200"),
    ("GET | If-Unmodified-Since: Sun Nov  6 08:49:37 1994", "200"),
    ("GET | If-Unmodified-Since: Sun, 06 Nov 1994 08:49:38 GMT", "200"),
    ("GET | If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", "412"),
    ("GET | If-Unmodified-Since: Sunday, 06-Nov-94 08:49:36 GMT", "412"),
    ("GET | If-Unmodified-Since: Sun Nov  6 08:49:36 1994", "412"),
    ("GET | If-Unmodified-Since: Sat, 29 Oct 1960 19:43:31 GMT", "412"),
    ("GET | If-Unmodified-Since: Sat Oct 29 19:43:31 1960", "412"),
    ("GET | If-Unmodified-Since: Thu, 30 Jun 1994 23:59:60 GMT", "412"),
    ("HEAD | If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", "412"),
    ("DELETE | If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", "412"),
    ("GET | If-Unmodified-Since: yesterday", "200"),
    ("GET | If-Unmodified-Since: ", "200"),
    (
        "GET | If-Unmodified-Since: Sat, 29 Oct 1994 19:43:31 GMT | If-Unmodified-Since: Sat, 29 Oct 1994 19:43:31 GMT",
        "200",
    ),
];

const PRECEDENCE: &[(&str, &str)] = &[
    // §13.2.2 step 2: If-Unmodified-Since only without If-Match
    ("GET | If-Match: \"TAG\" | If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", "200"),
    ("GET | If-Match: \"other\" | If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "412"),
    ("GET | If-Match: * | If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", "200"),
    // step 3 after 1: 412 before 304
    ("GET | If-Match: \"other\" | If-None-Match: \"TAG\"", "412"),
    ("GET | If-Match: \"TAG\" | If-None-Match: \"TAG\"", "304"),
    ("GET | If-Match: \"TAG\" | If-None-Match: \"other\"", "200"),
    ("GET | If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT | If-None-Match: \"TAG\"", "412"),
    ("GET | If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT | If-None-Match: \"TAG\"", "304"),
    // step 4: If-Modified-Since only without If-None-Match
    ("GET | If-None-Match: \"other\" | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "200"),
    ("GET | If-None-Match: \"TAG\" | If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT", "304"),
    ("GET | If-None-Match: junk | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "200"),
    ("GET | If-Match: \"TAG\" | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "304"),
    (
        "GET | If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
        "304",
    ),
    // step 5: ranges last
    ("GET | If-Match: \"TAG\" | Range: bytes=100-", "206 100-999"),
    ("GET | If-Match: \"other\" | Range: bytes=100-", "412"),
    ("GET | If-Match: \"other\" | Range: bytes=1000-", "412"),
    ("GET | If-Match: \"TAG\" | Range: bytes=1000-", "416"),
    ("GET | If-None-Match: \"TAG\" | Range: bytes=100-", "304"),
    ("GET | If-None-Match: \"TAG\" | Range: bytes=1000-", "304"),
    ("GET | If-None-Match: \"other\" | Range: bytes=100-", "206 100-999"),
    ("GET | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT | Range: bytes=100-", "304"),
    ("GET | If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT | Range: bytes=100-", "206 100-999"),
    ("GET | If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT | Range: bytes=100-", "412"),
    ("GET | If-Match: \"TAG\" | If-Range: \"other\" | Range: bytes=100-", "200"),
    ("GET | If-Match: \"other\" | If-Range: \"TAG\" | Range: bytes=100-", "412"),
    ("GET | If-None-Match: \"TAG\" | If-Range: \"TAG\" | Range: bytes=100-", "304"),
    // as Firefox and okdownload resume
    (
        "GET | Range: bytes=100- | If-Match: \"TAG\" | If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
        "206 100-999",
    ),
    ("GET | Range: bytes=0-0 | If-Match: \"other\"", "412"),
    // §14.2: a range means nothing but on GET
    ("HEAD", "200"),
    ("HEAD | Range: bytes=0-99", "200"),
    ("HEAD | Range: bytes=1000-", "200"),
    ("HEAD | Range: bytes=0-99,500-599", "200"),
    ("HEAD | Range: bytes=0-99 | If-Range: \"TAG\"", "200"),
    ("HEAD | Range: bytes=0-99 | If-None-Match: \"TAG\"", "304"),
    ("DELETE | Range: bytes=0-99", "200"),
];

const EMPTY_PACKAGE: &[(&str, &str)] = &[
    ("GET", "200"),
    ("GET | Range: bytes=0-", "416"),
    ("GET | Range: bytes=0-0", "416"),
    ("GET | Range: bytes=-0", "416"),
    ("GET | Range: bytes=-5", "200"),
    ("GET | Range: bytes=0-,-5", "200"),
    ("GET | Range: junk", "200"),
    ("GET | If-None-Match: \"TAG\"", "304"),
];

#[test]
fn one_range_is_answered_as_rfc_9110_says() {
    check(SINGLE_RANGES, 1000);
}

#[test]
fn several_ranges_are_answered_as_rfc_9110_says() {
    check(RANGE_SETS, 1000);
}

#[test]
fn a_resume_never_splices_two_packages() {
    check(IF_RANGE, 1000);
}

#[test]
fn tags_are_compared_as_rfc_9110_says() {
    check(TAGS, 1000);
}

#[test]
fn dates_are_compared_as_rfc_9110_says() {
    check(DATES, 1000);
}

#[test]
fn conditions_come_in_the_order_of_rfc_9110() {
    check(PRECEDENCE, 1000);
}

#[test]
fn an_empty_package_can_be_downloaded() {
    check(EMPTY_PACKAGE, 0);
}

#[test]
fn sixteen_parts_are_sent_and_seventeen_are_not() {
    let set =
        |parts: u64| (0..parts).map(|part| format!("{0}-{0}", part * 100)).collect::<Vec<_>>().join(",");
    let count = |parts| match answered(&format!("GET | Range: bytes={}", set(parts)), 10_000) {
        Plan::Parts(ranges, _) => ranges.len(),
        other => panic!("{parts} parts: {other:?}"),
    };
    assert_eq!(count(16), 16);
    assert_eq!(answered(&format!("GET | Range: bytes={}", set(17)), 10_000), Plan::Whole);
}

/// Every row, and all that are wrong at once.
fn check(table: &[(&str, &str)], length: u64) {
    let wrong: Vec<_> = table
        .iter()
        .map(|(request, expected)| (request, expected, told(&answered(request, length))))
        .filter(|(_, expected, told)| *expected != told)
        .map(|(request, expected, told)| format!("{request}\n    must be {expected}, is {told}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn answered(request: &str, length: u64) -> Plan {
    let representation =
        Representation::new(&Sha256([0xab; 32]), Timestamp::from_millis(784_111_777_123), length);
    let request = request.replace("TAG", representation.etag.opaque());
    let mut lines = request.split(" | ");
    let method: Method = lines.next().and_then(|method| method.parse().ok()).expect("a method");
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").expect("a header line");
        let name: HeaderName = name.parse().expect("a header name");
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).expect("a header value"));
    }
    plan(&method, &headers, &representation)
}

fn told(plan: &Plan) -> String {
    let ranges: Vec<_> = match plan {
        Plan::Whole => return "200".to_owned(),
        Plan::NotModified => return "304".to_owned(),
        Plan::PreconditionFailed => return "412".to_owned(),
        Plan::Unsatisfiable => return "416".to_owned(),
        Plan::Part(range) => vec![range.clone()],
        Plan::Parts(ranges, _) => ranges.clone(),
    };
    let told: Vec<_> = ranges.iter().map(|range| format!("{}-{}", range.start, range.end - 1)).collect();
    format!("206 {}", told.join(" "))
}
