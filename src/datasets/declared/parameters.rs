//! `[[datasets.parameters]]`: what a data set may be asked with.

use std::ops::Range;

use regex::RegexBuilder;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::table::{File, Table};
use crate::datasets::Argument;
use crate::datasets::parameter::{Bounds, Parameter, is_below, parse};
use crate::records::Type;

/// What a parameter may be.
const KINDS: [Type; 7] =
    [Type::Text, Type::Integer, Type::Number, Type::Decimal, Type::Boolean, Type::Timestamp, Type::Date];

/// Bytes that a compiled pattern may have: no declaration makes the server swell.
const PATTERN: usize = 1 << 20;

/// Reads a parameter of `data_set`.
pub(super) fn read(
    file: &mut File<'_>,
    data_set: &str,
    (entries, span): (&DeTable<'_>, Range<usize>),
) -> Option<Parameter> {
    let mut table = Table::new(entries, span, data_set.to_owned());
    let name = table.needed_text(file, "name").unwrap_or_default();
    table.subject = format!("{data_set}, parameter `{name}`");
    if !super::data_sets::is_name(&name) {
        table.fault(file, "name", "is no name; write a letter first, then `a`–`z`, `0`–`9` and `_`");
    }
    if name == "user_id" {
        table.fault(file, "name", "is bound by the server to whose data are exported; choose another");
    }
    let kind = table.needed_text(file, "type").and_then(|word| kind(file, &table, &word));
    let title = table.text(file, "title").unwrap_or_else(|| name.clone());
    let required = table.flag(file, "required");
    let Some((kind, list)) = kind else {
        for key in ["default", "min", "max", "max_length", "pattern", "values"] {
            table.value(key);
        }
        table.finish(file);
        return None;
    };
    let bounds = bounds(file, &mut table, kind);
    let mut parameter = Parameter { name, title, kind, list, required, default: Vec::new(), bounds };
    default(file, &mut table, &mut parameter);
    table.finish(file);
    Some(parameter)
}

/// `text` or `text[]`.
fn kind(file: &mut File<'_>, table: &Table<'_>, word: &str) -> Option<(Type, bool)> {
    let (one, list) = word.strip_suffix("[]").map_or((word, false), |one| (one, true));
    let kind = KINDS.into_iter().find(|kind| kind.as_str() == one);
    if kind.is_none() {
        let known: Vec<_> = KINDS.iter().map(|kind| kind.as_str()).collect();
        table.fault(file, "type", format!("is not one of {}, or a list of one: text[]", known.join(", ")));
    }
    kind.map(|kind| (kind, list))
}

fn bounds(file: &mut File<'_>, table: &mut Table<'_>, kind: Type) -> Bounds {
    let min = bound(file, table, "min", kind);
    let max = bound(file, table, "max", kind);
    if min.as_ref().zip(max.as_ref()).is_some_and(|(min, max)| is_below(max, min)) {
        table.fault(file, "min", "is more than `max`, so there is no value to choose");
    }
    let max_length = table.count(file, "max_length").and_then(|count| usize::try_from(count).ok());
    let pattern = table.text(file, "pattern");
    for key in ["max_length", "pattern"].into_iter().filter(|key| kind != Type::Text && table.has(key)) {
        table.fault(file, key, "is for text");
    }
    let pattern = pattern.and_then(|pattern| {
        // All of the value has to match: what follows a match would be a way around it.
        let built = RegexBuilder::new(&format!(r"\A(?:{pattern})\z")).size_limit(PATTERN).build();
        built.inspect_err(|_| table.fault(file, "pattern", "is no regular expression")).ok()
    });
    Bounds { min, max, max_length, pattern, values: values(file, table, "values", kind) }
}

fn bound(file: &mut File<'_>, table: &mut Table<'_>, key: &'static str, kind: Type) -> Option<Argument> {
    let value = table.value(key)?;
    if matches!(kind, Type::Text | Type::Boolean) {
        table.fault(file, key, "is for numbers and dates");
        return None;
    }
    let bound = parse(kind, &json(value));
    if bound.is_none() {
        table.fault(file, key, format!("is not of type {kind}"));
    }
    bound
}

fn values(file: &mut File<'_>, table: &mut Table<'_>, key: &'static str, kind: Type) -> Vec<Argument> {
    let Some(value) = table.value(key) else { return Vec::new() };
    let DeValue::Array(items) = value.get_ref() else {
        table.fault(file, key, "is not a list");
        return Vec::new();
    };
    let values: Vec<_> = items.iter().filter_map(|item| parse(kind, &json(item))).collect();
    if values.len() != items.len() || values.is_empty() {
        table.fault(file, key, format!("is not a list of at least one value of type {kind}"));
    }
    values
}

fn default(file: &mut File<'_>, table: &mut Table<'_>, parameter: &mut Parameter) {
    let Some(value) = table.value("default") else { return };
    if parameter.required {
        return table.fault(file, "default", "stands beside `required = true`; keep one of them");
    }
    match parameter.arguments(Some(&json(value))) {
        Ok(values) => parameter.default = values,
        Err(fault) => table.fault(file, "default", fault.why),
    }
}

/// A value of TOML as the checks of values read it.
fn json(value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Null, Value::from)
        }
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Value::Null, Value::from),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Array(items) => items.iter().map(json).collect(),
        DeValue::Table(_) => Value::Null,
    }
}
