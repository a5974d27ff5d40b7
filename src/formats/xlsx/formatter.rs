//! Rows in, a workbook out.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::cell::{Cell, cell};
use super::guard::guarded;
use super::names::Names;
use super::told::Told;
use super::{COLUMNS, ROWS};
use crate::formats::{FormatError, FormatOptions, Formatter, parse_timestamp};
use crate::records::{Batch, DataFault, Field, Head, Schema, Section, Type, Value};

/// Letters of a column's width, at least and at most.
const WIDTHS: std::ops::RangeInclusive<usize> = 8..=60;
/// Rows whose texts make a column wider.
const LOOKED_AT: u32 = 200;
/// Bytes of a sheet's XML from which its entry in the archive needs 64 bits; about half of the truth,
/// as it is known only when it is too late.
const LARGE: u64 = 1 << 30;

/// Writes sheet after sheet; the rows of a sheet go to a scratch file, and from there to the archive
/// when all are there, for this is how the library keeps its memory bounded.
pub struct Xlsx<'a> {
    out: &'a mut (dyn Write + Send),
    scratch: PathBuf,
    book: Workbook,
    names: Names,
    told: Told,
    title: String,
    metadata: Vec<(String, String)>,
    sheet: Sheet,
    sections: usize,
    written: u64,
}

/// The current sheet.
#[derive(Default)]
struct Sheet {
    /// What the section is called.
    section: String,
    name: String,
    schema: Arc<Schema>,
    /// Its place in the workbook.
    index: usize,
    /// Rows of it, its header among them.
    rows: u32,
    widths: Vec<usize>,
}

impl<'a> Xlsx<'a> {
    pub fn new(out: &'a mut (dyn Write + Send), options: &FormatOptions) -> Self {
        Self {
            out,
            scratch: options.scratch.clone(),
            book: Workbook::new(),
            names: Names::default(),
            told: Told::default(),
            title: String::new(),
            metadata: Vec::new(),
            sheet: Sheet::default(),
            sections: 0,
            written: 0,
        }
    }

    /// Begins a sheet of the current section.
    fn open(&mut self, name: String) -> Result<(), FormatError> {
        let (sheet, book) = (&mut self.sheet, &mut self.book);
        sheet.index = book.worksheets().len();
        guarded(|| {
            let page = book.add_worksheet_with_constant_memory()?;
            page.set_name(&name)?.set_freeze_panes(1, 0)?;
            let bold = Format::new().set_bold();
            for (column, field) in (0_u16..).zip(&sheet.schema.fields) {
                if let Some(format) = format_of(field.kind) {
                    page.set_column_format(column, &format)?;
                }
                page.write_string_with_format(0, column, header(field), &bold)?;
            }
            Ok(())
        })?;
        (sheet.name, sheet.rows) = (name, 1);
        Ok(())
    }

    /// Ends the current sheet.
    fn close(&mut self) -> Result<(), FormatError> {
        let (sheet, book) = (&self.sheet, &mut self.book);
        guarded(|| {
            let page = book.worksheet_from_index(sheet.index)?;
            for (column, width) in (0_u16..).zip(&sheet.widths) {
                page.set_column_width(column, *width as f64)?;
            }
            if let Some(last) = sheet.widths.len().checked_sub(1) {
                let last = u16::try_from(last).map_err(|_| XlsxError::RowColumnLimitError)?;
                page.autofilter(0, 0, sheet.rows - 1, last)?;
            }
            Ok(())
        })
    }

    /// Writes the rows of `batch` from `from` on, as many as the sheet holds; how many these are.
    fn put(&mut self, batch: &Batch, from: usize) -> Result<usize, FormatError> {
        let (sheet, book, told) = (&mut self.sheet, &mut self.book, &mut self.told);
        let section = self.sections;
        let fits = (ROWS - sheet.rows) as usize;
        let rows = (batch.len() - from).min(fits);
        let mut room = Vec::new();
        let mut bytes = 0;
        guarded(|| {
            let page = book.worksheet_from_index(sheet.index)?;
            for row in from..from + rows {
                for (place, field) in sheet.schema.fields.iter().enumerate() {
                    room.clear();
                    let (cell, change) = cell(batch.value(row, place), &mut room);
                    if let Some(change) = change {
                        told.cell(section, place, change, || {
                            format!("{}, column `{}`", sheet.section, field.name)
                        });
                    }
                    if sheet.rows <= LOOKED_AT {
                        sheet.widths[place] = sheet.widths[place].max(width(&cell));
                    }
                    bytes += write(page, sheet.rows, place, &cell)?;
                }
                sheet.rows += 1;
            }
            Ok(())
        })?;
        self.written += bytes;
        Ok(rows)
    }

    /// A sheet with the facts about the document, behind the others.
    fn about(&mut self) -> Result<(), FormatError> {
        let fields = ["Fact", "Value"].map(|name| Field::new(name, Type::Text)).into();
        self.sheet = Sheet { schema: Schema::new(fields), widths: vec![24, 60], ..Sheet::default() };
        let name = self.names.first("About", "about");
        self.open(name)?;
        let title = ("title".to_owned(), self.title.clone());
        let notes = self.told.words().into_iter().map(|note| ("note".to_owned(), note));
        let facts: Vec<_> =
            [title].into_iter().chain(std::mem::take(&mut self.metadata)).chain(notes).collect();
        let mut batch = Batch::new(&self.sheet.schema);
        for (fact, value) in &facts {
            for (place, text) in [fact, value].into_iter().enumerate() {
                let added = batch.column_mut(place).push(Value::Text(text));
                debug_assert!(added, "both columns are of text");
            }
        }
        self.put(&batch, 0)?;
        self.close()
    }

    /// The document's own properties. Their date is that of its data, so that the same data are the
    /// same bytes: the first instant among the facts, or 1980 where there is none.
    fn properties(&self) -> DocProperties {
        let instant = self.metadata.iter().find_map(|(_, value)| parse_timestamp(value));
        let seconds = instant.map_or(315_532_800, |micros| micros.div_euclid(1_000_000));
        let at = ExcelDateTime::from_timestamp(seconds).unwrap_or_default();
        DocProperties::new().set_title(short_title(&self.title)).set_creation_datetime(&at)
    }
}

impl Formatter for Xlsx<'_> {
    fn begin(&mut self, head: &Head) -> Result<(), FormatError> {
        self.title.clone_from(&head.title);
        self.metadata.clone_from(&head.metadata);
        let properties = self.properties();
        self.book.set_properties(&properties);
        guarded(|| self.book.set_tempdir(&self.scratch).map(drop))
    }

    fn section(&mut self, section: &Section) -> Result<(), FormatError> {
        let columns = section.schema.fields.len();
        if columns > COLUMNS {
            let why = format!("a sheet holds {COLUMNS} columns, and {} has {columns}", section.title);
            return Err(DataFault::Columns(why).into());
        }
        self.sheet = Sheet {
            section: section.title.clone(),
            schema: Arc::clone(&section.schema),
            widths: section.schema.fields.iter().map(narrowest).collect(),
            ..Sheet::default()
        };
        let name = self.names.first(&section.title, &section.name);
        self.open(name)
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError> {
        let mut done = self.put(batch, 0)?;
        while done < batch.len() {
            self.close()?;
            let name = self.names.next(&self.sheet.name);
            self.told.sheet(&self.sheet.section, &name);
            self.open(name)?;
            done += self.put(batch, done)?;
        }
        Ok(())
    }

    fn end_section(&mut self) -> Result<(), FormatError> {
        self.sections += 1;
        self.close()
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, FormatError> {
        if !self.metadata.is_empty() {
            self.about()?;
        }
        let this = *self;
        let (mut book, out) = (this.book, this.out);
        book.use_zip_large_file(this.written > LARGE);
        guarded(|| book.save_to_writer(out))?;
        Ok(this.told.words())
    }
}

/// Writes a cell and tells about how many bytes it takes in the sheet's XML.
fn write(page: &mut Worksheet, row: u32, place: usize, cell: &Cell<'_>) -> Result<u64, XlsxError> {
    let column = u16::try_from(place).map_err(|_| XlsxError::RowColumnLimitError)?;
    match *cell {
        Cell::Nothing => return Ok(0),
        Cell::Boolean(cell) => page.write_boolean(row, column, cell)?,
        Cell::Number(cell) => page.write_number(row, column, cell)?,
        Cell::Scaled(cell, digits) => page.write_number_with_format(row, column, cell, &scaled(digits))?,
        Cell::Date(days) => page.write_datetime(row, column, &ExcelDateTime::from_serial_datetime(days)?)?,
        Cell::Text(text) => page.write_string(row, column, text)?,
    };
    Ok(if let Cell::Text(text) = cell { 48 + text.len() as u64 } else { 40 })
}

fn scaled(digits: usize) -> Format {
    Format::new().set_num_format(format!("0.{:0<digits$}", ""))
}

fn format_of(kind: Type) -> Option<Format> {
    let pattern = match kind {
        Type::Date => "yyyy-mm-dd",
        Type::Timestamp => "yyyy-mm-dd hh:mm:ss.000",
        Type::Boolean
        | Type::Integer
        | Type::Number
        | Type::Decimal
        | Type::Text
        | Type::Json
        | Type::Bytes => {
            return None;
        }
    };
    Some(Format::new().set_num_format(pattern))
}

/// How wide a column is before its cells are known; its header has an arrow beside it.
fn narrowest(field: &Field) -> usize {
    let by_kind = match field.kind {
        Type::Date => 11,
        Type::Timestamp => 24,
        _ => 0,
    };
    (field.title.chars().count() + 3).max(by_kind).clamp(*WIDTHS.start(), *WIDTHS.end())
}

fn width(cell: &Cell<'_>) -> usize {
    let letters = match cell {
        Cell::Text(text) => {
            text.lines().map(|line| line.chars().take(*WIDTHS.end()).count()).max().unwrap_or(0) + 1
        }
        Cell::Number(number) | Cell::Scaled(number, _) => number.to_string().len().min(20) + 1,
        Cell::Nothing | Cell::Boolean(_) | Cell::Date(_) => 0,
    };
    letters.min(*WIDTHS.end())
}

fn header(field: &Field) -> String {
    let mut room = Vec::new();
    match cell(Value::Text(&field.title), &mut room).0 {
        Cell::Text(text) => text.to_owned(),
        _ => unreachable!("a text stays one"),
    }
}

/// The title among a document's properties has at most 255 letters, and no control among them.
fn short_title(title: &str) -> String {
    title
        .chars()
        .filter(|letter| !letter.is_control() && !matches!(letter, '\u{fffe}' | '\u{ffff}'))
        .take(255)
        .collect()
}
