//! What columns there are, and what is in them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// `true` or `false`.
    Boolean,
    /// A whole number of 64 bits.
    Integer,
    /// A binary64 number (IEEE 754), without NaN and infinities: no format could write them.
    Number,
    /// A decimal number, exactly as it is written.
    Decimal,
    /// Text, in Unicode.
    Text,
    /// An instant, in microseconds.
    Timestamp,
    /// A day of the calendar.
    Date,
    /// A JSON document (RFC 8259).
    Json,
    /// Bytes; text formats write them in base64 (RFC 4648 §4).
    Bytes,
}

impl Type {
    /// Every type.
    pub const ALL: [Self; 9] = [
        Self::Boolean,
        Self::Integer,
        Self::Number,
        Self::Decimal,
        Self::Text,
        Self::Timestamp,
        Self::Date,
        Self::Json,
        Self::Bytes,
    ];

    /// The word in declarations and in the metadata of documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Decimal => "decimal",
            Self::Text => "text",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::Json => "json",
            Self::Bytes => "bytes",
        }
    }

    /// Whether people expect it at the right edge of its column.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Number | Self::Decimal)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One column, before there are cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What programs call it; unlike every other of its schema.
    pub name: String,
    /// What people call it; its name when nothing else was said.
    pub title: String,
    /// What is in it. Any cell may be nothing.
    pub kind: Type,
    /// Whether what is personal in it is hidden.
    pub masked: bool,
}

impl Field {
    /// A column that people call what programs call it.
    pub fn new(name: impl Into<String>, kind: Type) -> Self {
        let name = name.into();
        Self { title: name.clone(), name, kind, masked: false }
    }
}

/// The columns of some rows, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schema {
    /// They.
    pub fields: Vec<Field>,
}

impl Schema {
    /// These columns.
    pub fn new(fields: Vec<Field>) -> Arc<Self> {
        Arc::new(Self { fields })
    }

    /// The place of the column `name`.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}
