//! Rows in, a parquet file out.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::gathering::Gathered;
use super::{DECIMALS, schema};
use crate::formats::{FormatError, Formatter, Union};
use crate::records::{Batch, Head, Schema, Section, Type};

/// Rows after which a row group is written: about as many as other writers take.
const ROWS: usize = 128 << 10;
/// Bytes after which it is written, however few its rows are: memory is bounded by this.
const BYTES: usize = 24 << 20;
/// Of zstd: 1 costs a third of the time of 3, for a twentieth more bytes.
const LEVEL: i32 = 1;

/// Gathers a row group's cells column by column, writes them, and begins anew. What is kept of each
/// row group until the end is what the file's footer tells of it: a few hundred bytes a column.
pub struct Parquet<'a> {
    /// Until the first row group is written.
    out: Option<&'a mut (dyn Write + Send)>,
    writer: Option<SerializedFileWriter<&'a mut (dyn Write + Send)>>,
    table: Union,
    /// Sections that have begun.
    sections: usize,
    metadata: Vec<KeyValue>,
    columns: Vec<Gathered>,
    rows: usize,
    bytes: usize,
}

impl<'a> Parquet<'a> {
    pub fn new(out: &'a mut (dyn Write + Send)) -> Self {
        Self {
            out: Some(out),
            writer: None,
            table: Union::of(&[]),
            sections: 0,
            metadata: Vec::new(),
            columns: Vec::new(),
            rows: 0,
            bytes: 0,
        }
    }

    /// The library's writer: opened when the first row group is known, for its cells tell which
    /// columns are worth a dictionary.
    fn opened(&mut self) -> Result<&mut SerializedFileWriter<&'a mut (dyn Write + Send)>, FormatError> {
        if let Some(out) = self.out.take() {
            let properties = Arc::new(self.properties()?);
            self.writer = Some(SerializedFileWriter::new(out, schema::of(&self.table.schema)?, properties)?);
        }
        Ok(self.writer.as_mut().expect("opened just now or earlier"))
    }

    fn properties(&mut self) -> Result<WriterProperties, ParquetError> {
        let mut properties = WriterProperties::builder()
            .set_created_by(concat!("exportd version ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_key_value_metadata(
                Some(std::mem::take(&mut self.metadata)).filter(|facts| !facts.is_empty()),
            );
        for (field, cells) in self.table.schema.fields.iter().zip(&self.columns) {
            let column = ColumnPath::from(vec![field.name.clone()]);
            properties = properties.set_column_dictionary_enabled(column.clone(), cells.repeats());
            if matches!(field.kind, Type::Integer | Type::Timestamp | Type::Date) {
                properties = properties.set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
            }
        }
        Ok(properties.build())
    }

    fn gather(&mut self, batch: &Batch) {
        for (cells, column) in self.columns.iter_mut().zip(batch.columns()) {
            self.bytes += (0..column.len()).map(|row| cells.push(column.value(row))).sum::<usize>();
        }
        self.rows += batch.len();
    }

    fn write_row_group(&mut self) -> Result<(), FormatError> {
        self.opened()?;
        let writer = self.writer.as_mut().expect("opened just now");
        let mut group = writer.next_row_group()?;
        for cells in &mut self.columns {
            let mut column = group.next_column()?.expect("as many as the schema has");
            cells.write(&mut column)?;
            column.close()?;
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl Formatter for Parquet<'_> {
    fn begin(&mut self, head: &Head) -> Result<(), FormatError> {
        self.table = Union::of(&head.sections);
        let schema = &self.table.schema;
        if schema.fields.is_empty() {
            return Err(FormatError::Library("parquet has no tables without columns".to_owned()));
        }
        self.metadata = metadata(head, schema);
        self.columns = schema.fields.iter().map(|field| Gathered::new(field.kind)).collect();
        Ok(())
    }

    fn section(&mut self, _section: &Section) -> Result<(), FormatError> {
        self.sections += 1;
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError> {
        let current = self.sections - 1;
        match self.table.name(current) {
            None => self.gather(batch),
            Some(_) => self.gather(&self.table.batch(current, batch)),
        }
        if self.rows >= ROWS || self.bytes >= BYTES {
            self.write_row_group()?;
        }
        Ok(())
    }

    fn end_section(&mut self) -> Result<(), FormatError> {
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, FormatError> {
        if self.rows > 0 {
            self.write_row_group()?;
        }
        self.opened()?.finish()?;
        Ok(Vec::new())
    }
}

fn metadata(head: &Head, schema: &Schema) -> Vec<KeyValue> {
    let mut facts = Vec::new();
    if !head.metadata.is_empty() {
        facts.push(KeyValue::new("title".to_owned(), head.title.clone()));
        let others = head.metadata.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
        facts.extend(others);
    }
    let decimals = schema.fields.iter().filter(|field| field.kind == Type::Decimal);
    let decimals: Vec<_> = decimals.map(|field| field.name.as_str()).collect();
    if !decimals.is_empty() {
        let names = serde_json::to_string(&decimals).expect("texts are JSON");
        facts.push(KeyValue::new(DECIMALS.to_owned(), names));
    }
    facts
}
