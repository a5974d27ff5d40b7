//! What our documents tell of themselves.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::Value;

use crate::formats::read::row::Told;
use crate::records::{Field, Schema, Type};

/// A section whose columns are told.
#[derive(Debug, Deserialize)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// Its title.
    #[serde(default)]
    pub title: Option<String>,
    columns: Vec<Column>,
}

#[derive(Debug, Deserialize)]
struct Column {
    name: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(rename = "type")]
    kind: Type,
}

impl Declared {
    /// Its columns.
    pub fn schema(&self) -> Arc<Schema> {
        let field = |column: &Column| {
            let title = column.title.clone().unwrap_or_else(|| column.name.clone());
            Field { name: column.name.clone(), title, kind: column.kind, masked: false }
        };
        Schema::new(self.columns.iter().map(field).collect())
    }
}

/// Reads the metadata: what the document tells, and its sections' columns.
pub fn metadata(json: &[u8]) -> Result<(Told, Vec<Declared>), serde_json::Error> {
    let (mut told, mut sections) = (Told::default(), Vec::new());
    let Pairs(pairs) = serde_json::from_slice(json)?;
    for (name, value) in pairs {
        match (name.as_str(), value) {
            ("schema", value) => sections = serde_json::from_value(value)?,
            ("title", Value::String(title)) => told.title = title,
            (_, Value::String(text)) => told.metadata.push((name, text)),
            (_, value) => told.metadata.push((name, value.to_string())),
        }
    }
    match sections.iter().find_map(twice) {
        Some(name) => Err(de::Error::custom(format!("the column `{name}` is there twice"))),
        None => Ok((told, sections)),
    }
}

fn twice(section: &Declared) -> Option<&str> {
    let mut known = std::collections::HashSet::new();
    section.columns.iter().map(|column| column.name.as_str()).find(|name| !known.insert(*name))
}

/// An object's members, in their order.
struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Pairs, M::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = members.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}
