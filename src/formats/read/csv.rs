//! CSV (RFC 4180), read: lines may end with LF alone; a cell's quotes must be where the RFC has them.
//!
//! A cell without a byte is nothing, `""` an empty text. An empty line is passed over, but in a table of
//! one column, where it is a row with nothing in it.

use crate::formats::scan::Wanted;

use super::input::{Input, LONGEST_ROW, too_long};
use super::row::{MOST_COLUMNS, Opening, Parser, Raw, Row, Told};
use super::{Place, ReadError};

/// What ends a cell without quotes, or may not be in it.
const SPECIAL: Wanted<4> = Wanted::one_of(*b"\",\r\n");
const QUOTE: Wanted<1> = Wanted::one_of(*b"\"");

/// Reads CSV.
pub struct Csv {
    input: Input,
    /// How many columns the header has, once it has been read.
    columns: Option<usize>,
    told: Told,
}

/// What stands behind a cell.
#[derive(PartialEq, Eq)]
enum Behind {
    Cell,
    Line,
}

impl Csv {
    /// From the header.
    pub fn new(input: Input) -> Self {
        Self { input, columns: None, told: Told::default() }
    }

    fn header(&mut self) -> Result<Vec<String>, ReadError> {
        if self.input.peek()?.is_none() {
            return Err(self.input.fault("there is no header: the names of the columns come first"));
        }
        let mut row = Row::default();
        if matches!(self.input.peek()?, Some(b'\r' | b'\n')) {
            self.line_end()?;
            return Ok(Vec::new());
        }
        self.line(&mut row)?;
        let mut names: Vec<String> = Vec::with_capacity(row.cells.len());
        let mut known = std::collections::HashSet::new();
        for cell in &row.cells {
            let name = row.text_of(cell);
            if !known.insert(name) {
                return Err(fault_at(cell.place, format!("the column `{name}` is there twice")));
            }
            names.push(name.to_owned());
        }
        Ok(names)
    }

    /// Reads the cells of one line.
    fn line(&mut self, row: &mut Row) -> Result<(), ReadError> {
        loop {
            let column = row.cells.len();
            if column == MOST_COLUMNS {
                return Err(self.input.fault(format!("there are more than {MOST_COLUMNS} columns")));
            }
            let (place, begin) = (self.input.place(), row.text.len());
            let is_quoted = self.input.peek()? == Some(b'"');
            let behind = if is_quoted { self.quoted(row)? } else { self.bare(row)? };
            let raw = if is_quoted || row.text.len() > begin { Raw::Word } else { Raw::Null };
            row.add(column, raw, begin, place);
            if behind == Behind::Line {
                return Ok(());
            }
        }
    }

    fn bare(&mut self, row: &mut Row) -> Result<Behind, ReadError> {
        loop {
            let bytes = self.input.buffered()?;
            let end = SPECIAL.find(bytes);
            let (count, is_end) = (end.unwrap_or(bytes.len()), bytes.is_empty());
            let has_quote = end.is_some_and(|at| bytes[at] == b'"');
            row.text.extend_from_slice(&bytes[..count]);
            self.input.advance(count);
            if row.text.len() > LONGEST_ROW {
                return Err(self.input.fault(too_long()));
            }
            if has_quote {
                return Err(self.input.fault("a quote in a cell that does not begin with one"));
            }
            if end.is_some() || is_end {
                return self.behind();
            }
        }
    }

    fn quoted(&mut self, row: &mut Row) -> Result<Behind, ReadError> {
        let begin = self.input.place();
        self.input.advance(1);
        loop {
            let bytes = self.input.buffered()?;
            if bytes.is_empty() {
                return Err(fault_at(begin, "the quote that begins here has no end".to_owned()));
            }
            let end = QUOTE.find(bytes);
            let count = end.unwrap_or(bytes.len());
            row.text.extend_from_slice(&bytes[..count]);
            self.input.advance(count + usize::from(end.is_some()));
            if row.text.len() > LONGEST_ROW {
                return Err(self.input.fault(too_long()));
            }
            if end.is_some() {
                if self.input.peek()? != Some(b'"') {
                    return self.behind();
                }
                row.text.push(b'"');
                self.input.advance(1);
            }
        }
    }

    /// Passes over what ends a cell.
    fn behind(&mut self) -> Result<Behind, ReadError> {
        match self.input.peek()? {
            Some(b',') => {
                self.input.advance(1);
                Ok(Behind::Cell)
            }
            None | Some(b'\r' | b'\n') => {
                self.line_end()?;
                Ok(Behind::Line)
            }
            Some(_) => Err(self.input.fault("something stands behind the quote that ends a cell")),
        }
    }

    fn line_end(&mut self) -> Result<(), ReadError> {
        if self.input.peek()? == Some(b'\r') {
            self.input.advance(1);
            if self.input.peek()? != Some(b'\n') {
                return Err(self.input.fault("a carriage return without a line feed, outside quotes"));
            }
        }
        let is_end = self.input.peek()?.is_none();
        self.input.advance(usize::from(!is_end));
        Ok(())
    }
}

impl Parser for Csv {
    fn section(&mut self) -> Result<Option<Opening>, ReadError> {
        if self.columns.is_some() {
            return Ok(None);
        }
        let names = self.header()?;
        self.columns = Some(names.len());
        Ok(Some(Opening::only(Some(names))))
    }

    fn row(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        row.clear();
        let columns = self.columns.unwrap_or_default();
        while columns != 1 && matches!(self.input.peek()?, Some(b'\r' | b'\n')) {
            self.line_end()?;
        }
        if self.input.peek()?.is_none() {
            return Ok(false);
        }
        let place = self.input.place();
        self.line(row)?;
        match row.cells.get(columns) {
            Some(more) => {
                let why = format!("a cell more than the {columns} columns of the header");
                Err(fault_at(more.place, why))
            }
            None if row.cells.len() < columns => {
                let (cells, s) = (row.cells.len(), if row.cells.len() == 1 { "" } else { "s" });
                let why = format!("{cells} cell{s}, and the header has {columns} columns");
                Err(fault_at(place, why))
            }
            None => Ok(true),
        }
    }

    fn told(&self) -> &Told {
        &self.told
    }
}

fn fault_at(place: Place, why: String) -> ReadError {
    super::Fault { place, why }.into()
}
