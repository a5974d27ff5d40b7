//! What a data set may be asked with.

use std::fmt;

use regex::Regex;
use serde_json::Value;

use super::{Argument, instants};
use crate::records::Type;

/// Most values that a list parameter takes.
const MOST_VALUES: usize = 10_000;

/// A parameter that the operator declared.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// What programs call it, and SQL after a colon.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What its values are: text, integer, number, decimal, boolean, timestamp or date.
    pub kind: Type,
    /// Whether it takes a list of them.
    pub list: bool,
    /// Whether it has to be given.
    pub required: bool,
    /// What it is bound to when it is not given; nothing when empty.
    pub default: Vec<Argument>,
    /// Within what a value must be.
    pub bounds: Bounds,
}

/// Within what a value must be.
#[derive(Debug, Clone, Default)]
pub struct Bounds {
    /// Not below this.
    pub min: Option<Argument>,
    /// Not above this.
    pub max: Option<Argument>,
    /// No more characters than this.
    pub max_length: Option<usize>,
    /// All of a text matches this.
    pub pattern: Option<Regex>,
    /// One of these; anything when empty.
    pub values: Vec<Argument>,
}

/// What is the matter with a value that a caller gave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("parameter `{name}` {why}")]
pub struct ParameterFault {
    /// The parameter.
    pub name: String,
    /// Which of its values, counted from 0, where it is about one of a list.
    pub place: Option<usize>,
    /// What is the matter, as the end of a sentence that begins with its name.
    pub why: String,
}

impl Parameter {
    /// What `given` is as this parameter's values; its default when it is nothing.
    ///
    /// # Errors
    /// Why it is not.
    pub(super) fn arguments(&self, given: Option<&Value>) -> Result<Vec<Argument>, ParameterFault> {
        match given {
            None | Some(Value::Null) if self.required => Err(self.fault("is required")),
            None | Some(Value::Null) => Ok(self.default.clone()),
            Some(Value::Array(_)) if !self.list => Err(self.fault("is one value and not a list")),
            Some(Value::Array(values)) => self.list_of(values),
            Some(_) if self.list => Err(self.fault(format!("is a list; write [{}]", self.example()))),
            Some(value) => Ok(vec![self.argument(value)?]),
        }
    }

    fn list_of(&self, values: &[Value]) -> Result<Vec<Argument>, ParameterFault> {
        // Nothing at all is never everything.
        if values.is_empty() {
            return Err(self.fault("must have at least one; leave it out for all"));
        }
        if values.len() > MOST_VALUES {
            return Err(self.fault(format!("has {} values; at most {MOST_VALUES} are taken", values.len())));
        }
        let at = |(place, value)| {
            self.argument(value).map_err(|fault| ParameterFault { place: Some(place), ..fault })
        };
        values.iter().enumerate().map(at).collect()
    }

    fn argument(&self, value: &Value) -> Result<Argument, ParameterFault> {
        let argument = parse(self.kind, value).ok_or_else(|| {
            self.fault(format!("is not {}; write it like {}", with_article(self.kind), self.example()))
        })?;
        self.bounds.check(&argument).map_err(|why| self.fault(why))?;
        Ok(argument)
    }

    fn example(&self) -> &'static str {
        match self.kind {
            Type::Boolean => "true",
            Type::Integer => "42",
            Type::Number => "0.5",
            Type::Decimal => "\"12.50\"",
            Type::Timestamp => "\"2026-01-31T00:00:00Z\"",
            Type::Date => "\"2026-01-31\"",
            Type::Text | Type::Json | Type::Bytes => "\"text\"",
        }
    }

    fn fault(&self, why: impl Into<String>) -> ParameterFault {
        ParameterFault { name: self.name.clone(), place: None, why: why.into() }
    }
}

fn with_article(kind: Type) -> &'static str {
    match kind {
        Type::Boolean => "true or false",
        Type::Integer => "a whole number of 64 bits",
        Type::Number => "a number",
        Type::Decimal => "a decimal number",
        Type::Timestamp => "an instant (RFC 3339)",
        Type::Date => "a date",
        Type::Text | Type::Json | Type::Bytes => "a text without NUL",
    }
}

/// What `value` is as one of `kind`, if it is.
pub(super) fn parse(kind: Type, value: &Value) -> Option<Argument> {
    match (kind, value) {
        // No source takes a NUL in a text: PostgreSQL refuses it, others cut there.
        (Type::Text, Value::String(text)) => (!text.contains('\0')).then(|| Argument::Text(text.clone())),
        (Type::Integer, Value::Number(number)) => number.as_i64().map(Argument::Integer),
        (Type::Number, Value::Number(number)) => {
            number.as_f64().filter(|number| number.is_finite()).map(Argument::Number)
        }
        (Type::Decimal, Value::String(text)) => is_decimal(text).then(|| Argument::Decimal(text.clone())),
        (Type::Decimal, Value::Number(number)) => {
            let text = number.to_string();
            is_decimal(&text).then_some(Argument::Decimal(text))
        }
        (Type::Boolean, Value::Bool(flag)) => Some(Argument::Boolean(*flag)),
        (Type::Timestamp, Value::String(text)) => instants::instant(text).map(Argument::Timestamp),
        (Type::Date, Value::String(text)) => instants::day(text).map(Argument::Date),
        _ => None,
    }
}

/// An optional `-`, digits, and perhaps a point and digits; of a length that any source takes.
pub(super) fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits.len() <= 1_000 && are_digits(whole) && are_digits(fraction)
}

impl Bounds {
    fn check(&self, value: &Argument) -> Result<(), String> {
        if let Some(min) = self.min.as_ref().filter(|min| is_below(value, min)) {
            return Err(format!("is below {min}"));
        }
        if let Some(max) = self.max.as_ref().filter(|max| is_below(max, value)) {
            return Err(format!("is above {max}"));
        }
        if !self.values.is_empty() && !self.values.contains(value) {
            let known: Vec<_> = self.values.iter().map(ToString::to_string).collect();
            return Err(format!("is none of {}", known.join(", ")));
        }
        match value {
            Argument::Text(text) => self.check_text(text),
            _ => Ok(()),
        }
    }

    fn check_text(&self, text: &str) -> Result<(), String> {
        if let Some(most) = self.max_length.filter(|most| text.chars().count() > *most) {
            return Err(format!("has more than {most} characters"));
        }
        match &self.pattern {
            Some(pattern) if !pattern.is_match(text) => {
                Err("is not of the form that is asked for".to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// Whether `a` is less than `b`, of the same type. Decimals compare as numbers do: bounds are not
/// where the fortieth digit counts.
pub(super) fn is_below(a: &Argument, b: &Argument) -> bool {
    let decimal = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
    match (a, b) {
        (Argument::Integer(a), Argument::Integer(b)) | (Argument::Timestamp(a), Argument::Timestamp(b)) => {
            a < b
        }
        (Argument::Number(a), Argument::Number(b)) => a < b,
        (Argument::Decimal(a), Argument::Decimal(b)) => decimal(a) < decimal(b),
        (Argument::Date(a), Argument::Date(b)) => a < b,
        _ => false,
    }
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Decimal(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Boolean(flag) => flag.fmt(f),
            Self::Timestamp(micros) => write!(f, "{}Z", instants::instant_text(*micros, 'T')),
            Self::Date(days) => f.write_str(&instants::day_text(i64::from(*days))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parameter(kind: Type) -> Parameter {
        Parameter {
            name: "p".to_owned(),
            title: "p".to_owned(),
            kind,
            list: false,
            required: false,
            default: Vec::new(),
            bounds: Bounds::default(),
        }
    }

    #[test]
    fn a_value_is_of_its_type_or_refused() {
        for (kind, right, wrong) in [
            (Type::Text, json!("it's"), vec![json!(1), json!("nul \0"), json!({"a": 1})]),
            (Type::Integer, json!(i64::MIN), vec![json!("1"), json!(1.5), json!(u64::MAX), json!(true)]),
            (
                Type::Number,
                json!(1),
                vec![json!("1"), json!(null).as_null().map_or(json!(0), |()| json!([1]))],
            ),
            (
                Type::Decimal,
                json!("-0.10"),
                vec![json!("1e5"), json!("."), json!("1."), json!(""), json!(1e300)],
            ),
            (Type::Boolean, json!(false), vec![json!(0), json!("false")]),
            (Type::Timestamp, json!("2026-01-01T00:00:00+01:00"), vec![json!("yesterday"), json!(0)]),
            (Type::Date, json!("2024-02-29"), vec![json!("2026-02-29"), json!("2026-01-01T00:00:00Z")]),
        ] {
            let parameter = parameter(kind);
            assert!(parameter.arguments(Some(&right)).is_ok(), "{kind}: {right}");
            for wrong in wrong {
                assert!(parameter.arguments(Some(&wrong)).is_err(), "{kind}: {wrong}");
            }
        }
    }

    #[test]
    fn a_value_out_of_bounds_is_refused_with_its_bound() {
        let why =
            |parameter: &Parameter, value: Value| parameter.arguments(Some(&value)).expect_err("refused").why;
        let mut number = parameter(Type::Integer);
        number.bounds.min = Some(Argument::Integer(1));
        number.bounds.max = Some(Argument::Integer(9));
        assert_eq!(why(&number, json!(0)), "is below 1");
        assert_eq!(why(&number, json!(10)), "is above 9");
        assert!(number.arguments(Some(&json!(9))).is_ok());

        let mut text = parameter(Type::Text);
        text.bounds.max_length = Some(3);
        text.bounds.pattern = Some(Regex::new(r"\A(?:[a-z]+)\z").expect("a pattern"));
        assert_eq!(why(&text, json!("äöüß")), "has more than 3 characters");
        assert_eq!(why(&text, json!("a1\n")), "is not of the form that is asked for");

        text.bounds.values = vec![Argument::Text("de".to_owned()), Argument::Text("at".to_owned())];
        assert_eq!(why(&text, json!("ch")), "is none of de, at");
    }

    #[test]
    fn a_list_is_a_list_and_nothing_is_the_default() {
        let mut list = Parameter { list: true, required: true, ..parameter(Type::Text) };
        assert!(list.arguments(None).is_err());
        assert!(list.arguments(Some(&json!([]))).is_err());
        assert!(list.arguments(Some(&json!("a"))).is_err());
        assert_eq!(list.arguments(Some(&json!(["a", "b"]))).expect("a list").len(), 2);
        assert!(list.arguments(Some(&json!(vec!["a"; MOST_VALUES + 1]))).is_err());
        assert_eq!(list.arguments(Some(&json!(["a", 1]))).expect_err("refused").place, Some(1));
        list.required = false;
        assert!(list.arguments(Some(&json!([]))).is_err(), "nothing is not everything");
        list.default = vec![Argument::Text("x".to_owned())];
        assert_eq!(list.arguments(Some(&Value::Null)).expect("its default"), list.default);
    }
}
