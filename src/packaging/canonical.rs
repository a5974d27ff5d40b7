//! The one way to write a JSON text, so that it can be signed.

use serde_json::{Map, Value};

/// Whole numbers up to here are the same in every JSON reader (RFC 7493 §2.2).
const LARGEST_EXACT: u64 = 1 << 53;

/// A value that has no canonical form: a number that is not whole, or too large to be exact
/// everywhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a whole number below 2^53")]
pub struct NotCanonical(String);

/// `object` in its canonical form (RFC 8785): no spaces, members by the UTF-16 of their names.
///
/// # Errors
/// [`NotCanonical`]: fractions are not written here, because nothing here has any.
pub fn canonical(object: &Map<String, Value>) -> Result<Vec<u8>, NotCanonical> {
    let mut out = Vec::new();
    write_object(object, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => {
            let whole = number.as_i64().map(i64::unsigned_abs).or(number.as_u64());
            whole.filter(|whole| *whole < LARGEST_EXACT).ok_or_else(|| NotCanonical(number.to_string()))?;
            out.extend_from_slice(number.to_string().as_bytes());
        }
        Value::String(text) => write_text(text, out),
        Value::Array(values) => {
            out.push(b'[');
            for (number, value) in values.iter().enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                write(value, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => write_object(members, out)?,
    }
    Ok(())
}

fn write_object(members: &Map<String, Value>, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    out.push(b'{');
    for (number, (name, value)) in sorted.into_iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        write_text(name, out);
        out.push(b':');
        write(value, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// serde_json escapes as RFC 8785 §3.2.2.2 asks: what must be, in the shortest way.
fn write_text(text: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, text).expect("a text is JSON, and memory takes it");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Result<String, NotCanonical> {
        let object: Map<String, Value> = serde_json::from_str(json).expect("an object");
        canonical(&object).map(|bytes| String::from_utf8(bytes).expect("text"))
    }

    #[test]
    fn texts_and_names_are_written_as_the_rfc_has_them() {
        // RFC 8785 §3.2.2 and §3.2.3, without their fractions.
        let text = r#"{ "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }"#;
        let expected = "{\"literals\":[null,true,false],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(of(text), Ok(expected.to_owned()));
        let names =
            "{\"\u{20ac}\":1,\"\\r\":2,\"\u{fb33}\":3,\"1\":4,\"\u{1f600}\":5,\"\u{80}\":6,\"\u{f6}\":7}";
        let expected =
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}";
        assert_eq!(of(names), Ok(expected.to_owned()));
    }

    #[test]
    fn a_number_that_readers_would_round_has_no_form() {
        assert_eq!(of("{\"a\":9007199254740991,\"b\":-1}"), Ok("{\"a\":9007199254740991,\"b\":-1}".into()));
        for wrong in ["9007199254740992", "1.5", "1e3", "18446744073709551615"] {
            assert!(of(&format!("{{\"a\":{wrong}}}")).is_err(), "{wrong}");
        }
    }
}
