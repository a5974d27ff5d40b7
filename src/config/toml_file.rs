//! `exportd.toml`, read so that every fault can name its line.

use std::ops::Range;
use std::path::Path;

use config::{Value, ValueKind};
use toml::de::{DeTable, DeValue};

use super::fault::Fault;
use super::layer::{Layer, is_section, unknown};
use super::table::find;

/// Reads `path`; what is wrong with it is in the layer's faults.
pub(super) fn read(path: &Path) -> Layer {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&name, &text),
        Err(error) => Layer::unusable(Fault::new("file", name, format!("cannot be read: {error}"))),
    }
}

/// The settings in `text`, a file called `name`.
pub(super) fn parse(name: &str, text: &str) -> Layer {
    let file = Reading { name, text };
    let mut layer = Layer::default();
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        // The error's own display would repeat the line, which may hold a secret.
        let origin = file.at(&error.span().unwrap_or_default());
        layer.faults.push(Fault::new("syntax", origin, error.message()));
    }
    file.table("", table.get_ref(), &mut layer);
    layer
}

struct Reading<'a> {
    name: &'a str,
    text: &'a str,
}

impl Reading<'_> {
    fn at(&self, span: &Range<usize>) -> String {
        let before = self.text.as_bytes().get(..span.start).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        format!("{}:{line}", self.name)
    }

    fn table(&self, section: &str, table: &DeTable<'_>, layer: &mut Layer) {
        for (name, value) in table {
            let key = match section {
                "" => name.get_ref().to_string(),
                _ => format!("{section}.{}", name.get_ref()),
            };
            let origin = self.at(&name.span());
            match value.get_ref() {
                DeValue::Table(inner) if is_section(&key) => self.table(&key, inner, layer),
                DeValue::Table(_) if find(&key).is_none() => {
                    layer.faults.push(Fault::new(&key, origin, unknown(&key)));
                }
                value => layer.set(&key, Value::new(Some(&origin), plain(value))),
            }
        }
    }
}

/// A TOML value as the settings' checks read it; numbers too long for a number stay text, for
/// the check to refuse.
fn plain(value: &DeValue<'_>) -> ValueKind {
    match value {
        DeValue::String(text) => ValueKind::String(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => ValueKind::I64(number),
            Err(_) => ValueKind::String(number.as_str().to_owned()),
        },
        DeValue::Float(number) => ValueKind::String(number.as_str().to_owned()),
        DeValue::Boolean(flag) => ValueKind::Boolean(*flag),
        DeValue::Datetime(time) => ValueKind::String(time.to_string()),
        DeValue::Array(items) => {
            ValueKind::Array(items.iter().map(|item| Value::new(None, plain(item.get_ref()))).collect())
        }
        DeValue::Table(_) => ValueKind::Table(config::Map::new()),
    }
}
