//! Filters that write dates and times.

use std::sync::Arc;

use minijinja::{Environment, Error, Value};
use time::OffsetDateTime;

use super::budget::{Budget, refused};
use super::numbers::NOTHING;
use super::values::Moment;

/// Characters of a pattern.
const LONGEST: usize = 100;

/// Adds them to the engine.
pub fn add(engine: &mut Environment<'_>, _budget: &Arc<Budget>) {
    for (name, pattern) in [("date", "%Y-%m-%d"), ("time", "%H:%M"), ("datetime", "%Y-%m-%d %H:%M")] {
        engine.add_filter(name, move |value: Value, own: Option<String>| {
            written(&value, own.as_deref().unwrap_or(pattern))
        });
    }
}

fn written(value: &Value, pattern: &str) -> Result<String, Error> {
    if value.is_none() {
        return Ok(NOTHING.into());
    }
    let moment = Moment::from(value).ok_or_else(|| refused("a filter for dates was given something else"))?;
    if pattern.len() > LONGEST {
        return Err(refused("a pattern for dates has at most 100 bytes"));
    }
    let Some(at) = moment.calendar() else { return Ok(NOTHING.into()) };
    let mut text = String::new();
    let mut signs = pattern.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '%' => text.push_str(&part(at, signs.next())?),
            other => text.push(other),
        }
    }
    Ok(text)
}

/// What a letter after `%` stands for.
///
/// Source: `strftime`, ISO/IEC 9899, as far as it needs no language but English.
fn part(at: OffsetDateTime, letter: Option<char>) -> Result<String, Error> {
    let (month, weekday) = (at.month().to_string(), at.weekday().to_string());
    Ok(match letter {
        Some('Y') => format!("{:04}", at.year()),
        Some('m') => format!("{:02}", u8::from(at.month())),
        Some('d') => format!("{:02}", at.day()),
        Some('H') => format!("{:02}", at.hour()),
        Some('M') => format!("{:02}", at.minute()),
        Some('S') => format!("{:02}", at.second()),
        Some('j') => format!("{:03}", at.ordinal()),
        Some('V') => format!("{:02}", at.iso_week()),
        Some('B') => month,
        Some('b') => month[..3].to_owned(),
        Some('A') => weekday,
        Some('a') => weekday[..3].to_owned(),
        Some('%') => "%".to_owned(),
        _ => return Err(refused("a pattern for dates knows %Y %m %d %H %M %S %j %V %B %b %A %a and %%")),
    })
}
