//! Filters and tests for texts, and everything that the engine is given.

use std::sync::Arc;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, Value};

use crate::reports::limits::LONGEST_RANGE;

use super::budget::{Budget, refused};
use super::values::Moment;
use super::{dates, lists, numbers};

/// Gives `engine` all that texts may use: nothing of its own, and of ours only what counts what it
/// makes.
pub fn add(engine: &mut Environment<'_>, budget: &Arc<Budget>) {
    numbers::add(engine, budget);
    dates::add(engine, budget);
    lists::add(engine, budget);
    texts(engine, budget);
    tests(engine);
    let spent = Arc::clone(budget);
    engine.add_function("range", move |from: i64, to: Option<i64>| {
        let (from, to) = to.map_or((0, from), |to| (from, to));
        let count = to.saturating_sub(from).max(0);
        if count > LONGEST_RANGE {
            return Err(refused(format!("`range` counts at most {LONGEST_RANGE} numbers")));
        }
        spent.make(usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(size_of::<Value>()))?;
        Ok((from..to).map(Value::from).collect::<Vec<_>>())
    });
}

/// Makes another text of one, not much longer.
type Change = fn(&str) -> String;

fn texts(engine: &mut Environment<'_>, budget: &Arc<Budget>) {
    let changes: [(&'static str, Change); 4] = [
        ("upper", str::to_uppercase),
        ("lower", str::to_lowercase),
        ("trim", |text| text.trim().to_owned()),
        ("capitalize", capitalized),
    ];
    for (name, change) in changes {
        let spent = Arc::clone(budget);
        engine.add_filter(name, move |value: Value| {
            let text = text(&value)?;
            spent.make(text.len())?;
            Ok::<_, Error>(change(&text))
        });
    }
    let spent = Arc::clone(budget);
    engine.add_filter("truncate", move |value: Value, length: Option<usize>| {
        let (text, length) = (text(&value)?, length.unwrap_or(80));
        spent.make(text.len())?;
        Ok::<_, Error>(match text.char_indices().nth(length) {
            Some((end, _)) => format!("{}…", text[..end].trim_end()),
            None => text,
        })
    });
    engine.add_filter(
        "default",
        |value: Value, other: Value| {
            if value.is_undefined() || value.is_none() { other } else { value }
        },
    );
}

fn tests(engine: &mut Environment<'_>) {
    engine.add_test("defined", |value: &Value| !value.is_undefined());
    engine.add_test("none", |value: &Value| value.is_none());
    engine.add_test("number", |value: &Value| value.is_number());
    engine.add_test("text", |value: &Value| value.kind() == ValueKind::String);
    engine.add_test("moment", |value: &Value| Moment::from(value).is_some());
    engine.add_test("even", |value: &Value| value.as_i64().is_some_and(|number| number % 2 == 0));
    engine.add_test("odd", |value: &Value| value.as_i64().is_some_and(|number| number % 2 != 0));
}

/// The text that a single value is.
pub fn text(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::String => Ok(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::None => Ok(String::new()),
        ValueKind::Bool => Ok(if value.is_true() { "yes".into() } else { "no".into() }),
        ValueKind::Number => Ok(value.to_string()),
        ValueKind::Undefined => Err(Error::from(minijinja::ErrorKind::UndefinedError)),
        _ => match Moment::from(value) {
            Some(moment) => Ok(moment.to_string()),
            None => Err(refused(
                "a list or a row cannot be printed as a whole: print one of its values, or `|join`",
            )),
        },
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
