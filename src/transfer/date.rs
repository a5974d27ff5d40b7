//! Instants as HTTP writes them.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::domain::Timestamp;

/// 9999-12-31T23:59:59Z, the last second that fits into four digits of a year.
const LAST: i64 = 253_402_300_799;
/// Seconds in 2,000 years: five whole cycles of the Gregorian calendar, so the same day of the
/// same month is the same day of the week.
const TWENTY_CENTURIES: i64 = 5 * 146_097 * 86_400;

/// An instant in whole seconds, as `Last-Modified` and its kin carry it.
///
/// Source: RFC 9110 §5.6.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HttpDate(i64);

impl HttpDate {
    /// Reads any of the three formats that a recipient must accept: IMF-fixdate, RFC 850's and
    /// asctime's. `None` is no date, which a condition treats as absent.
    ///
    /// Leap seconds and the years before 1970 are dates too: whoever asks whether a package is
    /// unmodified since 1960 has asked something, and the answer is no.
    pub fn parse(text: &str) -> Option<Self> {
        read(text).or_else(|| read_leap_second(text)).or_else(|| read_before_1970(text)).map(Self)
    }
}

impl From<Timestamp> for HttpDate {
    /// Cuts to the second, and to the years that the format can write: 1970 to 9999.
    fn from(at: Timestamp) -> Self {
        Self(at.millis().div_euclid(1000).clamp(0, LAST))
    }
}

impl fmt::Display for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `httpdate` panics outside these years, and a parsed date may lie before them.
        let seconds = u64::try_from(self.0.clamp(0, LAST)).unwrap_or(0);
        httpdate::HttpDate::from(UNIX_EPOCH + Duration::from_secs(seconds)).fmt(f)
    }
}

fn read(text: &str) -> Option<i64> {
    let since_1970 = httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since_1970.as_secs()).ok()
}

/// `…:59:60 GMT`, which `httpdate` does not take.
fn read_leap_second(text: &str) -> Option<i64> {
    let (before, after) = text.split_once(":60 ")?;
    Some(read(&format!("{before}:59 {after}"))? + 1)
}

/// Reads a date of the years 0 to 1969 by asking for the same date twenty centuries later.
fn read_before_1970(text: &str) -> Option<i64> {
    let text = text.trim();
    let place = match text.len() {
        29 => 12..16, // Sun, 06 Nov 1994 08:49:37 GMT
        24 => 20..24, // Sun Nov  6 08:49:37 1994
        _ => return None,
    };
    let year = text.get(place.clone())?;
    let year: u16 = year.bytes().all(|digit| digit.is_ascii_digit()).then(|| year.parse().ok())??;
    let mut later = text.to_owned();
    later.replace_range(place, &format!("{:04}", (year < 1970).then_some(year)? + 2000));
    Some(read(&later)? - TWENTY_CENTURIES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_formats_tell_one_instant() {
        for text in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(HttpDate::parse(text), Some(HttpDate(784_111_777)), "{text}");
        }
        assert_eq!(HttpDate(784_111_777).to_string(), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn an_instant_is_cut_to_what_can_be_written() {
        for (millis, written) in [
            (i64::MIN, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777_999, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (i64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            assert_eq!(HttpDate::from(Timestamp::from_millis(millis)).to_string(), written, "{millis}");
        }
    }

    #[test]
    fn dates_that_one_rarely_sees_are_dates() {
        for (text, seconds) in [
            ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
            ("Wed Dec 31 23:59:59 1969", -1),
            ("Sat, 01 Jan 0000 00:00:00 GMT", -62_167_219_200),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
            ("Saturday, 31-Dec-16 23:59:60 GMT", 1_483_228_800),
            ("Fri, 31 Dec 9999 23:59:59 GMT", LAST),
        ] {
            assert_eq!(HttpDate::parse(text), Some(HttpDate(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "0",
            "yesterday",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Mon, 06 Nov 1960 08:49:37 GMT",
            "Sun, 06 Nov +994 08:49:37 GMT",
            "1994-11-06T08:49:37Z",
            "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov \u{661}\u{669} 08:49:37 GMT",
        ] {
            assert_eq!(HttpDate::parse(text), None, "{text}");
        }
    }
}
