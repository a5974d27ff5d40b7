//! What every format does with rows.

use std::io::Write;

use crate::domain::Format;
use crate::records::{Batch, Head, Section};

use super::csv::Csv;
use super::html::Html;
use super::in_blocks::InBlocks;
use super::markdown::Markdown;
use super::parquet::Parquet;
use super::pdf::Pdf;
use super::sink::Sink;
use super::txt::Txt;
use super::xlsx::Xlsx;
use super::xml::Xml;
use super::{Blocks, FormatError, FormatOptions, json};

/// Writes one document, from its head to its end. Called in this order: `begin` once; for each
/// section of the head, `section` once, `rows` for each batch (none, or any number), `end_section`
/// once; `finish` once. Holds no more than a few batches, however many rows there are.
pub trait Formatter {
    /// The document begins.
    ///
    /// # Errors
    /// [`FormatError`]; what is written by then is worthless, as from every other call.
    fn begin(&mut self, head: &Head) -> Result<(), FormatError>;

    /// The next section begins.
    ///
    /// # Errors
    /// [`FormatError`].
    fn section(&mut self, section: &Section) -> Result<(), FormatError>;

    /// More rows of the current section.
    ///
    /// # Errors
    /// [`FormatError`].
    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError>;

    /// The current section has no more rows.
    ///
    /// # Errors
    /// [`FormatError`].
    fn end_section(&mut self) -> Result<(), FormatError>;

    /// The document ends; everything is written by then. Tells what it had to change or leave out.
    ///
    /// # Errors
    /// [`FormatError`].
    fn finish(self: Box<Self>) -> Result<Vec<String>, FormatError>;
}

/// A formatter of `format` that writes to `out`; `None` for an archive.
pub fn formatter<'a>(
    format: Format,
    out: &'a mut (dyn Write + Send),
    options: &FormatOptions,
) -> Option<Box<dyn Formatter + 'a>> {
    Some(match format {
        Format::Csv => Box::new(Csv::new(Sink::new(out), options)),
        Format::Json => Box::new(json::Document::new(Sink::new(out))),
        Format::Jsonl => Box::new(json::Lines::new(Sink::new(out), options)),
        Format::Txt => Box::new(Txt::new(Sink::new(out))),
        Format::Xml => Box::new(Xml::new(Sink::new(out))),
        Format::Markdown | Format::Html | Format::Pdf => {
            Box::new(InBlocks::new(blocks(format, out, options)?))
        }
        Format::Parquet => Box::new(Parquet::new(out)),
        Format::Xlsx => Box::new(Xlsx::new(out, options)),
        Format::Zip | Format::TarGz | Format::TarZst => return None,
    })
}

/// What writes blocks of `format` to `out`; `None` for a format that is not made for people, and for
/// plain text.
pub fn blocks<'a>(
    format: Format,
    out: &'a mut (dyn Write + Send),
    options: &FormatOptions,
) -> Option<Box<dyn Blocks + 'a>> {
    match format {
        Format::Markdown => Some(Box::new(Markdown::new(out))),
        Format::Html => Some(Box::new(Html::new(out))),
        Format::Pdf => Some(Box::new(Pdf::new(out, &options.fonts))),
        _ => None,
    }
}
