//! Columns of a file as those that were declared.

use std::sync::Arc;

use crate::formats::{parse_date, parse_timestamp, push_value};
use crate::records::{Batch, Column, DataError, DataFault, Rows, Schema, Type, Value};

/// Rows of a file that tells its own types, in the columns and types that were declared.
pub struct Cast<R> {
    rows: R,
    schema: Arc<Schema>,
    /// For each declared column, which of the file's it is.
    places: Vec<usize>,
    room: Option<Batch>,
    came: u64,
    of: String,
}

impl<R: Rows> Cast<R> {
    /// `rows` as rows of `schema`; `of` is whose they are.
    ///
    /// # Errors
    /// [`DataFault::Columns`] if the file has not all of its columns.
    pub fn new(rows: R, schema: &Arc<Schema>, of: &str) -> Result<Self, DataFault> {
        let place = |name: &str| {
            let missing = || DataFault::Columns(format!("`{name}` is not there"));
            rows.schema().place(name).ok_or_else(missing)
        };
        let places = schema.fields.iter().map(|field| place(&field.name)).collect::<Result<_, _>>()?;
        Ok(Self { rows, schema: Arc::clone(schema), places, room: None, came: 0, of: of.to_owned() })
    }

    fn not_of_type(&self, row: usize, place: usize) -> DataError {
        let field = &self.schema.fields[place];
        let found = self.rows.schema().fields[self.places[place]].kind;
        let fault = DataFault::NotOfType {
            row: self.came + row as u64 + 1,
            column: field.name.clone(),
            declared: field.kind,
            why: format!("the file has {found}"),
        };
        DataError { data_set: self.of.clone(), section: None, fault }
    }
}

impl<R: Rows> Rows for Cast<R> {
    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn next(&mut self, mut room: Batch) -> Result<Option<Batch>, DataError> {
        let own = self.room.take().unwrap_or_else(|| Batch::new(self.rows.schema()));
        let Some(batch) = self.rows.next(own)? else { return Ok(None) };
        room.clear();
        let mut text = Vec::new();
        for (place, from) in self.places.iter().enumerate() {
            let (column, cells) = (room.column_mut(place), &batch.columns()[*from]);
            for row in 0..batch.len() {
                if !push(column, cells.value(row), &mut text) {
                    return Err(self.not_of_type(row, place));
                }
            }
        }
        self.came += batch.len() as u64;
        self.room = Some(batch);
        Ok(Some(room))
    }
}

/// Adds a cell, as it is or as what it says; only where nothing is lost by that.
fn push(column: &mut Column, value: Value<'_>, text: &mut Vec<u8>) -> bool {
    if column.push(value) {
        return true;
    }
    match (column.kind(), value) {
        (Type::Number, Value::Integer(number)) if number.unsigned_abs() <= 1 << 53 => {
            column.push(Value::Number(number as f64))
        }
        (Type::Integer, Value::Decimal(digits)) => {
            digits.parse().is_ok_and(|number| column.push(Value::Integer(number)))
        }
        (Type::Timestamp, Value::Text(text)) => {
            parse_timestamp(text).is_some_and(|micros| column.push(Value::Timestamp(micros)))
        }
        (Type::Date, Value::Text(text)) => {
            parse_date(text).is_some_and(|days| column.push(Value::Date(days)))
        }
        (Type::Json, Value::Text(text)) => {
            serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() && column.push(Value::Json(text))
        }
        (Type::Decimal, Value::Text(text)) => is_decimal(text) && column.push(Value::Decimal(text)),
        (Type::Text | Type::Decimal, Value::Integer(_))
        | (Type::Text, Value::Boolean(_) | Value::Number(_)) => written(column, value, text),
        (Type::Text, Value::Decimal(_) | Value::Timestamp(_) | Value::Date(_) | Value::Json(_)) => {
            written(column, value, text)
        }
        (Type::Text, Value::Bytes(bytes)) => {
            str::from_utf8(bytes).is_ok_and(|text| column.push(Value::Text(text)))
        }
        _ => false,
    }
}

fn written(column: &mut Column, value: Value<'_>, text: &mut Vec<u8>) -> bool {
    text.clear();
    push_value(text, value);
    let text = str::from_utf8(text).expect("values are written in UTF-8");
    if column.kind() == Type::Decimal {
        column.push(Value::Decimal(text))
    } else {
        column.push(Value::Text(text))
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_becomes_what_was_declared_only_if_nothing_is_lost() {
        for (kind, value, becomes) in [
            (Type::Number, Value::Integer(3), Some(Value::Number(3.0))),
            (Type::Number, Value::Integer(i64::MAX), None),
            (Type::Integer, Value::Decimal("18446744073709551615"), None),
            (Type::Integer, Value::Decimal("7"), Some(Value::Integer(7))),
            (Type::Integer, Value::Number(1.0), None),
            (Type::Decimal, Value::Integer(-7), Some(Value::Decimal("-7"))),
            (Type::Decimal, Value::Text("1.50"), Some(Value::Decimal("1.50"))),
            (Type::Decimal, Value::Text("1e5"), None),
            (Type::Timestamp, Value::Text("1970-01-01T00:00:00Z"), Some(Value::Timestamp(0))),
            (Type::Timestamp, Value::Integer(0), None),
            (Type::Date, Value::Text("1970-01-01"), Some(Value::Date(0))),
            (Type::Json, Value::Text("[1]"), Some(Value::Json("[1]"))),
            (Type::Json, Value::Text("[1"), None),
            (Type::Text, Value::Integer(7), Some(Value::Text("7"))),
            (Type::Text, Value::Bytes(b"a"), Some(Value::Text("a"))),
            (Type::Text, Value::Bytes(&[0xff]), None),
            (Type::Boolean, Value::Integer(1), None),
            (Type::Boolean, Value::Null, Some(Value::Null)),
        ] {
            let mut column = Column::new(kind);
            let added = push(&mut column, value, &mut Vec::new());
            assert_eq!(added.then(|| column.value(0)), becomes, "{value:?} as {kind}");
        }
    }
}
