//! What becomes of a cell in a sheet.

use crate::formats::{push_base64, push_value};
use crate::records::Value;

use super::UNITS;
use super::told::Change;

/// Whole numbers that a binary64 holds without a gap.
const EXACT: u64 = 1 << 53;
/// Digits that a spreadsheet keeps of a number.
const DIGITS: usize = 15;
/// The largest number that a spreadsheet takes, and the smallest that it does not take for 0.
const LARGEST: f64 = 9.999_999_999_999_99e307;
const SMALLEST: f64 = f64::MIN_POSITIVE;
/// Where 1970-01-01 is among a spreadsheet's days.
const DAYS_TO_1970: i64 = 25_569;
/// 1900-03-01: before it, a spreadsheet counts a 29th of February that never was.
const FIRST_DAY: i64 = 61;
/// 9999-12-31.
const LAST_DAY: i64 = 2_958_465;
const DAY_MILLIS: i64 = 86_400_000;

/// What stands in a sheet's cell.
#[derive(Debug, PartialEq)]
pub enum Cell<'a> {
    Nothing,
    Boolean(bool),
    Number(f64),
    /// A decimal number, and the digits behind its point that are to be seen.
    Scaled(f64, usize),
    /// Days since the end of 1899, as spreadsheets count.
    Date(f64),
    Text(&'a str),
}

/// What `value` becomes, with `room` for its text, and what had to be changed for it.
pub fn cell<'a>(value: Value<'a>, room: &'a mut Vec<u8>) -> (Cell<'a>, Option<Change>) {
    match value {
        Value::Null => (Cell::Nothing, None),
        Value::Boolean(cell) => (Cell::Boolean(cell), None),
        Value::Integer(cell) if cell.unsigned_abs() <= EXACT => (Cell::Number(cell as f64), None),
        Value::Number(cell) if cell == 0.0 || (SMALLEST..=LARGEST).contains(&cell.abs()) => {
            (Cell::Number(cell), None)
        }
        Value::Decimal(cell) => match kept(cell) {
            Some(number) => (number, None),
            None => (short(cell).0, Some(Change::NumberAsText)),
        },
        Value::Integer(_) | Value::Number(_) => (written(value, room), Some(Change::NumberAsText)),
        Value::Date(days) => match date(i64::from(days), 0) {
            Some(date) => (date, None),
            None => (written(value, room), Some(Change::DateAsText)),
        },
        Value::Timestamp(micros) => {
            let millis = micros.div_euclid(1_000);
            match date(millis.div_euclid(DAY_MILLIS), millis.rem_euclid(DAY_MILLIS)) {
                Some(date) => (date, (micros % 1_000 != 0).then_some(Change::ToTheMillisecond)),
                None => (written(value, room), Some(Change::DateAsText)),
            }
        }
        Value::Text(text) | Value::Json(text) => short(text),
        Value::Bytes(bytes) => {
            push_base64(room, bytes);
            short(str::from_utf8(room).expect("base64 is ASCII"))
        }
    }
}

fn written<'a>(value: Value<'_>, room: &'a mut Vec<u8>) -> Cell<'a> {
    push_value(room, value);
    Cell::Text(str::from_utf8(room).expect("values are written in UTF-8"))
}

/// A decimal number of no more digits than a spreadsheet keeps, and of a size that it takes.
fn kept(text: &str) -> Option<Cell<'static>> {
    let (whole, fraction) = text.trim_start_matches('-').split_once('.').unwrap_or((text, ""));
    let all = [whole, fraction].concat();
    let significant = all.trim_start_matches(['-', '0']).trim_end_matches('0').len();
    let number: f64 = text.parse().ok()?;
    let is_kept = significant == 0 || (SMALLEST..=LARGEST).contains(&number.abs());
    if significant > DIGITS || !is_kept {
        return None;
    }
    // A 0 at the end is seen only if the cell's format says so; more than 30 digits none can say.
    let scaled = fraction.ends_with('0') && fraction.len() <= 30;
    Some(if scaled { Cell::Scaled(number, fraction.len()) } else { Cell::Number(number) })
}

fn date(days: i64, millis: i64) -> Option<Cell<'static>> {
    let day = days + DAYS_TO_1970;
    (FIRST_DAY..=LAST_DAY).contains(&day).then(|| Cell::Date(day as f64 + millis as f64 / DAY_MILLIS as f64))
}

/// As much of `text` as a cell holds.
fn short(text: &str) -> (Cell<'_>, Option<Change>) {
    if text.len() <= UNITS {
        return (Cell::Text(text), None);
    }
    let mut units = 0;
    for (at, letter) in text.char_indices() {
        units += letter.len_utf16();
        if units > UNITS {
            return (Cell::Text(&text[..at]), Some(Change::Cut));
        }
    }
    (Cell::Text(text), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn becomes(value: Value<'_>, cell_wanted: Cell<'_>, change: Option<Change>) {
        assert_eq!(cell(value, &mut Vec::new()), (cell_wanted, change), "{value:?}");
    }

    #[test]
    fn a_number_that_would_be_rounded_is_text() {
        let text = Some(Change::NumberAsText);
        becomes(Value::Integer(1 << 53), Cell::Number(9_007_199_254_740_992.0), None);
        becomes(Value::Integer((1 << 53) + 1), Cell::Text("9007199254740993"), text);
        becomes(Value::Integer(i64::MIN), Cell::Text("-9223372036854775808"), text);
        becomes(Value::Number(f64::MAX), Cell::Text("1.7976931348623157e+308"), text);
        becomes(Value::Number(5e-324), Cell::Text("5e-324"), text);
        becomes(Value::Number(0.1), Cell::Number(0.1), None);
        becomes(Value::Decimal("0.123456789012345"), Cell::Number(0.123_456_789_012_345), None);
        becomes(Value::Decimal("-1.123456789012345"), Cell::Text("-1.123456789012345"), text);
        becomes(Value::Decimal("12.340"), Cell::Scaled(12.34, 3), None);
        becomes(Value::Decimal("1000000000000000000"), Cell::Number(1e18), None);
        becomes(Value::Decimal("-0.00"), Cell::Scaled(-0.0, 2), None);
        let tiny = format!("0.{}1", "0".repeat(400));
        becomes(Value::Decimal(&tiny), Cell::Text(&tiny), text);
    }

    #[test]
    fn a_day_that_spreadsheets_have_no_number_for_is_text() {
        let text = Some(Change::DateAsText);
        becomes(Value::Date(0), Cell::Date(25_569.0), None);
        becomes(Value::Date(-25_508), Cell::Date(61.0), None);
        becomes(Value::Date(-25_509), Cell::Text("1900-02-28"), text);
        becomes(Value::Date(2_932_896), Cell::Date(2_958_465.0), None);
        becomes(Value::Date(2_932_897), Cell::Text("+010000-01-01"), text);
        becomes(Value::Timestamp(43_200_000_000), Cell::Date(25_569.5), None);
        becomes(Value::Timestamp(1), Cell::Date(25_569.0), Some(Change::ToTheMillisecond));
        becomes(Value::Timestamp(i64::MAX), Cell::Text("+294247-01-10T04:00:54.775807Z"), text);
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        let most = "x".repeat(UNITS);
        becomes(Value::Text(&most), Cell::Text(&most), None);
        let more = format!("{}😀", &most[1..]);
        becomes(Value::Text(&more), Cell::Text(&most[1..]), Some(Change::Cut));
        let wide = "ü".repeat(UNITS);
        becomes(Value::Text(&wide), Cell::Text(&wide), None);
    }
}
