//! What a column is of, from its cells.
//!
//! A column has the first type of which every cell of it would be written again as it was found: no
//! number loses a leading zero, no instant its offset. Without such a type it is of text, or of JSON if
//! that is where it comes from.

use crate::formats::calendar::{parse_date, parse_timestamp};
use crate::formats::written::push_value;
use crate::records::{Type, Value};

use super::row::Raw;

/// Types that cells can be found to be of, in the order in which they are preferred.
const ORDER: [Type; 8] = [
    Type::Boolean,
    Type::Integer,
    Type::Number,
    Type::Decimal,
    Type::Timestamp,
    Type::Date,
    Type::Text,
    Type::Json,
];

/// What a column may still be of.
#[derive(Debug, Clone, Copy)]
pub struct Guess {
    may: [bool; ORDER.len()],
    is_seen: bool,
}

impl Guess {
    /// Of anything.
    pub const ANY: Self = Self { may: [true; ORDER.len()], is_seen: false };

    /// Looks at one more cell.
    pub fn look(&mut self, raw: Raw, text: &str) {
        if raw == Raw::Null {
            return;
        }
        self.is_seen = true;
        for (may, kind) in self.may.iter_mut().zip(ORDER) {
            *may = *may && is_of(kind, raw, text);
        }
    }

    /// The best of what it may be; of text if there was nothing to look at.
    pub fn kind(&self) -> Type {
        let first = ORDER.into_iter().zip(self.may).find(|(_, may)| *may);
        first.filter(|_| self.is_seen).map_or(Type::Text, |(kind, _)| kind)
    }
}

fn is_of(kind: Type, raw: Raw, text: &str) -> bool {
    match (kind, raw) {
        (_, Raw::Null) => true,
        (Type::Boolean, Raw::Boolean) => true,
        (Type::Boolean, Raw::Word) => matches!(text, "true" | "false"),
        (Type::Integer, Raw::Word | Raw::Number) => is_integer(text),
        (Type::Number, Raw::Word | Raw::Number) => is_number(text, raw == Raw::Number),
        (Type::Decimal, Raw::Word | Raw::Number) => is_decimal(text),
        (Type::Timestamp, Raw::Word | Raw::Text) => {
            parse_timestamp(text).is_some_and(|at| is_written(Value::Timestamp(at), text))
        }
        (Type::Date, Raw::Word | Raw::Text) => {
            parse_date(text).is_some_and(|day| is_written(Value::Date(day), text))
        }
        (Type::Text, Raw::Word | Raw::Text) => true,
        (Type::Json, raw) => raw != Raw::Word,
        _ => false,
    }
}

fn is_integer(text: &str) -> bool {
    matches!(text.as_bytes().first(), Some(b'-' | b'0'..=b'9'))
        && text.parse().is_ok_and(|number| is_written(Value::Integer(number), text))
}

/// Whether the text is a binary64 number's shortest, or one with an exponent, which many programs write
/// with digits of their own. A JSON number with one is no text that only looks like a number: elsewhere
/// the exponent has to have its sign (`1E5` may be the name of something).
fn is_number(text: &str, is_json: bool) -> bool {
    let Some(number) = parse_number(text) else { return false };
    let has_exponent =
        if is_json { text.contains(['e', 'E']) } else { text.contains("e+") || text.contains("e-") };
    // So close to nothing that binary64 has nothing else for it.
    let digits = text.split(['e', 'E']).next().unwrap_or("");
    if number == 0.0 && digits.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        return false;
    }
    is_written(Value::Number(number), text) || (has_exponent && is_decimal(digits))
}

/// A finite number, however it is written in digits.
pub fn parse_number(text: &str) -> Option<f64> {
    let is_digits =
        |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    text.parse::<f64>().ok().filter(|number| number.is_finite() && is_digits(text))
}

/// Whether the text is a decimal number: an optional `-`, digits without a zero too many, and perhaps a
/// point and digits.
pub fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits(whole) && are_digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}

fn is_written(value: Value<'_>, text: &str) -> bool {
    let mut written = Vec::with_capacity(text.len());
    push_value(&mut written, value);
    written == text.as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(raw: Raw, texts: &[&str]) -> Type {
        let mut guess = Guess::ANY;
        texts.iter().for_each(|text| guess.look(raw, text));
        guess.kind()
    }

    #[test]
    fn words_are_of_the_first_type_that_writes_them_so() {
        for (texts, expected) in [
            (&["true", "false"][..], Type::Boolean),
            (&["0", "-9223372036854775808"], Type::Integer),
            (&["1", "9223372036854775808"], Type::Decimal),
            (&["0.5", "-1.0"], Type::Number),
            (&["1e-07", "0.25"], Type::Number),
            (&["1.50", "2"], Type::Decimal),
            (&["2026-11-20T09:15:00Z"], Type::Timestamp),
            (&["2026-11-20"], Type::Date),
            (&["0171"], Type::Text),
            (&["+1"], Type::Text),
            (&["1E5"], Type::Text),
            (&["-0"], Type::Decimal),
            (&["NaN"], Type::Text),
            (&["1e-400"], Type::Text),
            (&["0e-5", "5e-324"], Type::Number),
            (&["1", "x"], Type::Text),
            (&["2026-11-20T09:15:00+01:00"], Type::Text),
            (&["2026-11-20T09:15:00.000Z"], Type::Text),
            (&[""], Type::Text),
            (&[], Type::Text),
        ] {
            assert_eq!(kind(Raw::Word, texts), expected, "{texts:?}");
        }
    }

    #[test]
    fn json_stays_what_it_is() {
        assert_eq!(kind(Raw::Number, &["1e5", "1E+300"]), Type::Number);
        assert_eq!(kind(Raw::Number, &["1e999"]), Type::Json);
        assert_eq!(kind(Raw::Number, &["1e-400"]), Type::Json);
        assert_eq!(kind(Raw::Text, &["1"]), Type::Text);
        assert_eq!(kind(Raw::Text, &["2026-11-20"]), Type::Date);
        let mut guess = Guess::ANY;
        guess.look(Raw::Text, "1");
        guess.look(Raw::Null, "");
        guess.look(Raw::Number, "1");
        assert_eq!(guess.kind(), Type::Json);
    }
}
