//! The rows of a section, each cell put into its column.

use std::sync::Arc;

use crate::records::{Batch, Schema};

use super::row::{Cell, Parser, Raw, Row};
use super::typed::push;
use super::{Fault, Place, ReadError};

/// The text and the cells of a row that was read before.
pub type Kept = (Vec<u8>, Vec<Cell>);

/// Puts rows into batches of a schema.
pub struct Table {
    row: Row,
    schema: Arc<Schema>,
    /// For every column of the file, its place in the schema.
    places: Vec<Option<usize>>,
    /// For every place of the schema, the cell of the current row that goes there.
    cells: Vec<Option<usize>>,
    /// Rows so far.
    rows: u64,
}

impl Table {
    /// From a file whose columns, as far as they are known, are those of `row`.
    pub fn new(schema: &Arc<Schema>, row: Row) -> Self {
        let cells = vec![None; schema.fields.len()];
        Self { row, schema: Arc::clone(schema), places: Vec::new(), cells, rows: 0 }
    }

    /// Fills `room` with rows of the current section; false if there are no more behind these.
    pub fn fill(&mut self, parser: &mut dyn Parser, room: &mut Batch) -> Result<bool, ReadError> {
        while !room.is_full() {
            if !parser.row(&mut self.row)? {
                return Ok(false);
            }
            self.put(room)?;
        }
        Ok(true)
    }

    /// Puts a row that was read before.
    pub fn put_again(&mut self, (text, cells): Kept, room: &mut Batch) -> Result<(), ReadError> {
        (self.row.text, self.row.cells) = (text, cells);
        self.put(room)
    }

    /// Finds fault with a column of the file that has no place in the schema.
    pub fn has_no_strangers(&self) -> Result<(), ReadError> {
        let stranger = self.row.names.all().iter().zip(&self.places).find(|(_, place)| place.is_none());
        let Some((stranger, _)) = stranger else { return Ok(()) };
        let why = format!("the column `{stranger}` is none of those that were known before");
        Err(Fault { place: self.place(), why }.into())
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Where the last row's last cell is.
    pub fn place(&self) -> Place {
        self.row.cells.last().map_or(Place::BEGIN, |cell| cell.place)
    }

    fn put(&mut self, room: &mut Batch) -> Result<(), ReadError> {
        self.rows += 1;
        for name in &self.row.names.all()[self.places.len()..] {
            self.places.push(self.schema.place(name));
        }
        self.cells.fill(None);
        for (number, cell) in self.row.cells.iter().enumerate() {
            if let Some(place) = self.places[cell.column] {
                self.cells[place] = Some(number);
            }
        }
        for (place, cell) in self.cells.iter().enumerate() {
            let cell = cell.map(|number| &self.row.cells[number]);
            let (raw, text) = cell.map_or((Raw::Null, ""), |cell| (cell.raw, self.row.text_of(cell)));
            if !push(room.column_mut(place), raw, text) {
                let field = &self.schema.fields[place];
                let why = format!("column `{}`: this is no {}", field.name, field.kind);
                let fault = Fault { place: cell.map_or(Place::BEGIN, |cell| cell.place), why };
                let (column, declared) = (field.name.clone(), field.kind);
                return Err(ReadError::NotOfType { fault, row: self.rows, column, declared });
            }
        }
        Ok(())
    }
}
