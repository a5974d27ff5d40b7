//! A cell of a source, put into a column of the type that was declared, if it is of that type.

use serde::de::IgnoredAny;

use crate::datasets::{instants, parameter::is_decimal};
use crate::records::{Column, Type, Value};

/// There is no such number in JSON, nor elsewhere than in binary64.
const NOT_FINITE: &str = "is no finite number (NaN or infinity); leave such rows out in the query, or cast the column to text there";
/// Beyond this a binary64 number skips whole numbers.
const EXACT: i64 = 1 << 53;

/// Adds `value` to `column`, whose type is the declared one.
///
/// # Errors
/// Why it is not of that type; nothing of the value itself.
#[inline]
pub(in crate::datasets) fn fit(value: Value<'_>, column: &mut Column) -> Result<(), &'static str> {
    if column.push(value) {
        return Ok(());
    }
    convert(value, column)
}

fn convert(value: Value<'_>, column: &mut Column) -> Result<(), &'static str> {
    let converted = match (column.kind(), value) {
        (Type::Boolean, Value::Integer(number @ (0 | 1))) => Value::Boolean(number == 1),
        (Type::Integer, Value::Decimal(text)) => {
            Value::Integer(whole(text).ok_or("has a fraction or is beyond 64 bits")?)
        }
        (Type::Integer, Value::Number(number)) => {
            Value::Integer(whole_number(number).ok_or("has a fraction or is beyond 64 bits")?)
        }
        (Type::Number, Value::Number(_)) => return Err(NOT_FINITE),
        (Type::Number, Value::Integer(number)) => {
            Value::Number(exact(number).ok_or("is beyond what a number holds")?)
        }
        (Type::Number, Value::Decimal(text)) => Value::Number(text.parse().map_err(|_| "is no number")?),
        (Type::Decimal, Value::Integer(number)) => return decimal(&number.to_string(), column),
        // As short as it can be written and be the same number; never with an exponent.
        (Type::Decimal, Value::Number(number)) if number.is_finite() => {
            return decimal(&number.to_string(), column);
        }
        (Type::Decimal, Value::Number(_)) => return Err(NOT_FINITE),
        (Type::Decimal, Value::Text(text)) => return decimal(text, column),
        (Type::Timestamp, Value::Text(text)) => {
            Value::Timestamp(instants::instant(text).ok_or("is no instant")?)
        }
        (Type::Timestamp, Value::Integer(seconds)) => {
            Value::Timestamp(seconds.checked_mul(1_000_000).ok_or("is beyond what an instant holds")?)
        }
        (Type::Date, Value::Text(text)) => {
            Value::Date(instants::day(text).ok_or("is no day of the calendar")?)
        }
        (Type::Json, Value::Text(text)) => {
            serde_json::from_str::<IgnoredAny>(text).map_err(|_| "is no well-formed JSON")?;
            Value::Json(text)
        }
        (Type::Text, Value::Json(text)) => Value::Text(text),
        (_, other) => return Err(is_other(other)),
    };
    if column.push(converted) { Ok(()) } else { Err(NOT_FINITE) }
}

fn decimal(text: &str, column: &mut Column) -> Result<(), &'static str> {
    if is_decimal(text) && column.push(Value::Decimal(text)) { Ok(()) } else { Err("is no decimal number") }
}

/// `12` and `12.000`, but not `12.5`.
fn whole(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    fraction.bytes().all(|digit| digit == b'0').then(|| whole.parse().ok())?
}

fn whole_number(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= EXACT as f64).then_some(number as i64)
}

fn exact(number: i64) -> Option<f64> {
    (-EXACT..=EXACT).contains(&number).then_some(number as f64)
}

/// What a cell is, that should have been something else.
fn is_other(value: Value<'_>) -> &'static str {
    match value {
        Value::Null => "is nothing",
        Value::Boolean(_) => "is a boolean",
        Value::Integer(_) => "is a whole number",
        Value::Number(_) => "is a number",
        Value::Decimal(_) => "is a decimal number",
        Value::Text(_) => "is text",
        Value::Timestamp(_) => "is an instant",
        Value::Date(_) => "is a date",
        Value::Json(_) => "is a JSON document",
        Value::Bytes(_) => "is bytes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_becomes_the_declared_type_only_if_nothing_is_lost() {
        for (kind, value, becomes) in [
            (Type::Boolean, Value::Integer(1), Ok(Value::Boolean(true))),
            (Type::Boolean, Value::Integer(2), Err("is a whole number")),
            (Type::Integer, Value::Decimal("-9223372036854775808.00"), Ok(Value::Integer(i64::MIN))),
            (
                Type::Integer,
                Value::Decimal("9223372036854775808"),
                Err("has a fraction or is beyond 64 bits"),
            ),
            (Type::Integer, Value::Decimal("1.5"), Err("has a fraction or is beyond 64 bits")),
            (Type::Integer, Value::Number(3.0), Ok(Value::Integer(3))),
            (Type::Integer, Value::Number(1e300), Err("has a fraction or is beyond 64 bits")),
            (Type::Integer, Value::Text("1"), Err("is text")),
            (Type::Number, Value::Integer(EXACT), Ok(Value::Number(9_007_199_254_740_992.0))),
            (Type::Number, Value::Integer(EXACT + 1), Err("is beyond what a number holds")),
            (Type::Number, Value::Number(f64::INFINITY), Err(NOT_FINITE)),
            (Type::Number, Value::Decimal("0.1"), Ok(Value::Number(0.1))),
            (Type::Decimal, Value::Number(1e21), Ok(Value::Decimal("1000000000000000000000"))),
            (Type::Decimal, Value::Text("12.50"), Ok(Value::Decimal("12.50"))),
            (Type::Decimal, Value::Text("NaN"), Err("is no decimal number")),
            (Type::Timestamp, Value::Text("1970-01-01 00:00:01"), Ok(Value::Timestamp(1_000_000))),
            (Type::Timestamp, Value::Integer(-1), Ok(Value::Timestamp(-1_000_000))),
            (Type::Timestamp, Value::Integer(i64::MAX), Err("is beyond what an instant holds")),
            (Type::Date, Value::Text("1970-01-02"), Ok(Value::Date(1))),
            (Type::Date, Value::Text("1970-01-02 00:00:00"), Err("is no day of the calendar")),
            (Type::Json, Value::Text("{\"a\": [1, null]}"), Ok(Value::Json("{\"a\": [1, null]}"))),
            (Type::Json, Value::Text("{a: 1}"), Err("is no well-formed JSON")),
            (Type::Text, Value::Json("{}"), Ok(Value::Text("{}"))),
            (Type::Text, Value::Bytes(b"a"), Err("is bytes")),
            (Type::Bytes, Value::Text("a"), Err("is text")),
        ] {
            let mut column = Column::new(kind);
            let fitted = fit(value, &mut column).map(|()| column.value(0));
            assert_eq!(fitted, becomes, "{value:?} as {kind}");
        }
    }
}
