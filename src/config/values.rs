//! The values that count, whoever wrote them.

use std::collections::BTreeMap;

use config::{Value, ValueKind};
use serde::de::DeserializeOwned;

use super::fault::Fault;

/// What of `auth.*` is in no section of its own.
pub(super) const AUTH: [&str; 1] = ["signing_keys_file"];

/// What the settings are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A server: somebody must be able to prove who they are.
    Serve,
    /// A tool beside one.
    Tool,
}

/// A setting's value as it counts.
#[derive(Debug, Clone)]
pub struct Counting {
    /// As written and checked; `None` when unset or faulty.
    pub value: Option<ValueKind>,
    /// Where it was written; `None` is the default.
    pub origin: Option<String>,
}

/// Every setting's value, by key.
#[derive(Debug, Clone, Default)]
pub struct Values(pub BTreeMap<&'static str, Counting>);

impl Values {
    /// One room's part: the settings of `section`, or those `named` of it.
    ///
    /// # Errors
    /// When the part lacks something or has too much, which a fault of its own explains.
    pub fn part<T: DeserializeOwned>(&self, section: &str, named: Option<&[&str]>) -> Result<T, Fault> {
        let mut table = config::Map::new();
        for (key, counts) in &self.0 {
            let name = key.strip_prefix(section).and_then(|rest| rest.strip_prefix('.'));
            let (Some(name), Some(value)) = (name, &counts.value) else { continue };
            if named.is_none_or(|names| names.contains(&name)) {
                table.insert(name.to_owned(), Value::new(counts.origin.as_ref(), value.clone()));
            }
        }
        let part = Value::from(table).try_deserialize();
        part.map_err(|error| Fault::new(section, "settings", error.to_string()))
    }

    /// Where somebody wrote `key`, rightly or wrongly.
    pub fn origin(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.origin.as_deref()
    }

    /// What `key` is, if it is right.
    pub fn value(&self, key: &str) -> Option<&ValueKind> {
        self.0.get(key)?.value.as_ref()
    }
}
