//! Days and instants as text: RFC 3339, in UTC.
//!
//! The calendar is the proleptic Gregorian one (ISO 8601). RFC 3339 ends with the year 9999; years
//! beyond it, and before 0000, are written as ECMA-262 §21.4.1.32 does: a sign and at least six digits.

use crate::records::calendar::{civil, days_to, length_of};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// Two digits for every number below a hundred.
const PAIRS: &[u8; 200] = b"00010203040506070809101112131415161718192021222324252627282930313233343536373839\
    40414243444546474849505152535455565758596061626364656667686970717273747576777879\
    8081828384858687888990919293949596979899";

/// Writes the day `days` after 1970-01-01: `2026-11-20`.
pub fn push_date(out: &mut Vec<u8>, days: i64) {
    let (year, month, day) = civil(days);
    match u64::try_from(year) {
        Ok(year @ 0..=9999) => {
            let mut text = *b"0000-00-00";
            text[..2].copy_from_slice(pair(year / 100));
            text[2..4].copy_from_slice(pair(year % 100));
            text[5..7].copy_from_slice(pair(month));
            text[8..].copy_from_slice(pair(day));
            out.extend_from_slice(&text);
        }
        _ => out.extend_from_slice(format!("{year:+07}-{month:02}-{day:02}").as_bytes()),
    }
}

/// Writes the instant `micros` microseconds after 1970-01-01T00:00:00Z, with the fewest of none,
/// three or six decimals that it needs: `2026-11-20T09:15:00.250Z`.
pub fn push_timestamp(out: &mut Vec<u8>, micros: i64) {
    push_date(out, micros.div_euclid(DAY));
    let rest = micros.rem_euclid(DAY).unsigned_abs();
    let (seconds, fraction) = (rest / 1_000_000, rest % 1_000_000);
    let mut text = *b"T00:00:00.000000Z";
    text[1..3].copy_from_slice(pair(seconds / 3600));
    text[4..6].copy_from_slice(pair(seconds / 60 % 60));
    text[7..9].copy_from_slice(pair(seconds % 60));
    text[10..12].copy_from_slice(pair(fraction / 10_000));
    text[12..14].copy_from_slice(pair(fraction / 100 % 100));
    text[14..16].copy_from_slice(pair(fraction % 100));
    match (fraction, fraction % 1000) {
        (0, _) => out.extend_from_slice(&text[..9]),
        (_, 0) => out.extend_from_slice(&text[..13]),
        _ => return out.extend_from_slice(&text),
    }
    out.push(b'Z');
}

fn pair(number: u64) -> &'static [u8] {
    let at = usize::try_from(number).expect("below a hundred") * 2;
    &PAIRS[at..at + 2]
}

/// Reads a day, as [`push_date`] writes it.
pub fn parse_date(text: &str) -> Option<i32> {
    let mut rest = text.as_bytes();
    let date = take_date(&mut rest)?;
    i32::try_from(date).ok().filter(|_| rest.is_empty())
}

/// Reads an instant of RFC 3339 §5.6, with any offset; without one it is UTC. A blank may stand for the
/// `T`. `None` for what is none, and for one that is finer than a microsecond.
pub fn parse_timestamp(text: &str) -> Option<i64> {
    let mut rest = text.as_bytes();
    let days = take_date(&mut rest)?;
    take_one(&mut rest, b"Tt ")?;
    let hours = take_two(&mut rest).filter(|hours| *hours < 24)?;
    take_one(&mut rest, b":")?;
    let minutes = take_two(&mut rest).filter(|minutes| *minutes < 60)?;
    take_one(&mut rest, b":")?;
    // The second 60 is a leap second, and the next minute's first for us.
    let seconds = take_two(&mut rest).filter(|seconds| *seconds <= 60)?;
    let fraction = if rest.first() == Some(&b'.') { take_fraction(&mut rest)? } else { 0 };
    let offset = take_offset(&mut rest)?;
    let seconds = hours * 3600 + minutes * 60 + seconds - offset * 60;
    let micros = i128::from(days) * i128::from(DAY) + i128::from(seconds * 1_000_000 + fraction);
    i64::try_from(micros).ok().filter(|_| rest.is_empty())
}

fn take_date(rest: &mut &[u8]) -> Option<i64> {
    let year = take_year(rest)?;
    take_one(rest, b"-")?;
    let month = take_two(rest).filter(|month| (1..=12).contains(month))?;
    take_one(rest, b"-")?;
    let day = take_two(rest).filter(|day| (1..=length_of(year, month)).contains(day))?;
    Some(days_to(year, month, day))
}

/// Four digits, or a sign and six of them, or more.
fn take_year(rest: &mut &[u8]) -> Option<i64> {
    let sign = match rest.first()? {
        b'+' => Some(1),
        b'-' => Some(-1),
        _ => None,
    };
    let text: &[u8] = if sign.is_some() { &rest[1..] } else { rest };
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (year, behind) = text.split_at(digits);
    *rest = behind;
    let is_one = if sign.is_some() { (6..=9).contains(&digits) } else { digits == 4 };
    number(year).filter(|_| is_one).map(|year| year * sign.unwrap_or(1))
}

/// A point and digits, in microseconds; what is finer must be nothing.
fn take_fraction(rest: &mut &[u8]) -> Option<i64> {
    let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (text, behind) = rest[1..].split_at(digits);
    *rest = behind;
    let finer_is_nothing = text.iter().skip(6).all(|digit| *digit == b'0');
    let micros = (0..6).fold(0, |sum, at| sum * 10 + i64::from(text.get(at).map_or(0, |digit| digit - b'0')));
    (digits > 0 && finer_is_nothing).then_some(micros)
}

/// `Z`, `+01:00` or nothing; in minutes.
fn take_offset(rest: &mut &[u8]) -> Option<i64> {
    let Some((first, behind)) = rest.split_first() else { return Some(0) };
    *rest = behind;
    let sign = match first {
        b'Z' | b'z' => return Some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = take_two(rest).filter(|hours| *hours < 24)?;
    take_one(rest, b":")?;
    let minutes = take_two(rest).filter(|minutes| *minutes < 60)?;
    Some(sign * (hours * 60 + minutes))
}

fn take_one(rest: &mut &[u8], of: &[u8]) -> Option<()> {
    let (first, behind) = rest.split_first()?;
    *rest = behind;
    of.contains(first).then_some(())
}

fn take_two(rest: &mut &[u8]) -> Option<i64> {
    let (two, behind) = rest.split_at_checked(2)?;
    *rest = behind;
    number(two)
}

/// A number, if it is one, and not too long to be one of 64 bits.
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |sum, digit| {
        let digit = digit.is_ascii_digit().then(|| i64::from(digit - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(days: i64) -> String {
        let mut out = Vec::new();
        push_date(&mut out, days);
        String::from_utf8(out).expect("ASCII")
    }

    fn timestamp(micros: i64) -> String {
        let mut out = Vec::new();
        push_timestamp(&mut out, micros);
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn days_and_instants_are_written_as_the_calendar_has_them() {
        for (days, text) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (-719_162, "0001-01-01"),
            (-719_528, "0000-01-01"),
            (2_932_896, "9999-12-31"),
            (2_932_897, "+010000-01-01"),
            (-719_529, "-000001-12-31"),
        ] {
            assert_eq!(date(days), text);
            assert_eq!(parse_date(text).map(i64::from), Some(days), "{text}");
        }
        for (micros, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (250_000, "1970-01-01T00:00:00.250Z"),
            (1, "1970-01-01T00:00:00.000001Z"),
            (i64::MAX, "+294247-01-10T04:00:54.775807Z"),
            (i64::MIN, "-290308-12-21T19:59:05.224192Z"),
        ] {
            assert_eq!(timestamp(micros), text);
            assert_eq!(parse_timestamp(text), Some(micros), "{text}");
        }
    }

    #[test]
    fn an_instant_is_read_with_any_offset_and_without_one() {
        let at = Some(1_763_683_200_500_000);
        for text in [
            "2025-11-21T00:00:00.5Z",
            "2025-11-21T01:00:00.500+01:00",
            "2025-11-20 18:30:00.500000-05:30",
            "2025-11-21 00:00:00.5",
            "2025-11-21t00:00:00.500000000z",
        ] {
            assert_eq!(parse_timestamp(text), at, "{text}");
        }
        assert_eq!(parse_timestamp("2016-12-31T23:59:60Z"), parse_timestamp("2017-01-01T00:00:00Z"));
    }

    #[test]
    fn what_is_no_day_and_no_instant_is_not_taken_for_one() {
        for text in [
            "",
            "2025",
            "2025-13-01",
            "2025-02-29",
            "2025-04-31",
            "2025-1-1",
            "25-01-01",
            "2025-01-01x",
            "+2025-01-01",
            "-2025-01-01",
            "+9999999999-01-01",
            "99999999999999999999",
            "+99999999999999999999-01-01",
            "2025-00-01",
            "2025-01-00",
            "+",
            "-",
            "2025-01-é",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        for text in [
            "2025-01-01",
            "2025-01-01T24:00:00Z",
            "2025-01-01T00:60:00Z",
            "2025-01-01T00:00:61Z",
            "2025-01-01T00:00Z",
            "2025-01-01T00:00:00.Z",
            "2025-01-01T00:00:00.0000001Z",
            "2025-01-01T00:00:00+24:00",
            "2025-01-01T00:00:00+01",
            "2025-01-01T00:00:00ZZ",
            "2025-01-01T00:00:00 Z",
        ] {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_day_and_instant_is_read_back(days: i32, micros: i64) {
            prop_assert_eq!(parse_date(&date(days.into())), Some(days));
            prop_assert_eq!(parse_timestamp(&timestamp(micros)), Some(micros));
        }

        #[test]
        fn whatever_the_text_reading_ends(text in ".{0,40}", like in "[+-]?[0-9]{4,7}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{8,12}[Z+-]?") {
            for text in [text, like] {
                let _ = (parse_date(&text), parse_timestamp(&text));
            }
        }
    }
}
