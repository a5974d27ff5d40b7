//! What people read in a cell.

use crate::records::Value;

use super::written::push_value;

/// Adds what people read in a cell to `text`: instants as RFC 3339 has them, in UTC; bytes in base64;
/// for nothing, nothing. Years that have no four digits are written as ISO 8601 expands them, with a
/// sign and six digits.
pub(super) fn write_cell(value: Value<'_>, text: &mut String) {
    match value {
        Value::Number(cell) => write_number(cell, text),
        Value::Decimal(cell) | Value::Text(cell) | Value::Json(cell) => text.push_str(cell),
        value => {
            let mut told = Vec::new();
            push_value(&mut told, value);
            text.push_str(std::str::from_utf8(&told).expect("all other cells are told in ASCII"));
        }
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
