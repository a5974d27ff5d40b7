//! Some rows, column by column.

use std::sync::Arc;

use super::{Schema, Type, Value};

/// Rows that a batch is meant to hold: enough that nobody notices its seams, and little memory.
const ROWS: usize = 1024;
/// Bytes of text after which a batch is full, however few its rows are.
const BYTES: usize = 1 << 20;

/// Some rows of one schema. Filled column by column or row by row; every column has as many cells.
#[derive(Debug, Clone)]
pub struct Batch {
    schema: Arc<Schema>,
    columns: Vec<Column>,
}

impl Batch {
    /// A batch without rows.
    pub fn new(schema: &Arc<Schema>) -> Self {
        let columns = schema.fields.iter().map(|field| Column::new(field.kind)).collect();
        Self { schema: Arc::clone(schema), columns }
    }

    /// The columns' names and types.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Its rows.
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is time to pass it on.
    pub fn is_full(&self) -> bool {
        self.len() >= ROWS || self.columns.iter().map(Column::bytes).sum::<usize>() >= BYTES
    }

    /// The columns, in the order of the schema.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column at `place`, to add a cell to.
    pub fn column_mut(&mut self, place: usize) -> &mut Column {
        &mut self.columns[place]
    }

    /// The cell at `row` of the column at `place`.
    pub fn value(&self, row: usize, place: usize) -> Value<'_> {
        self.columns[place].value(row)
    }

    /// Forgets its rows and keeps its memory.
    pub fn clear(&mut self) {
        self.columns.iter_mut().for_each(Column::clear);
    }
}

/// The cells of one column.
#[derive(Debug, Clone)]
pub struct Column {
    kind: Type,
    cells: Cells,
    /// Which cells are nothing; these have a cell of no meaning among the others.
    nulls: Vec<bool>,
}

#[derive(Debug, Clone)]
enum Cells {
    Booleans(Vec<bool>),
    /// Integers, and timestamps in microseconds.
    Wholes(Vec<i64>),
    Numbers(Vec<f64>),
    Days(Vec<i32>),
    /// Texts, decimals and JSON documents one after another, in UTF-8, and where each ends.
    Texts(String, Vec<usize>),
    Bytes(Vec<u8>, Vec<usize>),
}

impl Column {
    /// A column without cells.
    pub fn new(kind: Type) -> Self {
        let cells = match kind {
            Type::Boolean => Cells::Booleans(Vec::new()),
            Type::Integer | Type::Timestamp => Cells::Wholes(Vec::new()),
            Type::Number => Cells::Numbers(Vec::new()),
            Type::Date => Cells::Days(Vec::new()),
            Type::Text | Type::Decimal | Type::Json => Cells::Texts(String::new(), Vec::new()),
            Type::Bytes => Cells::Bytes(Vec::new(), Vec::new()),
        };
        Self { kind, cells, nulls: Vec::new() }
    }

    /// What its cells are.
    pub fn kind(&self) -> Type {
        self.kind
    }

    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.nulls.len()
    }

    /// Whether it has no cells.
    pub fn is_empty(&self) -> bool {
        self.nulls.is_empty()
    }

    /// Bytes of its cells, about.
    pub fn bytes(&self) -> usize {
        match &self.cells {
            Cells::Booleans(cells) => cells.len(),
            Cells::Wholes(cells) => cells.len() * 8,
            Cells::Numbers(cells) => cells.len() * 8,
            Cells::Days(cells) => cells.len() * 4,
            Cells::Texts(cells, ends) => cells.len() + ends.len() * 8,
            Cells::Bytes(cells, ends) => cells.len() + ends.len() * 8,
        }
    }

    /// The cell at `row`.
    pub fn value(&self, row: usize) -> Value<'_> {
        if self.nulls[row] {
            return Value::Null;
        }
        match (&self.cells, self.kind) {
            (Cells::Booleans(cells), _) => Value::Boolean(cells[row]),
            (Cells::Wholes(cells), Type::Timestamp) => Value::Timestamp(cells[row]),
            (Cells::Wholes(cells), _) => Value::Integer(cells[row]),
            (Cells::Numbers(cells), _) => Value::Number(cells[row]),
            (Cells::Days(cells), _) => Value::Date(cells[row]),
            (Cells::Texts(text, ends), kind) => {
                let text = &text[begin(ends, row)..ends[row]];
                match kind {
                    Type::Decimal => Value::Decimal(text),
                    Type::Json => Value::Json(text),
                    _ => Value::Text(text),
                }
            }
            (Cells::Bytes(bytes, ends), _) => Value::Bytes(&bytes[begin(ends, row)..ends[row]]),
        }
    }

    /// Adds a cell, if it is one of this column's type.
    #[must_use = "a cell of another type is not added"]
    pub fn push(&mut self, value: Value<'_>) -> bool {
        match (&mut self.cells, value, self.kind) {
            (_, Value::Null, _) => {
                self.push_null();
                return true;
            }
            (Cells::Booleans(cells), Value::Boolean(cell), _) => cells.push(cell),
            (Cells::Wholes(cells), Value::Integer(cell), Type::Integer)
            | (Cells::Wholes(cells), Value::Timestamp(cell), Type::Timestamp) => cells.push(cell),
            (Cells::Numbers(cells), Value::Number(cell), _) if cell.is_finite() => cells.push(cell),
            (Cells::Days(cells), Value::Date(cell), _) => cells.push(cell),
            (Cells::Texts(text, ends), Value::Text(cell), Type::Text)
            | (Cells::Texts(text, ends), Value::Decimal(cell), Type::Decimal)
            | (Cells::Texts(text, ends), Value::Json(cell), Type::Json) => {
                text.push_str(cell);
                ends.push(text.len());
            }
            (Cells::Bytes(bytes, ends), Value::Bytes(cell), _) => {
                bytes.extend_from_slice(cell);
                ends.push(bytes.len());
            }
            _ => return false,
        }
        self.nulls.push(false);
        true
    }

    /// Adds a cell with nothing in it.
    pub fn push_null(&mut self) {
        match &mut self.cells {
            Cells::Booleans(cells) => cells.push(false),
            Cells::Wholes(cells) => cells.push(0),
            Cells::Numbers(cells) => cells.push(0.0),
            Cells::Days(cells) => cells.push(0),
            Cells::Texts(text, ends) => ends.push(text.len()),
            Cells::Bytes(bytes, ends) => ends.push(bytes.len()),
        }
        self.nulls.push(true);
    }

    /// Forgets its cells and keeps its memory.
    pub fn clear(&mut self) {
        match &mut self.cells {
            Cells::Booleans(cells) => cells.clear(),
            Cells::Wholes(cells) => cells.clear(),
            Cells::Numbers(cells) => cells.clear(),
            Cells::Days(cells) => cells.clear(),
            Cells::Texts(text, ends) => (text.clear(), ends.clear()).1,
            Cells::Bytes(bytes, ends) => (bytes.clear(), ends.clear()).1,
        }
        self.nulls.clear();
    }
}

fn begin(ends: &[usize], row: usize) -> usize {
    row.checked_sub(1).map_or(0, |before| ends[before])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Field;

    #[test]
    fn every_cell_is_found_again_and_nothing_is_unlike_empty() {
        let schema = Schema::new(Type::ALL.map(|kind| Field::new(kind.as_str(), kind)).into());
        let row = [
            Value::Boolean(true),
            Value::Integer(i64::MIN),
            Value::Number(-0.5),
            Value::Decimal("12.340"),
            Value::Text(""),
            Value::Timestamp(-1),
            Value::Date(-719_162),
            Value::Json("{}"),
            Value::Bytes(&[0, 255]),
        ];
        let mut batch = Batch::new(&schema);
        for round in 0..3 {
            for (place, value) in row.into_iter().enumerate() {
                let cell = if round == 1 { Value::Null } else { value };
                assert!(batch.column_mut(place).push(cell), "{value:?}");
            }
        }
        for (place, value) in row.into_iter().enumerate() {
            let cells: Vec<_> = (0..3).map(|row| batch.value(row, place)).collect();
            assert_eq!(cells, [value, Value::Null, value]);
        }
        batch.clear();
        assert!(batch.is_empty());
    }

    #[test]
    fn a_cell_of_another_type_is_not_added() {
        let mut column = Column::new(Type::Integer);
        for other in [Value::Timestamp(1), Value::Text("1"), Value::Number(1.0)] {
            assert!(!column.push(other), "{other:?}");
        }
        assert!(!Column::new(Type::Number).push(Value::Number(f64::NAN)));
        assert!(column.is_empty());
    }
}
