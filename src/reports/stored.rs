//! Cells that outlive their batch: held, or written to a file and read again.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::records::Value;

/// A cell, with nothing lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Stored<'a> {
    /// [`Value::Null`].
    Null,
    /// [`Value::Boolean`].
    Boolean(bool),
    /// [`Value::Integer`].
    Integer(i64),
    /// [`Value::Number`].
    Number(f64),
    /// [`Value::Decimal`].
    Decimal(#[serde(borrow)] Cow<'a, str>),
    /// [`Value::Text`].
    Text(#[serde(borrow)] Cow<'a, str>),
    /// [`Value::Timestamp`].
    Timestamp(i64),
    /// [`Value::Date`].
    Date(i32),
    /// [`Value::Json`].
    Json(#[serde(borrow)] Cow<'a, str>),
    /// [`Value::Bytes`].
    Bytes(#[serde(borrow)] Cow<'a, [u8]>),
}

impl Stored<'_> {
    /// The cell.
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(flag) => Value::Boolean(*flag),
            Self::Integer(number) => Value::Integer(*number),
            Self::Number(number) => Value::Number(*number),
            Self::Decimal(digits) => Value::Decimal(digits),
            Self::Text(text) => Value::Text(text),
            Self::Timestamp(micros) => Value::Timestamp(*micros),
            Self::Date(days) => Value::Date(*days),
            Self::Json(json) => Value::Json(json),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }

    /// The same, to be held for as long as one likes.
    pub fn held(value: Value<'_>) -> Stored<'static> {
        match value {
            Value::Decimal(digits) => Stored::Decimal(Cow::Owned(digits.to_owned())),
            Value::Text(text) => Stored::Text(Cow::Owned(text.to_owned())),
            Value::Json(json) => Stored::Json(Cow::Owned(json.to_owned())),
            Value::Bytes(bytes) => Stored::Bytes(Cow::Owned(bytes.to_owned())),
            Value::Null => Stored::Null,
            Value::Boolean(flag) => Stored::Boolean(flag),
            Value::Integer(number) => Stored::Integer(number),
            Value::Number(number) => Stored::Number(number),
            Value::Timestamp(micros) => Stored::Timestamp(micros),
            Value::Date(days) => Stored::Date(days),
        }
    }

    /// Bytes that it holds, about.
    pub fn size(&self) -> usize {
        let beside = match self {
            Self::Decimal(text) | Self::Text(text) | Self::Json(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        size_of::<Self>() + beside
    }
}

impl<'a> From<Value<'a>> for Stored<'a> {
    fn from(value: Value<'a>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Boolean(flag) => Self::Boolean(flag),
            Value::Integer(number) => Self::Integer(number),
            Value::Number(number) => Self::Number(number),
            Value::Decimal(digits) => Self::Decimal(Cow::Borrowed(digits)),
            Value::Text(text) => Self::Text(Cow::Borrowed(text)),
            Value::Timestamp(micros) => Self::Timestamp(micros),
            Value::Date(days) => Self::Date(days),
            Value::Json(json) => Self::Json(Cow::Borrowed(json)),
            Value::Bytes(bytes) => Self::Bytes(Cow::Borrowed(bytes)),
        }
    }
}
