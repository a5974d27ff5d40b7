//! Reading the members of a template's objects so that every fault is found at once.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::TemplateFault;

/// The members of one object. What nobody asked for by the end is a fault too.
pub struct Members<'f> {
    pub pointer: String,
    members: Map<String, Value>,
    faults: &'f mut Vec<TemplateFault>,
}

impl Members<'_> {
    /// Reads the object `value`, which stands at `pointer`.
    pub fn within<T>(
        pointer: String,
        value: Value,
        faults: &mut Vec<TemplateFault>,
        read: impl FnOnce(&mut Members<'_>) -> Option<T>,
    ) -> Option<T> {
        let Value::Object(members) = value else {
            faults.push(TemplateFault::new(pointer, "must be an object"));
            return None;
        };
        let mut object = Members { pointer, members, faults };
        let read = read(&mut object);
        for name in std::mem::take(&mut object.members).keys() {
            object.fault::<()>(name, "is not known here");
        }
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

    /// A list of as many items as `count` allows; `None` within if it is missing.
    pub fn list<T>(
        &mut self,
        name: &str,
        count: RangeInclusive<usize>,
        mut read: impl FnMut(String, Value, &mut Vec<TemplateFault>) -> Option<T>,
    ) -> Option<Option<Vec<T>>> {
        let items = match self.members.remove(name) {
            None | Some(Value::Null) => return Some(None),
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
            all.push(read(format!("{list}/{place}"), item, self.faults));
        }
        all.into_iter().collect::<Option<Vec<_>>>().map(Some)
    }

    /// A list of single values.
    pub fn values<T>(
        &mut self,
        name: &str,
        count: RangeInclusive<usize>,
        read: impl Fn(Value) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let of_one = |pointer: String, value, faults: &mut Vec<TemplateFault>| match read(value) {
            Ok(value) => Some(value),
            Err(message) => {
                faults.push(TemplateFault::new(pointer, message));
                None
            }
        };
        self.list(name, count, of_one).map(Option::unwrap_or_default)
    }

    /// A list of objects.
    pub fn objects<T>(
        &mut self,
        name: &str,
        count: RangeInclusive<usize>,
        mut read: impl FnMut(&mut Members<'_>) -> Option<T>,
    ) -> Option<Option<Vec<T>>> {
        self.list(name, count, |pointer, value, faults| Members::within(pointer, value, faults, &mut read))
    }

    /// A member that is an object; `None` within if it is missing.
    pub fn object<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Members<'_>) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.members.remove(name) {
            None | Some(Value::Null) => Some(None),
            Some(value) => Members::within(self.pointer_to(name), value, self.faults, read).map(Some),
        }
    }

    /// Notes that `name` is not as it must be.
    pub fn fault<T>(&mut self, name: &str, message: impl Into<String>) -> Option<T> {
        self.faults.push(TemplateFault::new(self.pointer_to(name), message));
        None
    }

    /// Where the member `name` stands.
    pub fn pointer_to(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }

    /// Passes over every member, because one of them is already known to be wrong in a way that leaves
    /// nothing to hold the others against.
    pub fn pass_over_the_rest(&mut self) {
        self.members.clear();
    }
}

/// A text.
pub fn text(value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err("must be a text".into()),
    }
}

/// Yes or no.
pub fn flag(value: Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "must be true or false".into())
}

/// A whole number within bounds.
pub fn whole(bounds: RangeInclusive<usize>) -> impl FnOnce(Value) -> Result<usize, String> {
    move |value| {
        let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
        let message = || format!("must be a whole number from {} to {}", bounds.start(), bounds.end());
        number.filter(|number| bounds.contains(number)).ok_or_else(message)
    }
}

/// One of some words.
pub fn word<T: Copy>(known: &[(&str, T)]) -> impl Fn(Value) -> Result<T, String> {
    move |value| {
        let text = text(value).ok();
        let found = known.iter().find(|(word, _)| Some(*word) == text.as_deref());
        found.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
            format!("must be one of {}", words.join(", "))
        })
    }
}
