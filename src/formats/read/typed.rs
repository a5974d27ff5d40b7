//! Cells of a file as cells of a column.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::IgnoredAny;

use crate::formats::calendar::{parse_date, parse_timestamp};
use crate::formats::json::push_string;
use crate::records::{Column, Type, Value};

use super::infer::{is_decimal, parse_number};
use super::row::Raw;

/// Adds a cell to `column`, if it is, or says, one of its type. An empty word is nothing wherever it
/// could not be anything.
#[must_use = "a cell of another type is not added"]
pub fn push(column: &mut Column, raw: Raw, text: &str) -> bool {
    let kind = column.kind();
    if raw == Raw::Word && text.is_empty() && !matches!(kind, Type::Text | Type::Bytes) {
        return column.push(Value::Null);
    }
    if kind == Type::Json && raw == Raw::Text {
        let mut json = Vec::with_capacity(text.len() + 2);
        push_string(&mut json, text);
        return str::from_utf8(&json).is_ok_and(|json| column.push(Value::Json(json)));
    }
    if kind == Type::Bytes {
        let bytes = STANDARD.decode(text).ok().filter(|_| matches!(raw, Raw::Word | Raw::Text));
        return match raw {
            Raw::Null => column.push(Value::Null),
            _ => bytes.is_some_and(|bytes| column.push(Value::Bytes(&bytes))),
        };
    }
    value(kind, raw, text).is_some_and(|value| column.push(value))
}

/// The cell as a value of `kind`, which is neither made of bytes nor to be put into quotes.
fn value(kind: Type, raw: Raw, text: &str) -> Option<Value<'_>> {
    match (kind, raw) {
        (_, Raw::Null) => Some(Value::Null),
        (Type::Text, _) => Some(Value::Text(text)),
        (Type::Json, Raw::Word) => serde_json::from_str::<IgnoredAny>(text).ok().map(|_| Value::Json(text)),
        (Type::Json, _) => Some(Value::Json(text)),
        (Type::Boolean, Raw::Word | Raw::Boolean) => boolean(text).map(Value::Boolean),
        (Type::Integer, Raw::Word | Raw::Number) => text.parse().ok().map(Value::Integer),
        (Type::Number, Raw::Word | Raw::Number) => parse_number(text).map(Value::Number),
        (Type::Decimal, Raw::Word | Raw::Number) => is_decimal(text).then_some(Value::Decimal(text)),
        (Type::Timestamp, Raw::Word | Raw::Text) => parse_timestamp(text).map(Value::Timestamp),
        (Type::Date, Raw::Word | Raw::Text) => parse_date(text).map(Value::Date),
        _ => None,
    }
}

/// As databases write it into their own files, too.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "TRUE" | "True" | "t" | "1" => Some(true),
        "false" | "FALSE" | "False" | "f" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(kind: Type, raw: Raw, text: &str) -> Option<String> {
        let mut column = Column::new(kind);
        push(&mut column, raw, text).then(|| format!("{:?}", column.value(0)))
    }

    #[test]
    fn what_says_a_value_of_the_type_is_one() {
        for (kind, raw, text, expected) in [
            (Type::Boolean, Raw::Word, "t", Value::Boolean(true)),
            (Type::Boolean, Raw::Word, "", Value::Null),
            (Type::Integer, Raw::Word, "007", Value::Integer(7)),
            (Type::Number, Raw::Number, "1", Value::Number(1.0)),
            (Type::Decimal, Raw::Number, "1.10", Value::Decimal("1.10")),
            (Type::Text, Raw::Word, "", Value::Text("")),
            (Type::Text, Raw::Number, "1e5", Value::Text("1e5")),
            (Type::Timestamp, Raw::Text, "1970-01-01 01:00:00+01:00", Value::Timestamp(0)),
            (Type::Date, Raw::Word, "1970-01-02", Value::Date(1)),
            (Type::Json, Raw::Text, "a\"", Value::Json("\"a\\\"\"")),
            (Type::Json, Raw::Word, "[1]", Value::Json("[1]")),
            (Type::Bytes, Raw::Word, "AP8=", Value::Bytes(&[0, 255])),
            (Type::Bytes, Raw::Null, "", Value::Null),
        ] {
            assert_eq!(cell(kind, raw, text), Some(format!("{expected:?}")), "{kind} {text}");
        }
    }

    #[test]
    fn what_does_not_is_refused() {
        for (kind, raw, text) in [
            (Type::Boolean, Raw::Word, "yes"),
            (Type::Integer, Raw::Word, "1.0"),
            (Type::Integer, Raw::Text, "1"),
            (Type::Integer, Raw::Number, "9223372036854775808"),
            (Type::Number, Raw::Word, "inf"),
            (Type::Number, Raw::Number, "1e999"),
            (Type::Decimal, Raw::Number, "1e5"),
            (Type::Timestamp, Raw::Number, "0"),
            (Type::Date, Raw::Word, "2026-02-30"),
            (Type::Json, Raw::Word, "{"),
            (Type::Bytes, Raw::Word, "?"),
            (Type::Bytes, Raw::Number, "1234"),
        ] {
            assert_eq!(cell(kind, raw, text), None, "{kind} {text}");
        }
    }
}
