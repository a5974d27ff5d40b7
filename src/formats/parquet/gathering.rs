//! The cells of one column of a row group, until they are written.

use std::collections::HashSet;
use std::hash::Hash;

use bytes::{Bytes, BytesMut};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedColumnWriter;

use crate::records::{Type, Value};

/// Cells of bytes that are handed over at a time.
const STRETCH: usize = 8192;
/// Cells that are looked at to see whether they repeat.
const SAMPLE: usize = 8192;

/// The cells of one column, as parquet's writers take them: levels for all of them (1 where there is
/// something), and values only where there is something.
pub struct Gathered {
    levels: Vec<i16>,
    cells: Cells,
}

enum Cells {
    Booleans(Vec<bool>),
    Days(Vec<i32>),
    Wholes(Vec<i64>),
    Numbers(Vec<f64>),
    /// One after another, and where each ends. They are shared with the library when written, so
    /// that no cell is copied for itself.
    Bytes(BytesMut, Vec<usize>),
}

impl Gathered {
    pub fn new(kind: Type) -> Self {
        let cells = match kind {
            Type::Boolean => Cells::Booleans(Vec::new()),
            Type::Date => Cells::Days(Vec::new()),
            Type::Integer | Type::Timestamp => Cells::Wholes(Vec::new()),
            Type::Number => Cells::Numbers(Vec::new()),
            Type::Decimal | Type::Text | Type::Json | Type::Bytes => {
                Cells::Bytes(BytesMut::new(), Vec::new())
            }
        };
        Self { levels: Vec::new(), cells }
    }

    /// Takes one cell, and tells how many bytes it takes up.
    pub fn push(&mut self, value: Value<'_>) -> usize {
        self.levels.push(i16::from(!value.is_null()));
        match (&mut self.cells, value) {
            (_, Value::Null) => 0,
            (Cells::Booleans(cells), Value::Boolean(cell)) => added(cells, cell),
            (Cells::Days(cells), Value::Date(cell)) => added(cells, cell),
            (Cells::Wholes(cells), Value::Integer(cell) | Value::Timestamp(cell)) => added(cells, cell),
            (Cells::Numbers(cells), Value::Number(cell)) => added(cells, cell),
            (Cells::Bytes(bytes, ends), Value::Text(cell) | Value::Decimal(cell) | Value::Json(cell)) => {
                joined(bytes, ends, cell.as_bytes())
            }
            (Cells::Bytes(bytes, ends), Value::Bytes(cell)) => joined(bytes, ends, cell),
            _ => unreachable!("a batch holds only cells of its columns' types"),
        }
    }

    /// Whether its cells repeat so much that a dictionary of them pays.
    pub fn repeats(&self) -> bool {
        match &self.cells {
            Cells::Booleans(_) => false,
            Cells::Days(cells) => few(cells.iter(), cells.len()),
            Cells::Wholes(cells) => few(cells.iter(), cells.len()),
            Cells::Numbers(cells) => few(cells.iter().map(|cell| cell.to_bits()), cells.len()),
            Cells::Bytes(bytes, ends) => {
                few((0..ends.len()).map(|cell| &bytes[begin(ends, cell)..ends[cell]]), ends.len())
            }
        }
    }

    /// Writes them and forgets them.
    pub fn write(&mut self, column: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = &self.levels[..];
        match &mut self.cells {
            Cells::Booleans(cells) => whole::<BoolType>(column, cells, levels)?,
            Cells::Days(cells) => whole::<Int32Type>(column, cells, levels)?,
            Cells::Wholes(cells) => whole::<Int64Type>(column, cells, levels)?,
            Cells::Numbers(cells) => whole::<DoubleType>(column, cells, levels)?,
            Cells::Bytes(bytes, ends) => {
                stretches(column, &bytes.split().freeze(), ends, levels)?;
                ends.clear();
            }
        }
        self.levels.clear();
        Ok(())
    }
}

fn added<T>(cells: &mut Vec<T>, cell: T) -> usize {
    cells.push(cell);
    size_of::<T>() + size_of::<i16>()
}

fn joined(bytes: &mut BytesMut, ends: &mut Vec<usize>, cell: &[u8]) -> usize {
    bytes.extend_from_slice(cell);
    ends.push(bytes.len());
    cell.len() + size_of::<usize>() + size_of::<i16>()
}

fn begin(ends: &[usize], cell: usize) -> usize {
    cell.checked_sub(1).map_or(0, |before| ends[before])
}

/// At most half of the first cells are unlike all before them.
fn few<T: Eq + Hash>(cells: impl Iterator<Item = T>, all: usize) -> bool {
    let looked_at = all.min(SAMPLE);
    let different: HashSet<T> = cells.take(looked_at).collect();
    different.len() * 2 <= looked_at
}

fn whole<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    cells: &mut Vec<T::T>,
    levels: &[i16],
) -> Result<(), ParquetError> {
    column.typed::<T>().write_batch(cells, Some(levels), None)?;
    cells.clear();
    Ok(())
}

/// Cells of bytes cost 32 bytes each while they are handed over: a stretch of them at a time.
fn stretches(
    column: &mut SerializedColumnWriter<'_>,
    bytes: &Bytes,
    ends: &[usize],
    levels: &[i16],
) -> Result<(), ParquetError> {
    let writer = column.typed::<ByteArrayType>();
    let mut cells: Vec<ByteArray> = Vec::with_capacity(STRETCH.min(ends.len()));
    let mut done = 0;
    for levels in levels.chunks(STRETCH) {
        let there = levels.iter().filter(|level| **level == 1).count();
        let stretch = (done..done + there).map(|cell| bytes.slice(begin(ends, cell)..ends[cell]).into());
        cells.extend(stretch);
        writer.write_batch(&cells, Some(levels), None)?;
        cells.clear();
        done += there;
    }
    Ok(())
}
