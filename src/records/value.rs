//! One cell.

/// One cell of a batch. Timestamps and dates are numbers here; how they are written is for formats
/// to say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Nothing: unlike an empty text.
    Null,
    /// Of a boolean column.
    Boolean(bool),
    /// Of a column of whole numbers.
    Integer(i64),
    /// Of a column of numbers; finite.
    Number(f64),
    /// Of a column of decimal numbers: an optional `-`, digits, and perhaps a point and digits.
    Decimal(&'a str),
    /// Of a column of text.
    Text(&'a str),
    /// Microseconds since 1970-01-01T00:00:00Z; negative before.
    Timestamp(i64),
    /// Days since 1970-01-01; negative before.
    Date(i32),
    /// Of a column of JSON documents; well-formed.
    Json(&'a str),
    /// Of a column of bytes.
    Bytes(&'a [u8]),
}

impl Value<'_> {
    /// Whether there is nothing in the cell.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}
