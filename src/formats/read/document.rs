//! A file whose sections are known, read again for its rows.

use std::sync::Arc;

use crate::records::{Batch, DataError, Rows, Schema, Section};

use super::row::{Parser, Row};
use super::table::Table;
use super::{Fault, Place, ReadError};

/// A file that has been [looked at](super::validate), read section by section.
pub struct Document {
    parser: Box<dyn Parser>,
}

impl Document {
    pub(super) fn new(parser: Box<dyn Parser>) -> Self {
        Self { parser }
    }

    /// The rows of the next section, which must be `section`.
    ///
    /// # Errors
    /// [`ReadError`], also when another section comes: the file is not what was looked at.
    pub fn section(&mut self, section: &Section) -> Result<SectionRows<'_>, ReadError> {
        let opening = self.parser.section()?.filter(|opening| opening.name == section.name);
        let changed = || Fault { place: Place::BEGIN, why: "the file has changed meanwhile".to_owned() };
        let names = opening.ok_or_else(changed)?.names.unwrap_or_default();
        let schema = Arc::clone(&section.schema);
        Ok(SectionRows {
            table: Table::new(&schema, Row::of(names)),
            schema,
            parser: &mut *self.parser,
            is_over: false,
        })
    }
}

/// The rows of one section.
pub struct SectionRows<'a> {
    parser: &'a mut dyn Parser,
    table: Table,
    schema: Arc<Schema>,
    is_over: bool,
}

impl SectionRows<'_> {
    fn fill(&mut self, mut room: Batch) -> Result<Option<Batch>, ReadError> {
        room.clear();
        if !self.is_over {
            self.is_over = !self.table.fill(self.parser, &mut room)?;
        }
        Ok((!room.is_empty()).then_some(room))
    }
}

impl Rows for SectionRows<'_> {
    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn next(&mut self, room: Batch) -> Result<Option<Batch>, DataError> {
        let error =
            |error: ReadError| DataError { data_set: "file".to_owned(), section: None, fault: error.into() };
        self.fill(room).map_err(error)
    }
}
