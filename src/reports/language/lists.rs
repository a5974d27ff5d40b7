//! Filters for lists: of rows, of columns, of whatever was picked from them.

use std::cmp::Ordering;
use std::sync::Arc;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, Value};

use crate::reports::limits::LONGEST_JOINED;

use super::budget::{Budget, refused};
use super::filters::text;
use super::numbers::number;
use super::values::Moment;

/// Adds them to the engine.
pub fn add(engine: &mut Environment<'_>, budget: &Arc<Budget>) {
    parts(engine, budget);
    figures(engine, budget);
    let spent = Arc::clone(budget);
    engine.add_filter("join", move |list: Value, between: Option<String>| {
        let between = between.unwrap_or_else(|| ", ".into());
        let mut joined = String::new();
        for (place, item) in items(&spent, &list)?.into_iter().enumerate() {
            let item = text(&item)?;
            spent.make(item.len() + between.len())?;
            if place > 0 {
                joined.push_str(&between);
            }
            joined.push_str(&item);
            if joined.len() > LONGEST_JOINED {
                return Err(refused(format!("`join` puts together at most {} KiB", LONGEST_JOINED >> 10)));
            }
        }
        Ok::<_, Error>(joined)
    });
    let spent = Arc::clone(budget);
    engine.add_filter("sort", move |list: Value, by: Option<String>, descending: Option<bool>| {
        let mut all = picked(&spent, &list, by.as_deref())?;
        let descending = descending.unwrap_or_default();
        all.sort_by(|(one, _), (other, _)| order(one, other, descending));
        Ok::<_, Error>(all.into_iter().map(|(_, item)| item).collect::<Vec<_>>())
    });
    let spent = Arc::clone(budget);
    engine.add_filter("where", move |list: Value, name: String, wanted: Value| {
        let all = picked(&spent, &list, Some(&name))?.into_iter();
        Ok::<_, Error>(all.filter(|(value, _)| *value == wanted).map(|(_, item)| item).collect::<Vec<_>>())
    });
}

/// Filters that take part of a list.
fn parts(engine: &mut Environment<'_>, budget: &Arc<Budget>) {
    let spent = Arc::clone(budget);
    engine.add_filter("length", move |value: Value| match value.as_str() {
        Some(text) => Ok(text.chars().count()),
        None => items(&spent, &value).map(|items| items.len()),
    });
    let spent = Arc::clone(budget);
    engine.add_filter("first", move |list: Value, count: Option<usize>| {
        let items = items(&spent, &list)?;
        Ok::<_, Error>(match count {
            None => items.into_iter().next().unwrap_or_else(|| Value::from(())),
            Some(count) => items.into_iter().take(count).collect::<Vec<_>>().into(),
        })
    });
    let spent = Arc::clone(budget);
    engine.add_filter("last", move |list: Value, count: Option<usize>| {
        let mut items = items(&spent, &list)?;
        Ok::<_, Error>(match count {
            None => items.pop().unwrap_or_else(|| Value::from(())),
            Some(count) => items.split_off(items.len().saturating_sub(count)).into(),
        })
    });
    let spent = Arc::clone(budget);
    engine.add_filter("reverse", move |list: Value| {
        items(&spent, &list).map(|items| items.into_iter().rev().collect::<Vec<_>>())
    });
    let spent = Arc::clone(budget);
    engine.add_filter("map", move |list: Value, name: String| {
        let all = picked(&spent, &list, Some(&name))?;
        Ok::<_, Error>(all.into_iter().map(|(value, _)| value).collect::<Vec<_>>())
    });
}

/// Makes one number of many.
type Fold = fn(&[f64]) -> f64;

/// Filters that make one number of a list, or of a column of its rows. What is nothing does not count.
fn figures(engine: &mut Environment<'_>, budget: &Arc<Budget>) {
    let folds: [(&'static str, Fold); 2] = [
        ("sum", |numbers| numbers.iter().sum()),
        #[expect(clippy::cast_precision_loss, reason = "a list has at most some thousands")]
        ("mean", |numbers| numbers.iter().sum::<f64>() / numbers.len() as f64),
    ];
    for (name, fold) in folds {
        let spent = Arc::clone(budget);
        engine.add_filter(name, move |list: Value, of: Option<String>| {
            let all = picked(&spent, &list, of.as_deref())?;
            let numbers = all.iter().filter_map(|(value, _)| number(value).transpose());
            let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
            let is_nothing = numbers.is_empty() && name == "mean";
            Ok::<_, Error>(if is_nothing { Value::from(()) } else { Value::from(fold(&numbers)) })
        });
    }
    for (name, wanted) in [("min", Ordering::Less), ("max", Ordering::Greater)] {
        let spent = Arc::clone(budget);
        engine.add_filter(name, move |list: Value, of: Option<String>| {
            let all = picked(&spent, &list, of.as_deref())?.into_iter();
            let all = all.map(|(value, _)| value).filter(|value| !value.is_none());
            let best =
                all.reduce(|best, next| if order(&next, &best, false) == wanted { next } else { best });
            Ok::<_, Error>(best.unwrap_or_else(|| Value::from(())))
        });
    }
}

/// What is in a list.
fn items(budget: &Budget, list: &Value) -> Result<Vec<Value>, Error> {
    if !matches!(list.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return Err(refused("a filter for lists was given something else"));
    }
    let items: Vec<Value> = list.try_iter()?.collect();
    budget.make(items.len() * size_of::<Value>())?;
    Ok(items)
}

/// What is in a list, each with its attribute `name`; with itself when there is none.
fn picked(budget: &Budget, list: &Value, name: Option<&str>) -> Result<Vec<(Value, Value)>, Error> {
    let all = items(budget, list)?.into_iter();
    let Some(name) = name else { return Ok(all.map(|item| (item.clone(), item)).collect()) };
    all.map(|item| match item.get_attr(name) {
        Ok(value) if !value.is_undefined() => Ok((value, item)),
        _ => Err(refused(format!("what is in the list has no `{name}`"))),
    })
    .collect()
}

/// Nothing comes last, whichever way round the others are; numbers, texts and moments have their own
/// order.
fn order(one: &Value, other: &Value, descending: bool) -> Ordering {
    match (one.is_none(), other.is_none()) {
        (false, false) => {}
        (one, other) => return one.cmp(&other),
    }
    let among = match (Moment::from(one), Moment::from(other)) {
        (Some(one), Some(other)) => one.rank().cmp(&other.rank()),
        _ => one.cmp(other),
    };
    if descending { among.reverse() } else { among }
}
