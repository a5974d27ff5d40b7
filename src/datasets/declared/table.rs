//! Tables of TOML, read key by key: whatever is left unread at the end is a key nobody knows.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::datasets::Fault;

/// The file, and what is wrong with it so far.
pub(super) struct File<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    pub(super) faults: Vec<Fault>,
}

impl File<'_> {
    /// `datasets.toml:12`.
    pub(super) fn at(&self, span: &Range<usize>) -> String {
        let before = self.text.as_bytes().get(..span.start).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        format!("{}:{line}", self.name)
    }

    /// `datasets.toml:14`, for the byte `at` of the string written at `span`. Exact for strings of
    /// several lines without escapes, as SQL is written.
    pub(super) fn within(&self, span: &Range<usize>, value: &str, at: usize) -> String {
        let lines = value.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count();
        let written = self.text.get(span.clone()).unwrap_or_default();
        let opening = usize::from(written.starts_with("\"\"\"\n") || written.starts_with("'''\n"));
        let several = written.starts_with("\"\"\"") || written.starts_with("'''");
        let start = if several { lines + opening } else { 0 };
        let origin = self.at(span);
        let (name, line) = origin.rsplit_once(':').expect("a line in the origin");
        format!("{name}:{}", line.parse::<usize>().expect("a number") + start)
    }
}

/// One table, and whose it is.
pub(super) struct Table<'a> {
    entries: &'a DeTable<'a>,
    /// Where it was opened.
    pub(super) span: Range<usize>,
    /// "data set `orders`, query `lines`".
    pub(super) subject: String,
    read: BTreeSet<&'static str>,
}

impl<'a> Table<'a> {
    pub(super) fn new(entries: &'a DeTable<'a>, span: Range<usize>, subject: impl Into<String>) -> Self {
        Self { entries, span, subject: subject.into(), read: BTreeSet::new() }
    }

    /// Tells that `key` is wrong: where it is written, or where the table begins if it is not.
    pub(super) fn fault(&self, file: &mut File<'_>, key: &str, message: impl Into<String>) {
        let span = self.entries.get(key).map_or_else(|| self.span.clone(), Spanned::span);
        self.fault_at(file, &span, key, message);
    }

    pub(super) fn fault_at(
        &self,
        file: &mut File<'_>,
        span: &Range<usize>,
        key: &str,
        message: impl Into<String>,
    ) {
        let origin = file.at(span);
        self.fault_from(file, origin, key, message);
    }

    pub(super) fn fault_from(
        &self,
        file: &mut File<'_>,
        origin: String,
        key: &str,
        message: impl Into<String>,
    ) {
        file.faults.push(Fault {
            origin,
            subject: self.subject.clone(),
            key: key.to_owned(),
            message: message.into(),
        });
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The value of `key`, which is known from now on.
    pub(super) fn value(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.read.insert(key);
        self.entries.get(key)
    }

    pub(super) fn text(&mut self, file: &mut File<'_>, key: &'static str) -> Option<String> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => {
                self.fault(file, key, "is not text; put it in quotes");
                None
            }
        }
    }

    pub(super) fn needed_text(&mut self, file: &mut File<'_>, key: &'static str) -> Option<String> {
        if !self.has(key) {
            self.value(key);
            self.fault(file, key, "is missing");
        }
        self.text(file, key)
    }

    pub(super) fn flag(&mut self, file: &mut File<'_>, key: &'static str) -> bool {
        match self.value(key).map(Spanned::get_ref) {
            None => false,
            Some(DeValue::Boolean(flag)) => *flag,
            Some(_) => {
                self.fault(file, key, "is neither true nor false");
                false
            }
        }
    }

    /// A whole number, 1 or more.
    pub(super) fn count(&mut self, file: &mut File<'_>, key: &'static str) -> Option<u64> {
        let count = match self.value(key)?.get_ref() {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        if count.is_none_or(|count| count == 0) {
            self.fault(file, key, "is not a whole number of at least 1");
        }
        count
    }

    pub(super) fn duration(&mut self, file: &mut File<'_>, key: &'static str) -> Option<Duration> {
        let text = self.text(file, key)?;
        let duration = humantime::parse_duration(&text).ok().filter(|duration| !duration.is_zero());
        if duration.is_none() {
            self.fault(file, key, "is not a duration; write 30s, 15m or 1h");
        }
        duration
    }

    /// The word of `key` that `parse` knows, of those in `known`.
    pub(super) fn word<T>(
        &mut self,
        file: &mut File<'_>,
        key: &'static str,
        known: &[&str],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(file, key)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            self.fault(file, key, format!("is not one of {}", known.join(", ")));
        }
        parsed
    }

    /// The tables of a list of tables, with where each begins.
    pub(super) fn tables(
        &mut self,
        file: &mut File<'_>,
        key: &'static str,
    ) -> Vec<(&'a DeTable<'a>, Range<usize>)> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.fault(file, key, "is not a list of tables");
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::Table(entries) => tables.push((entries, item.span())),
                _ => self.fault_at(file, &item.span(), key, "is not a table"),
            }
        }
        tables
    }

    /// The table of `key`.
    pub(super) fn table(
        &mut self,
        file: &mut File<'_>,
        key: &'static str,
    ) -> Option<(&'a DeTable<'a>, Range<usize>)> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Table(entries) => Some((entries, value.span())),
            _ => {
                self.fault(file, key, "is not a table");
                None
            }
        }
    }

    /// Every entry, when keys are names: all of them are known then.
    pub(super) fn entries(&self) -> &'a DeTable<'a> {
        self.entries
    }

    /// Tells of every key that nobody asked for.
    pub(super) fn finish(self, file: &mut File<'_>) {
        let unknown = self.entries.iter().filter(|(key, _)| !self.read.contains(key.get_ref().as_ref()));
        let known: Vec<_> = self.read.iter().copied().collect();
        for (key, _) in unknown {
            let message = format!("is not known here; known are {}", known.join(", "));
            self.fault_at(file, &key.span(), key.get_ref(), message);
        }
    }
}
