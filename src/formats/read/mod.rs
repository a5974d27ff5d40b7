//! Files read again: their rows, or what is wrong with them.
//!
//! ```text
//! bytes ─► Input (UTF-8, line and column) ─► Parser of a format ─► Row of raw cells ─► Table ─► Batch
//!                                                                       └─► Guesses: the columns' types
//! ```
//!
//! One row is held at a time, whatever the file is, and a row has a longest size.

mod csv;
mod document;
mod error;
mod facts;
mod infer;
mod input;
mod json;
mod row;
mod rows;
mod table;
mod typed;
mod xml;

#[cfg(test)]
mod faults;
#[cfg(test)]
mod round_trips;

use std::io::BufRead;
use std::sync::Arc;

use crate::domain::Format;
use crate::records::{Rows, Schema};

pub use document::{Document, SectionRows};
pub use error::{Fault, Place, ReadError};
pub use facts::Facts;

use input::Input;
use row::Parser;

/// The rows of the file `input`, which has one section; `of` is whose they are, in errors.
///
/// With `schema`, its columns in its types, whatever else the file has; columns that a JSON object does
/// not have are nothing. Without, the columns that the file tells, or else that its first thousand rows
/// make likely: a later cell of another type is an error then.
///
/// # Errors
/// [`ReadError`] when the beginning is not of `format`, or the file has not all of the columns.
pub fn open(
    format: Format,
    of: &str,
    input: Box<dyn BufRead + Send>,
    schema: Option<Arc<Schema>>,
) -> Result<Box<dyn Rows>, ReadError> {
    Ok(Box::new(rows::FileRows::new(of, parser(format, input)?, schema)?))
}

/// Reads all of `input`, and tells what is in it.
///
/// # Errors
/// [`ReadError`] with the first fault, and its line and column.
pub fn validate(format: Format, input: Box<dyn BufRead + Send>) -> Result<Facts, ReadError> {
    Facts::of(&mut *parser(format, input)?)
}

/// Reads `input` again, of which [`validate`] told the sections.
///
/// # Errors
/// [`ReadError`].
pub fn document(format: Format, input: Box<dyn BufRead + Send>) -> Result<Document, ReadError> {
    parser(format, input).map(Document::new)
}

fn parser(format: Format, input: Box<dyn BufRead + Send>) -> Result<Box<dyn Parser>, ReadError> {
    let input = Input::new(input)?;
    Ok(match format {
        Format::Csv => Box::new(csv::Csv::new(input)),
        Format::Json => Box::new(json::Document::new(input)),
        Format::Jsonl => Box::new(json::Lines::new(input)),
        Format::Xml => Box::new(xml::Document::new(input)),
        other => return Err(ReadError::NotRead(other)),
    })
}
