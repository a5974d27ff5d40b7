//! Reading the members of an object so that every fault is found at once.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::domain::Timestamp;

/// What is wrong with one member of a body, or one parameter of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldFault {
    /// Which: a JSON Pointer (RFC 6901).
    #[schema(example = "/selector/projectId")]
    pub pointer: String,
    /// What would be right.
    #[schema(example = "is required")]
    pub message: String,
}

/// Something that can be read from the members of an object.
pub trait FromFields: Sized {
    /// Reads it. `None` means that a fault was noted; every member is asked for first, so that
    /// all faults are.
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self>;
}

/// The members of one object. What nobody asked for by the end is a fault too.
pub struct Fields<'f> {
    pointer: String,
    members: Map<String, Value>,
    faults: &'f mut Vec<FieldFault>,
}

/// Reads a `T` from a whole value.
///
/// # Errors
/// Everything that is wrong with it, in the order of reading.
pub fn read<T: FromFields>(value: Value) -> Result<T, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let read = Fields::within(String::new(), value, &mut faults, T::from_fields);
    match read {
        Some(read) if faults.is_empty() => Ok(read),
        _ => Err(faults),
    }
}

impl<'f> Fields<'f> {
    fn within<T>(
        pointer: String,
        value: Value,
        faults: &'f mut Vec<FieldFault>,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let Value::Object(members) = value else {
            faults.push(FieldFault { pointer, message: "must be an object".into() });
            return None;
        };
        let mut fields = Fields { pointer, members, faults };
        let read = read(&mut fields);
        fields.refuse_the_rest();
        read
    }

    /// A member that must be there.
    pub fn required<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Result<T, String>) -> Option<T> {
        match self.optional(name, read)? {
            Some(value) => Some(value),
            None => self.fault(name, "is required"),
        }
    }

    /// A member that may be missing or `null`, which is `Some(None)`.
    // Faulty, absent and present are three different things.
    pub fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Value) -> Result<T, String>,
    ) -> Option<Option<T>> {
        match self.members.remove(name) {
            None | Some(Value::Null) => Some(None),
            Some(value) => match read(value) {
                Ok(value) => Some(Some(value)),
                Err(message) => self.fault(name, message),
            },
        }
    }

    /// A member as it is, `null` too; `None` if it is missing.
    pub fn taken(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name)
    }

    /// A member that must be there and is itself an object.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Option<T> {
        match self.members.remove(name) {
            None | Some(Value::Null) => self.fault(name, "is required"),
            Some(value) => Fields::within(self.pointer_to(name), value, self.faults, read),
        }
    }

    /// A list of objects, as many as `count` allows, that must be there. `read` is told the place
    /// of each.
    pub fn objects<T>(
        &mut self,
        name: &str,
        count: RangeInclusive<usize>,
        mut read: impl FnMut(usize, &mut Fields<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = match self.members.remove(name) {
            None | Some(Value::Null) => return self.fault(name, "is required"),
            Some(Value::Array(items)) => items,
            Some(_) => return self.fault(name, "must be a list"),
        };
        if !count.contains(&items.len()) {
            let (least, most) = count.into_inner();
            return self.fault(name, format!("must have {least} to {most} items"));
        }
        let list = self.pointer_to(name);
        // All are read, so that all faults are found.
        let mut all = Vec::new();
        for (place, item) in items.into_iter().enumerate() {
            let of_item = format!("{list}/{place}");
            all.push(Fields::within(of_item, item, self.faults, |fields| read(place, fields)));
        }
        all.into_iter().collect()
    }

    /// A list of texts; `[]` if it is missing.
    pub fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        self.list(name, text)
    }

    /// A list of what `read` makes of each item; `[]` if it is missing. A fault tells which item is
    /// meant.
    pub fn list<T>(&mut self, name: &str, read: impl Fn(Value) -> Result<T, String>) -> Option<Vec<T>> {
        let items = match self.members.remove(name) {
            None | Some(Value::Null) => return Some(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(_) => return self.fault(name, "must be a list"),
        };
        let list = self.pointer_to(name);
        let mut all = Vec::new();
        for (place, item) in items.into_iter().enumerate() {
            match read(item) {
                Ok(read) => all.push(Some(read)),
                Err(message) => {
                    self.faults.push(FieldFault { pointer: format!("{list}/{place}"), message });
                    all.push(None);
                }
            }
        }
        all.into_iter().collect()
    }

    /// The same of a list by which something is chosen: one that is there has at least one item, as
    /// nothing at all is never everything.
    pub fn choice<T>(&mut self, name: &str, read: impl Fn(Value) -> Result<T, String>) -> Option<Vec<T>> {
        match self.members.get(name) {
            Some(Value::Array(items)) if items.is_empty() => {
                self.taken(name);
                self.fault(name, "must have at least one; leave it out for all")
            }
            _ => self.list(name, read),
        }
    }

    /// Whether there is a member of this name that is not `null`.
    pub fn has(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(|value| !value.is_null())
    }

    /// Notes that `name` is not as it must be.
    pub fn fault<T>(&mut self, name: &str, message: impl Into<String>) -> Option<T> {
        let pointer = self.pointer_to(name);
        self.faults.push(FieldFault { pointer, message: message.into() });
        None
    }

    /// Notes that the object as a whole is not as it must be.
    pub fn fault_of_all<T>(&mut self, message: impl Into<String>) -> Option<T> {
        self.faults.push(FieldFault { pointer: self.pointer.clone(), message: message.into() });
        None
    }

    /// A member that may be there and means nothing.
    pub fn pass_over(&mut self, name: &str) {
        self.members.remove(name);
    }

    fn pointer_to(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }

    /// Whatever else there is does no harm: an address to which others have added words of theirs
    /// still leads where it led.
    pub fn pass_over_the_rest(&mut self) {
        self.members.clear();
    }

    fn refuse_the_rest(&mut self) {
        for name in std::mem::take(&mut self.members).keys() {
            self.fault::<()>(name, "is not known here");
        }
    }
}

/// A text.
pub fn text(value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Array(_) => Err("must be one text, given once".into()),
        _ => Err("must be a text".into()),
    }
}

/// Yes or no.
pub fn flag(value: Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "must be true or false".into())
}

/// A text that is a `T`; what is wrong with it is told in `T`'s own words.
pub fn parsed<T: FromStr<Err: Display>>(value: Value) -> Result<T, String> {
    text(value)?.parse().map_err(|error: T::Err| error.to_string())
}

/// One of some words.
pub fn word<T>(parse: impl Fn(&str) -> Option<T>, words: &str) -> impl FnOnce(Value) -> Result<T, String> {
    let message = format!("must be one of {words}");
    move |value| text(value).ok().and_then(|word| parse(&word)).ok_or(message)
}

/// A whole number within bounds.
pub fn whole(bounds: RangeInclusive<i64>) -> impl FnOnce(Value) -> Result<i64, String> {
    within(bounds, |value| value.as_i64().or_else(|| value.as_f64().and_then(without_fraction)))
}

/// `60.0` is `60` to JSON Schema, and to whoever has but one type of number; as far as such a number is exact.
///
/// Source: JSON Schema Core 2020-12 §4.2.3; RFC 8259 §6.
fn without_fraction(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_991.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

/// A whole number within bounds, as a query has it.
pub fn whole_in_words(bounds: RangeInclusive<i64>) -> impl FnOnce(Value) -> Result<i64, String> {
    within(bounds, |value| value.as_str()?.parse().ok())
}

fn within(
    bounds: RangeInclusive<i64>,
    read: impl FnOnce(&Value) -> Option<i64>,
) -> impl FnOnce(Value) -> Result<i64, String> {
    move |value| {
        let number = read(&value);
        let message = || format!("must be a whole number from {} to {}", bounds.start(), bounds.end());
        number.filter(|number| bounds.contains(number)).ok_or_else(message)
    }
}

/// An instant, RFC 3339.
pub fn instant(value: Value) -> Result<Timestamp, String> {
    Timestamp::parse(&text(value)?).map_err(|_| "must be a time like 2026-11-20T09:30:00Z".into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq)]
    struct Order {
        kind: String,
        count: i64,
        inner: Option<i64>,
    }

    impl FromFields for Order {
        fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
            let kind = fields.required("kind", text);
            let count = fields.optional("count", whole(1..=9));
            let inner = fields.object("in/ner", |inner| inner.optional("a", whole(0..=1)));
            Some(Self { kind: kind?, count: count?.unwrap_or(1), inner: inner? })
        }
    }

    #[test]
    fn a_right_object_is_read_and_null_is_absence() {
        let order = read::<Order>(json!({"kind": "tea", "count": null, "in/ner": {"a": 1}}));
        assert_eq!(order, Ok(Order { kind: "tea".into(), count: 1, inner: Some(1) }));
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_place() {
        let faults = read::<Order>(json!({"count": 10, "in/ner": {"a": "x", "b~": 1}, "extra": {}}));
        let faults: Vec<_> =
            faults.expect_err("faulty").into_iter().map(|fault| (fault.pointer, fault.message)).collect();
        let told = |pointer: &str, message: &str| (pointer.to_owned(), message.to_owned());
        assert_eq!(
            faults,
            [
                told("/kind", "is required"),
                told("/count", "must be a whole number from 1 to 9"),
                told("/in~1ner/a", "must be a whole number from 0 to 1"),
                told("/in~1ner/b~0", "is not known here"),
                told("/extra", "is not known here"),
            ]
        );
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        let read = |value| whole(i64::MIN..=i64::MAX)(value);
        for (value, number) in
            [(json!(60), 60), (json!(60.0), 60), (json!(-6e1), -60), (json!(i64::MAX), i64::MAX)]
        {
            assert_eq!(read(value), Ok(number));
        }
        for value in [json!(60.5), json!(1e300), json!(9.1e15), json!("60"), json!(null)] {
            assert!(read(value.clone()).is_err(), "{value}");
        }
    }

    #[derive(Debug, PartialEq)]
    struct Orders(Vec<Order>);

    impl FromFields for Orders {
        fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
            Some(Self(fields.objects("all", 1..=2, |_, order| Order::from_fields(order))?))
        }
    }

    #[test]
    fn a_list_has_as_many_objects_as_it_may_and_every_fault_tells_which_is_meant() {
        let order = json!({"kind": "tea", "in/ner": {}});
        let two = read::<Orders>(json!({"all": [order, order]}));
        assert_eq!(two.map(|orders| orders.0.len()), Ok(2));
        for (all, pointers) in [
            (json!([{"kind": 1, "in/ner": {}}, 7]), &["/all/0/kind", "/all/1"][..]),
            (json!([]), &["/all"]),
            (json!([order, order, order]), &["/all"]),
            (json!({}), &["/all"]),
            (json!(null), &["/all"]),
        ] {
            let faults = read::<Orders>(json!({"all": all})).expect_err("faulty");
            let told: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(told, pointers, "{all}");
        }
    }

    #[test]
    fn what_is_no_object_is_said_to_be_none() {
        for value in [json!([]), json!("x"), json!(null), json!(3)] {
            let faults = read::<Order>(value).expect_err("faulty");
            assert_eq!(faults, [FieldFault { pointer: String::new(), message: "must be an object".into() }]);
        }
    }
}
