//! One place that settings are written in: what it sets, where exactly, and what it misspells.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use config::{ConfigError, Map, Source, Value};

use super::fault::Fault;
use super::table::{SETTINGS, Setting, find};

/// What the environment's variables begin with.
pub(super) const PREFIX: &str = "EXPORTD__";

/// The settings written in one place, each with its origin.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    values: BTreeMap<&'static str, Value>,
    /// Secrets that stand in files of their own, and which.
    pub(super) twins: Vec<(&'static str, PathBuf)>,
    /// What cannot be used at all.
    pub(super) faults: Vec<Fault>,
}

impl Layer {
    /// A place that cannot be read.
    pub(super) fn unusable(fault: Fault) -> Self {
        Self { faults: vec![fault], ..Self::default() }
    }

    /// The variables that begin with [`PREFIX`]. An empty one is as good as none: that is what
    /// compose files make of a variable that nobody set.
    pub(super) fn from_environment(variables: &[(OsString, OsString)]) -> Self {
        let mut layer = Self::default();
        for (name, value) in variables {
            let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
            let (key, origin) = (rest.to_lowercase().replace("__", "."), format!("{PREFIX}{rest}"));
            match value.to_str() {
                Some("") => {}
                Some(text) => layer.set(&key, Value::new(Some(&origin), text)),
                None => layer.faults.push(Fault::new(key, origin, "not UTF-8; write plain text")),
            }
        }
        layer
    }

    /// Settings given on the command line, as `(key, value, the flag they came by)`.
    pub(super) fn from_flags(flags: &[(String, String, String)]) -> Self {
        let mut layer = Self::default();
        for (key, value, flag) in flags {
            layer.set(key, Value::new(Some(flag), value.as_str()));
        }
        layer
    }

    /// Takes `value` for `key`, or for the setting whose file twin `key` is.
    pub(super) fn set(&mut self, key: &str, value: Value) {
        let origin = value.origin().unwrap_or_default().to_owned();
        if let Some(setting) = find(key) {
            self.put(setting, value, &origin);
        } else if let Some(setting) = SETTINGS.iter().find(|setting| setting.twin().as_deref() == Some(key)) {
            let file = value.kind.to_string();
            match content(&file) {
                Ok(text) => {
                    self.twins.push((setting.key, file.into()));
                    self.put(setting, Value::new(Some(&format!("{origin} ({key})")), text), &origin);
                }
                Err(message) => self.faults.push(Fault::new(key, origin, message)),
            }
        } else {
            self.faults.push(Fault::new(key, origin, unknown(key)));
        }
    }

    /// Whether the setting whose file twin `key` is has a value here.
    pub(super) fn has_instead_of(&self, key: &str) -> bool {
        self.values.keys().any(|name| find(name).and_then(Setting::twin).as_deref() == Some(key))
    }

    fn put(&mut self, setting: &'static Setting, value: Value, origin: &str) {
        if let Some(before) = self.values.insert(setting.key, value) {
            let before = before.origin().unwrap_or_default();
            let message = format!("also set by {before}; write one of the two");
            self.faults.push(Fault::new(setting.key, origin, message));
        }
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.values.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    }
}

/// A secret's own file, without the line ends that editors leave at its end.
fn content(path: &str) -> Result<String, String> {
    match std::fs::read_to_string(OsStr::new(path)) {
        Ok(text) => Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
        Err(error) => Err(format!("`{path}` cannot be read: {error}")),
    }
}

/// Whether settings live under `section`.
pub(super) fn is_section(section: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.key.strip_prefix(section).is_some_and(|rest| rest.starts_with('.')))
}

/// What to say of a key that nothing reads.
pub(super) fn unknown(key: &str) -> String {
    if is_section(key) {
        return format!("a section, not a setting; it has {}", names_in(key));
    }
    match key.rsplit_once('.') {
        Some((section, _)) if is_section(section) => {
            format!("no such setting; `{section}` has {}", names_in(section))
        }
        _ => format!("no such section; there are {}", sections()),
    }
}

fn names_in(section: &str) -> String {
    let mut names: Vec<_> = SETTINGS
        .iter()
        .filter_map(|setting| setting.key.strip_prefix(section)?.strip_prefix('.'))
        .map(|rest| rest.split('.').next().unwrap_or(rest))
        .collect();
    names.dedup();
    names.join(", ")
}

fn sections() -> String {
    let mut names: Vec<_> = SETTINGS.iter().filter_map(|setting| setting.key.split('.').next()).collect();
    names.dedup();
    names.join(", ")
}
