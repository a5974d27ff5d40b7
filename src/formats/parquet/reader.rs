//! A parquet file in, rows out.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use parquet::column::reader::ColumnReader;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, Length};
use parquet::file::serialized_reader::SerializedFileReader;

use super::DECIMALS;
use super::decoding::{Broken, Cells};
use super::schema::{self, Meaning};
use crate::records::{Batch, DataError, DataFault, Field, Rows, Schema, Type};

/// Rows that are decoded at a time, at most.
const ROWS: usize = 1024;
/// Bytes that these rows are meant to have, by what the file says of its row groups.
const BYTES: i64 = 1 << 20;
/// Bytes that a page's header is read with.
const HEADER: usize = 4 << 10;

/// The rows of a parquet file: ours or anyone's, in snappy, gzip or zstd. Columns must be plain: no
/// lists, no records. One page of each column is in memory at a time.
pub struct ParquetRows {
    named: String,
    file: SerializedFileReader<At>,
    schema: Arc<Schema>,
    meanings: Vec<Meaning>,
    /// The next row group.
    group: usize,
    /// The columns of the current one, and how many of its rows are still to come.
    columns: Vec<Cells>,
    left: u64,
    step: usize,
    /// Rows that have come, of the whole file.
    came: u64,
}

/// What a parquet file says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParquetFacts {
    /// Its rows.
    pub rows: u64,
    /// Its columns.
    pub columns: usize,
    /// Its row groups.
    pub row_groups: usize,
}

impl ParquetRows {
    /// The rows of `file`, which people call `named`.
    ///
    /// # Errors
    /// [`DataFault::File`] for a file that is not parquet or damaged, [`DataFault::Columns`] for one
    /// with columns that are not read.
    pub fn open(file: File, named: &str) -> Result<Self, DataError> {
        let told = |fault| DataError { data_set: named.to_owned(), section: None, fault };
        let opened = guarded(None, || At::new(file).and_then(SerializedFileReader::new));
        let file = opened.map_err(told)?.map_err(|error| told(damaged(&error, None)))?;
        let (schema, meanings) = columns(&file).map_err(|why| told(DataFault::Columns(why)))?;
        Ok(Self {
            named: named.to_owned(),
            file,
            schema,
            meanings,
            group: 0,
            columns: Vec::new(),
            left: 0,
            step: ROWS,
            came: 0,
        })
    }

    /// What the file says of itself.
    pub fn facts(&self) -> ParquetFacts {
        let told = self.file.metadata();
        let rows = told.row_groups().iter().map(|group| group.num_rows().max(0).cast_unsigned()).sum();
        ParquetFacts { rows, columns: self.schema.fields.len(), row_groups: told.num_row_groups() }
    }

    /// Opens the next row group; false when there is none.
    fn next_group(&mut self) -> Result<bool, ParquetError> {
        if self.group == self.file.num_row_groups() {
            return Ok(false);
        }
        let group = self.file.get_row_group(self.group)?;
        let told = group.metadata();
        self.left = told.num_rows().max(0).cast_unsigned();
        let a_row = told.total_byte_size() / told.num_rows().max(1);
        self.step = usize::try_from(BYTES / a_row.max(1)).unwrap_or(ROWS).clamp(1, ROWS);
        self.columns.clear();
        for (place, field) in self.schema.fields.iter().enumerate() {
            let optional = told.column(place).column_descr().max_def_level() > 0;
            let reader: ColumnReader = group.get_column_reader(place)?;
            self.columns.push(Cells { reader, kind: field.kind, meaning: self.meanings[place], optional });
        }
        self.group += 1;
        Ok(true)
    }

    fn fill(&mut self, room: &mut Batch) -> Result<bool, DataFault> {
        while self.left == 0 {
            if !self.next_group().map_err(|error| damaged(&error, Some(self.came)))? {
                return Ok(false);
            }
        }
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(self.step);
        for (place, cells) in self.columns.iter_mut().enumerate() {
            let field = &self.schema.fields[place];
            let came = cells.read(wanted, room.column_mut(place)).map_err(|broken| match broken {
                Broken::File(error) => damaged(&error, Some(self.came)),
                Broken::Cell(before, why) => DataFault::NotOfType {
                    row: self.came + before as u64 + 1,
                    column: field.name.clone(),
                    declared: field.kind,
                    why,
                },
            })?;
            if came != wanted {
                let why = format!("holds fewer cells of `{}` than rows", field.name);
                return Err(DataFault::File { row: Some(self.came), why });
            }
        }
        self.left -= wanted as u64;
        self.came += wanted as u64;
        Ok(true)
    }
}

impl Rows for ParquetRows {
    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn next(&mut self, mut room: Batch) -> Result<Option<Batch>, DataError> {
        room.clear();
        let came = self.came;
        let filled = guarded(Some(came), || self.fill(&mut room)).and_then(|filled| filled);
        match filled {
            Ok(more) => Ok(more.then_some(room)),
            Err(fault) => Err(DataError { data_set: self.named.clone(), section: None, fault }),
        }
    }
}

/// Its columns and what they mean to us; in words why not.
fn columns(file: &SerializedFileReader<At>) -> Result<(Arc<Schema>, Vec<Meaning>), String> {
    let told = file.metadata().file_metadata();
    let facts = told.key_value_metadata().map_or(&[][..], Vec::as_slice);
    let decimals = facts.iter().find(|fact| fact.key == DECIMALS).and_then(|fact| fact.value.as_deref());
    let decimals: Vec<String> =
        decimals.and_then(|names| serde_json::from_str(names).ok()).unwrap_or_default();
    let (mut fields, mut meanings) = (Vec::new(), Vec::new());
    for column in told.schema_descr().columns() {
        let name = column.path().parts().first().cloned().unwrap_or_default();
        let (kind, meaning) = schema::meaning(column).map_err(|why| format!("`{name}` {why}"))?;
        let kind = if kind == Type::Text && decimals.contains(&name) { Type::Decimal } else { kind };
        fields.push(Field::new(name, kind));
        meanings.push(meaning);
    }
    Ok((Schema::new(fields), meanings))
}

/// Does `work` with the library, which panics over some kinds of damage: what it was reading is not read
/// on after that.
fn guarded<T>(row: Option<u64>, work: impl FnOnce() -> T) -> Result<T, DataFault> {
    let broken = || DataFault::File { row, why: "is damaged, or no parquet".to_owned() };
    catch_unwind(AssertUnwindSafe(work)).map_err(|_panic| broken())
}

fn damaged(error: &ParquetError, row: Option<u64>) -> DataFault {
    DataFault::File { row, why: format!("is not readable as parquet: {error}") }
}

/// A file that is read here and there, without a place of its own that readers would share.
struct At {
    file: Arc<File>,
    bytes: u64,
}

impl At {
    fn new(file: File) -> Result<Self, ParquetError> {
        let bytes = file.metadata()?.len();
        Ok(Self { file: Arc::new(file), bytes })
    }
}

impl Length for At {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for At {
    type T = BufReader<Onward>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(BufReader::with_capacity(HEADER, Onward { file: Arc::clone(&self.file), next: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.bytes) {
            return Err(ParquetError::EOF("it points behind its own end".to_owned()));
        }
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes.into())
    }
}

/// From one place of a file onward.
pub struct Onward {
    file: Arc<File>,
    next: u64,
}

impl Read for Onward {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(room, self.next)?;
        self.next += read as u64;
        Ok(read)
    }
}
