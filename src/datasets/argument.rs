//! What parameters are bound to.

use std::collections::BTreeMap;

use crate::domain::{Granularity, Timestamp};

/// One value of a parameter. It reaches a source only as a bound value, never as SQL.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// Text.
    Text(String),
    /// A whole number of 64 bits.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// A decimal number as it was written.
    Decimal(String),
    /// `true` or `false`.
    Boolean(bool),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// Days since 1970-01-01.
    Date(i32),
}

/// The values that a data set's parameters are bound to, by their names. Whose the data are
/// (`user_id`) is never among them: it is the order's owner.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Arguments(pub(super) BTreeMap<String, Vec<Argument>>);

impl Arguments {
    /// None at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// With `name` bound to these texts; to nothing when there are none.
    #[must_use]
    pub fn texts(self, name: &str, values: &[String]) -> Self {
        self.with(name, values.iter().cloned().map(Argument::Text).collect())
    }

    /// With `name` bound to this instant, if it is one.
    #[must_use]
    pub fn instant(self, name: &str, at: Option<Timestamp>) -> Self {
        let micros = at.map(|at| Argument::Timestamp(at.millis().saturating_mul(1_000)));
        self.with(name, micros.into_iter().collect())
    }

    /// With `name` bound to this number, if it is one.
    #[must_use]
    pub fn number(self, name: &str, number: Option<u64>) -> Self {
        let number = number.map(|number| Argument::Integer(i64::try_from(number).unwrap_or(i64::MAX)));
        self.with(name, number.into_iter().collect())
    }

    /// With `granularity` bound to the word of this step.
    #[must_use]
    pub fn granularity(self, step: Granularity) -> Self {
        self.with("granularity", vec![Argument::Text(step.as_str().to_owned())])
    }

    /// With `name` bound to nothing: the clauses that it stands in are left out.
    #[must_use]
    pub(super) fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// The names that are bound.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn with(mut self, name: &str, values: Vec<Argument>) -> Self {
        if !values.is_empty() {
            self.0.insert(name.to_owned(), values);
        }
        self
    }

    pub(super) fn of(&self, name: &str) -> Option<&[Argument]> {
        self.0.get(name).map(Vec::as_slice)
    }
}
