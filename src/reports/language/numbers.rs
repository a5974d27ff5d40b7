//! Filters that count and write numbers.

use std::sync::Arc;

use minijinja::{Environment, Error, Value};

use super::budget::{Budget, refused};
use super::values::Moment;

/// What stands where there is no number.
pub const NOTHING: &str = "–";
/// Digits after the point that may be asked for.
const MOST_DIGITS: usize = 12;

/// Adds them to the engine.
pub fn add(engine: &mut Environment<'_>, _budget: &Arc<Budget>) {
    engine.add_filter("number", |value: Value, digits: Option<usize>| written(&value, digits, ""));
    engine.add_filter("percent", |value: Value, digits: Option<usize>| {
        let share = number(&value)?.map(|number| Value::from(number * 100.0)).unwrap_or_default();
        written(&share, Some(digits.unwrap_or(1)), " %")
    });
    engine.add_filter("bytes", |value: Value| Ok::<_, Error>(number(&value)?.map_or(NOTHING.into(), size)));
    engine.add_filter("round", round);
    engine.add_filter("abs", |value: Value| {
        both(&value, &Value::from(0), "abs", |a, _| a.checked_abs(), |a, _| a.abs())
    });
    engine.add_filter("plus", |a: Value, b: Value| both(&a, &b, "plus", i128::checked_add, |a, b| a + b));
    engine.add_filter("minus", |a: Value, b: Value| both(&a, &b, "minus", i128::checked_sub, |a, b| a - b));
    engine.add_filter("times", |a: Value, b: Value| both(&a, &b, "times", i128::checked_mul, |a, b| a * b));
    engine.add_filter("divided_by", |a: Value, b: Value| {
        let (Some(a), Some(b)) = (number(&a)?, number(&b)?) else { return Ok(Value::from(())) };
        Ok::<_, Error>(if b == 0.0 { Value::from(()) } else { Value::from(a / b) })
    });
    engine.add_filter("plural", |value: Value, one: String, many: String| {
        let word = if number(&value)? == Some(1.0) { one } else { many };
        Ok::<_, Error>(format!("{} {word}", written(&value, None, "")?))
    });
}

/// The number that `value` is; `None` for nothing.
pub fn number(value: &Value) -> Result<Option<f64>, Error> {
    if value.is_none() || value.is_undefined() {
        return Ok(None);
    }
    if !value.is_number() {
        return Err(refused("a filter for numbers was given something else"));
    }
    f64::try_from(value.clone()).map(Some).map_err(|_| refused("a number is too large"))
}

/// A number with its thousands apart, and so many digits after the point; as many as it has, up to
/// two, when nothing is said.
fn written(value: &Value, digits: Option<usize>, unit: &str) -> Result<String, Error> {
    let Some(number) = number(value)?.filter(|number| number.is_finite()) else { return Ok(NOTHING.into()) };
    let digits = digits.unwrap_or(if value.is_integer() { 0 } else { 2 }).min(MOST_DIGITS);
    let whole = value.as_i64().filter(|_| value.is_integer());
    let text = match whole {
        // Whole numbers beyond 2^53 are written as they are.
        Some(whole) if digits == 0 => whole.to_string(),
        _ => format!("{number:.digits$}"),
    };
    let (sign, text) = text.strip_prefix('-').map_or(("", &*text), |rest| ("-", rest));
    let (whole, fraction) =
        text.split_once('.').map_or((text, String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let is_zero = whole.bytes().chain(fraction.bytes()).all(|byte| matches!(byte, b'0' | b'.'));
    let sign = if is_zero { "" } else { sign };
    Ok(format!("{sign}{}{fraction}{unit}", thousands(whole)))
}

fn thousands(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in base 1024 with one decimal, as packages' sizes are told.
fn size(bytes: f64) -> String {
    let mut left = bytes;
    for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
        if left.abs() < 1024.0 || unit == "TiB" {
            return if unit == "B" { format!("{left:.0} B") } else { format!("{left:.1} {unit}") };
        }
        left /= 1024.0;
    }
    NOTHING.into()
}

fn round(value: Value, digits: Option<usize>) -> Result<Value, Error> {
    let Some(number) = number(&value)? else { return Ok(value) };
    if value.is_integer() {
        return Ok(value);
    }
    let power = 10_f64.powi(i32::try_from(digits.unwrap_or(0).min(MOST_DIGITS)).unwrap_or(0));
    let rounded = (number * power).round() / power;
    Ok(Value::from(if rounded.is_finite() { rounded } else { number }))
}

/// An operation on two numbers: on whole ones as on whole ones. With nothing it comes to nothing.
fn both(
    a: &Value,
    b: &Value,
    name: &str,
    whole: impl Fn(i128, i128) -> Option<i128>,
    any: impl Fn(f64, f64) -> f64,
) -> Result<Value, Error> {
    if Moment::from(a).is_some() || Moment::from(b).is_some() {
        return Err(refused(format!("`{name}` is for numbers")));
    }
    let (Some(x), Some(y)) = (number(a)?, number(b)?) else { return Ok(Value::from(())) };
    if let (true, true, Some(a), Some(b)) = (a.is_integer(), b.is_integer(), a.as_i64(), b.as_i64()) {
        let found = whole(a.into(), b.into()).and_then(|number| i64::try_from(number).ok());
        return found.map(Value::from).ok_or_else(|| refused("a number is too large"));
    }
    let found = any(x, y);
    if found.is_finite() { Ok(Value::from(found)) } else { Err(refused("a number is too large")) }
}
