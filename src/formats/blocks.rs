//! Documents made for people: what html, pdf and markdown have in common.

use crate::records::{Batch, Schema};

use super::{Chart, FormatError};

/// Writes a document block by block, from front to back. Text is text: nothing in it is markup.
pub trait Blocks {
    /// The document's title, first of all; what it is of in a line or two of facts.
    ///
    /// # Errors
    /// [`FormatError`]; what is written by then is worthless, as from every other call.
    fn title(&mut self, title: &str, facts: &[(String, String)]) -> Result<(), FormatError>;

    /// A heading of level 2 to 6.
    ///
    /// # Errors
    /// [`FormatError`].
    fn heading(&mut self, level: u8, text: &str) -> Result<(), FormatError>;

    /// A paragraph; line breaks in it are kept.
    ///
    /// # Errors
    /// [`FormatError`].
    fn paragraph(&mut self, text: &str) -> Result<(), FormatError>;

    /// What one said in a talk, and when (empty: nobody knows); line breaks in it are kept.
    ///
    /// # Errors
    /// [`FormatError`].
    fn message(&mut self, speaker: &str, at: &str, text: &str) -> Result<(), FormatError>;

    /// A list of points.
    ///
    /// # Errors
    /// [`FormatError`].
    fn list(&mut self, points: &[String]) -> Result<(), FormatError>;

    /// A table begins: its columns, and what it is of, for those who do not see it.
    ///
    /// # Errors
    /// [`FormatError`].
    fn table(&mut self, schema: &Schema, caption: &str) -> Result<(), FormatError>;

    /// More rows of the table.
    ///
    /// # Errors
    /// [`FormatError`].
    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError>;

    /// The table ends.
    ///
    /// # Errors
    /// [`FormatError`].
    fn end_table(&mut self) -> Result<(), FormatError>;

    /// A chart, with its numbers for those who do not see it.
    ///
    /// # Errors
    /// [`FormatError`].
    fn chart(&mut self, chart: &Chart) -> Result<(), FormatError>;

    /// The document ends; everything is written by then. Tells what it had to change or leave out.
    ///
    /// # Errors
    /// [`FormatError`].
    fn finish(self: Box<Self>) -> Result<Vec<String>, FormatError>;
}
