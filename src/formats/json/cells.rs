//! Cells as JSON values.

use crate::formats::calendar::{push_date, push_timestamp};
use crate::formats::scan::Wanted;
use crate::formats::written::{push_base64, push_value};
use crate::records::Value;

/// What a JSON string cannot hold as it is (RFC 8259 §7).
const SPECIAL: Wanted<2> = Wanted::one_of(*b"\"\\").or_control();

/// Writes `value` as JSON.
pub fn push_cell(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Text(text) => push_string(out, text),
        Value::Timestamp(micros) => {
            out.push(b'"');
            push_timestamp(out, micros);
            out.push(b'"');
        }
        Value::Date(days) => {
            out.push(b'"');
            push_date(out, days.into());
            out.push(b'"');
        }
        Value::Bytes(bytes) => {
            out.push(b'"');
            push_base64(out, bytes);
            out.push(b'"');
        }
        Value::Json(text) => push_json(out, text),
        Value::Boolean(_) | Value::Integer(_) | Value::Number(_) | Value::Decimal(_) => {
            push_value(out, value);
        }
    }
}

/// Writes `text` as a JSON string.
pub fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = SPECIAL.find(rest) {
        out.extend_from_slice(&rest[..at]);
        push_escape(out, rest[at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

fn push_escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        _ => return out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Splices in a JSON document, on one line.
fn push_json(out: &mut Vec<u8>, text: &str) {
    for part in text.split(['\n', '\r']) {
        out.extend_from_slice(part.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(value: Value<'_>) -> String {
        let mut out = Vec::new();
        push_cell(&mut out, value);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn every_value_has_its_form() {
        for (value, json) in [
            (Value::Null, "null"),
            (Value::Boolean(true), "true"),
            (Value::Integer(9_007_199_254_740_993), "9007199254740993"),
            (Value::Number(1e300), "1e+300"),
            (Value::Decimal("-0.10"), "-0.10"),
            (Value::Text(""), r#""""#),
            (Value::Timestamp(0), r#""1970-01-01T00:00:00Z""#),
            (Value::Date(0), r#""1970-01-01""#),
            (Value::Json("{\n \"a\": 1,\r\n\"b\": 2}"), r#"{ "a": 1,"b": 2}"#),
            (Value::Bytes(b"\0"), r#""AA==""#),
        ] {
            assert_eq!(cell(value), json);
        }
    }

    #[test]
    fn what_a_string_cannot_hold_is_escaped_and_nothing_else_is() {
        let text = cell(Value::Text("a\"b\\c/\u{8}\t\n\u{c}\r\0\u{1f}\u{7f}\u{2028}\u{2029}é𐍈\u{10ffff}"));
        assert_eq!(text, "\"a\\\"b\\\\c/\\b\\t\\n\\f\\r\\u0000\\u001f\u{7f}\u{2028}\u{2029}é𐍈\u{10ffff}\"");
    }
}
