//! What people read in a cell.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::records::Value;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Adds what people read in a cell to `text`: instants as RFC 3339 has them, in UTC; bytes in base64;
/// for nothing, nothing. Years that have no four digits are written as ISO 8601 expands them, with a
/// sign and six digits.
pub(super) fn write_cell(value: Value<'_>, text: &mut String) {
    match value {
        Value::Null => {}
        Value::Boolean(cell) => text.push_str(if cell { "true" } else { "false" }),
        Value::Integer(cell) => text.push_str(itoa::Buffer::new().format(cell)),
        Value::Number(cell) => write_number(cell, text),
        Value::Decimal(cell) | Value::Text(cell) | Value::Json(cell) => text.push_str(cell),
        Value::Timestamp(cell) => write_instant(cell, text),
        Value::Date(cell) => write_day(i64::from(cell), text),
        Value::Bytes(cell) => BASE64_STANDARD.encode_string(cell, text),
    }
}

/// What people read in a cell.
pub(super) fn cell(value: Value<'_>) -> String {
    let mut text = String::new();
    write_cell(value, &mut text);
    text
}

/// Adds a number as short as it can be told from all others, without a point where it is whole.
pub(super) fn write_number(number: f64, text: &mut String) {
    let mut digits = zmij::Buffer::new();
    let digits = digits.format(number);
    text.push_str(digits.strip_suffix(".0").unwrap_or(digits));
}

fn write_instant(micros: i64, text: &mut String) {
    write_day(micros.div_euclid(DAY), text);
    let of_day = micros.rem_euclid(DAY);
    let seconds = of_day / 1_000_000;
    text.push('T');
    write_digits(seconds / 3600, 2, text);
    text.push(':');
    write_digits(seconds / 60 % 60, 2, text);
    text.push(':');
    write_digits(seconds % 60, 2, text);
    match of_day % 1_000_000 {
        0 => {}
        fraction if fraction % 1000 == 0 => {
            text.push('.');
            write_digits(fraction / 1000, 3, text);
        }
        fraction => {
            text.push('.');
            write_digits(fraction, 6, text);
        }
    }
    text.push('Z');
}

fn write_day(days: i64, text: &mut String) {
    let (year, month, day) = civil(days);
    match year {
        0..=9999 => write_digits(year, 4, text),
        _ => {
            text.push(if year < 0 { '-' } else { '+' });
            write_digits(year.abs(), 6, text);
        }
    }
    text.push('-');
    write_digits(month, 2, text);
    text.push('-');
    write_digits(day, 2, text);
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar. Eras of
/// 400 years are alike; a year begins in March, so that the leap day is its last.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468; // from 0000-03-01
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// Adds `number`, not negative, with zeros before it up to `width` digits.
fn write_digits(number: i64, width: usize, text: &mut String) {
    let mut digits = itoa::Buffer::new();
    let digits = digits.format(number);
    text.extend(std::iter::repeat_n('0', width.saturating_sub(digits.len())));
    text.push_str(digits);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_written_as_people_read_it() {
        for (value, text) in [
            (Value::Null, ""),
            (Value::Boolean(true), "true"),
            (Value::Integer(i64::MIN), "-9223372036854775808"),
            (Value::Number(3.0), "3"),
            (Value::Number(0.1), "0.1"),
            (Value::Number(1e300), "1e+300"),
            (Value::Decimal("12.340"), "12.340"),
            (Value::Text("a\nb"), "a\nb"),
            (Value::Json("[1]"), "[1]"),
            (Value::Bytes(&[0, 255]), "AP8="),
            (Value::Timestamp(0), "1970-01-01T00:00:00Z"),
            (Value::Timestamp(-1), "1969-12-31T23:59:59.999999Z"),
            (Value::Timestamp(1_000), "1970-01-01T00:00:00.001Z"),
            (Value::Timestamp(951_827_696_500_000), "2000-02-29T12:34:56.500Z"),
            (Value::Timestamp(i64::MAX), "+294247-01-10T04:00:54.775807Z"),
            (Value::Timestamp(i64::MIN), "-290308-12-21T19:59:05.224192Z"),
            (Value::Date(-719_162), "0001-01-01"),
            (Value::Date(-719_528), "0000-01-01"),
            (Value::Date(-719_529), "-000001-12-31"),
            (Value::Date(2_932_896), "9999-12-31"),
            (Value::Date(2_932_897), "+010000-01-01"),
        ] {
            assert_eq!(cell(value), text, "{value:?}");
        }
    }
}
