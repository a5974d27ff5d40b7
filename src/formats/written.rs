//! How a cell is written where a format has nothing but text for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::records::Value;

use super::calendar::{push_date, push_timestamp};

/// Writes `value` as text: numbers with the fewest digits that are read back as the same number,
/// instants and days of RFC 3339, bytes in base64 (RFC 4648 §4), nothing as nothing.
pub fn push_value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Null => {}
        Value::Boolean(true) => out.extend_from_slice(b"true"),
        Value::Boolean(false) => out.extend_from_slice(b"false"),
        Value::Integer(number) => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
        Value::Number(number) => out.extend_from_slice(zmij::Buffer::new().format_finite(number).as_bytes()),
        Value::Decimal(text) | Value::Text(text) | Value::Json(text) => {
            out.extend_from_slice(text.as_bytes());
        }
        Value::Timestamp(micros) => push_timestamp(out, micros),
        Value::Date(days) => push_date(out, days.into()),
        Value::Bytes(bytes) => push_base64(out, bytes),
    }
}

/// Writes `bytes` in base64, padded.
pub fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    let begin = out.len();
    out.resize(begin + bytes.len().div_ceil(3) * 4, 0);
    STANDARD.encode_slice(bytes, &mut out[begin..]).expect("there is room for four for every three");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_written_so_that_it_is_known_again() {
        for (value, text) in [
            (Value::Null, ""),
            (Value::Boolean(false), "false"),
            (Value::Integer(i64::MIN), "-9223372036854775808"),
            (Value::Number(0.1), "0.1"),
            (Value::Number(1.0), "1.0"),
            (Value::Number(-0.0), "-0.0"),
            (Value::Number(f64::MAX), "1.7976931348623157e+308"),
            (Value::Number(5e-324), "5e-324"),
            (Value::Decimal("1.50"), "1.50"),
            (Value::Timestamp(0), "1970-01-01T00:00:00Z"),
            (Value::Date(-1), "1969-12-31"),
            (Value::Json("[1]"), "[1]"),
            (Value::Bytes(&[0, 255]), "AP8="),
            (Value::Bytes(&[]), ""),
        ] {
            let mut out = Vec::new();
            push_value(&mut out, value);
            assert_eq!(String::from_utf8(out).as_deref(), Ok(text));
        }
    }
}
