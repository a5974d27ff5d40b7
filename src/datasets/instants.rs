//! Instants and days, from text and to text, without a calendar's crate in the way: a million rows
//! pass here.

use crate::records::calendar::{civil, days_to, length_of};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// The instant that `text` tells, in microseconds since 1970: RFC 3339, or
/// `YYYY-MM-DD[ HH:MM[:SS[.f…]]]`, which is UTC unless it says otherwise. What is finer than a
/// microsecond is cut off.
pub(super) fn instant(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let midnight = i64::from(day(date)?).checked_mul(DAY)?;
    let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else {
        return rest.is_empty().then_some(midnight);
    };
    let (of_day, zone) = time_of_day(rest)?;
    midnight.checked_add(of_day)?.checked_sub(offset(zone)?)
}

/// The day that `YYYY-MM-DD` tells, counted from 1970-01-01.
pub(super) fn day(text: &str) -> Option<i32> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (year, month, day) = (digits(&bytes[..4])?, digits(&bytes[5..7])?, digits(&bytes[8..])?);
    ((1..=12).contains(&month) && (1..=length_of(year, month)).contains(&day))
        .then(|| days_to(year, month, day))
        .and_then(|days| i32::try_from(days).ok())
}

/// `2026-11-21`. Years beyond 9999 have as many digits as they need.
pub(super) fn day_text(days: i64) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-11-21`, `separator`, `07:08:09`, and `.000001` where there is a fraction; in UTC.
pub(super) fn instant_text(micros: i64, separator: char) -> String {
    let (days, of_day) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let (seconds, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{}{separator}{hour:02}:{minute:02}:{second:02}", day_text(days));
    if fraction != 0 {
        text.push_str(format!(".{fraction:06}").trim_end_matches('0'));
    }
    text
}

/// Microseconds of `HH:MM[:SS[.f…]]`, and what follows.
fn time_of_day(text: &str) -> Option<(i64, &str)> {
    let bytes = text.as_bytes();
    if bytes.len() < 5 || bytes[2] != b':' {
        return None;
    }
    let (hour, minute) = (digits(&bytes[..2])?, digits(&bytes[3..5])?);
    let mut micros = (hour * 3_600 + minute * 60) * 1_000_000;
    let mut at = 5;
    let mut second = 0;
    if bytes.get(at) == Some(&b':') {
        second = digits(bytes.get(6..8)?)?;
        at = 8;
        if bytes.get(at) == Some(&b'.') {
            let end = at + 1 + bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            micros += fraction(&bytes[at + 1..end])?;
            at = end;
        }
    }
    micros += second * 1_000_000;
    (hour < 24 && minute < 60 && second < 60).then(|| Some((micros, text.get(at..)?)))?
}

/// Microseconds of the digits after a point; at least one.
fn fraction(bytes: &[u8]) -> Option<i64> {
    if bytes.is_empty() {
        return None;
    }
    let kept = &bytes[..bytes.len().min(6)];
    Some(digits(kept)? * 10_i64.pow(6 - u32::try_from(kept.len()).ok()?))
}

/// Microseconds east of Greenwich, of `Z`, `±HH:MM`, `±HHMM`, `±HH` or nothing.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "" | "Z" | "z") {
        return Some(0);
    }
    let east = match zone.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = match &zone.as_bytes()[1..] {
        [a, b] => (digits(&[*a, *b])?, 0),
        [a, b, c, d] | [a, b, b':', c, d] => (digits(&[*a, *b])?, digits(&[*c, *d])?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(east * (hours * 60 + minutes) * 60_000_000)
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes
        .iter()
        .try_fold(0, |number: i64, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_read_in_any_zone_and_in_utc_without_one() {
        let noon = 1_767_268_800_000_000;
        for text in [
            "2026-01-01T12:00:00Z",
            "2026-01-01 12:00:00",
            "2026-01-01 12:00",
            "2026-01-01T12:00:00.000",
            "2026-01-01T14:30:00+02:30",
            "2026-01-01t07:00:00-0500",
            "2025-12-31 23:00:00-13",
        ] {
            assert_eq!(instant(text), Some(noon), "{text}");
        }
        assert_eq!(instant("2026-01-01T12:00:00.0000019Z"), Some(noon + 1));
        assert_eq!(instant("1969-12-31 23:59:59.999999"), Some(-1));
        assert_eq!(instant("2026-01-01"), Some(noon - DAY / 2));
    }

    #[test]
    fn what_is_no_instant_is_none() {
        for text in [
            "",
            "now",
            "2026-13-01",
            "2026-02-29",
            "2026-01-01T",
            "2026-01-01T24:00:00Z",
            "2026-01-01 12:60",
            "2026-01-01 12:00:60",
            "2026-01-01 12:00:00.",
            "2026-01-01 12:00:00 Z",
            "2026-01-01 12:00:00+1",
            "2026-01-01x",
            "２０２６-01-01",
            "2026-1-1 00:00:00",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_is_written_and_read_back() {
        for days in (-719_162..2_932_896).step_by(37) {
            let text = day_text(i64::from(days));
            assert_eq!(day(&text), Some(days), "{text}");
        }
        assert_eq!(instant_text(-1, 'T'), "1969-12-31T23:59:59.999999");
        assert_eq!(instant_text(1_500_000, ' '), "1970-01-01 00:00:01.5");
    }
}
