//! Rows as they lie in a file, before anybody takes them for more than text.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::records::Schema;

use super::{Place, ReadError};

/// The most columns that a file may have.
pub const MOST_COLUMNS: usize = 10_000;

/// A file of rows, from front to back.
pub trait Parser: Send {
    /// The next section's beginning; `None` at the end of the file. The section before has no more rows.
    fn section(&mut self) -> Result<Option<Opening>, ReadError>;

    /// The section's next row, in `row`; false when there is none.
    fn row(&mut self, row: &mut Row) -> Result<bool, ReadError>;

    /// What the file tells of itself; all of it when the first section has begun.
    fn told(&self) -> &Told;
}

/// What a file tells of itself.
#[derive(Debug, Default)]
pub struct Told {
    /// Its title.
    pub title: String,
    /// Facts about it.
    pub metadata: Vec<(String, String)>,
}

/// What a file tells of a section before its rows.
pub struct Opening {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its columns, where the file names them and types them.
    pub schema: Option<Arc<Schema>>,
    /// Its columns' names, where every row has all of them.
    pub names: Option<Vec<String>>,
}

impl Opening {
    /// The only section of a file that has no names for any.
    pub fn only(names: Option<Vec<String>>) -> Self {
        Self { name: "rows".to_owned(), title: "Rows".to_owned(), schema: None, names }
    }
}

/// What a file says of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Raw {
    /// There is nothing in it.
    Null,
    /// Something; what it is, its column knows.
    Word,
    /// A JSON string, without its quotes and escapes.
    Text,
    /// `true` or `false` of JSON.
    Boolean,
    /// A JSON number.
    Number,
    /// A JSON array or object.
    Json,
}

/// One cell of a row.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The number of its column's name.
    pub column: usize,
    /// What it is.
    pub raw: Raw,
    /// Its text in the row's.
    pub text: Range<usize>,
    /// Where it begins.
    pub place: Place,
}

/// One row.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Its cells' text, in UTF-8.
    pub text: Vec<u8>,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// The columns of it and of the rows before it.
    pub names: Names,
    /// Rows so far, and for every column the last of them that had it.
    number: u64,
    had_by: Vec<u64>,
}

impl Row {
    /// A row of columns of which these are known.
    pub fn of(names: Vec<String>) -> Self {
        let mut row = Self::default();
        for name in names {
            row.names.number(&name, usize::MAX);
        }
        row
    }

    /// Forgets the cells: another row begins.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
        self.number += 1;
    }

    /// The column of `name`; what is the matter when the row has had it, or there are too many.
    pub fn column(&mut self, name: &str) -> Result<usize, String> {
        let column = self.names.number(name, self.cells.len());
        if column == MOST_COLUMNS {
            return Err(format!("there are more than {MOST_COLUMNS} columns"));
        }
        self.had_by.resize(self.names.all().len(), 0);
        match std::mem::replace(&mut self.had_by[column], self.number) {
            before if before == self.number => Err(format!("`{name}` is there twice")),
            _ => Ok(column),
        }
    }

    /// Adds a cell whose text is what has been added since `begin`.
    pub fn add(&mut self, column: usize, raw: Raw, begin: usize, place: Place) {
        self.cells.push(Cell { column, raw, text: begin..self.text.len(), place });
    }

    /// The text of `cell`.
    pub fn text_of(&self, cell: &Cell) -> &str {
        str::from_utf8(&self.text[cell.text.clone()]).expect("what is read was checked to be UTF-8")
    }
}

/// Names of columns, numbered as they come.
#[derive(Debug, Clone, Default)]
pub struct Names {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Names {
    /// They.
    pub fn all(&self) -> &[String] {
        &self.names
    }

    /// The number of `name`, which is likely to be `likely`.
    pub fn number(&mut self, name: &str, likely: usize) -> usize {
        if self.names.get(likely).is_some_and(|there| there == name) {
            return likely;
        }
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }
}
