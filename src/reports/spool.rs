//! Rows put by, to be read again from the front: charts and texts stand before the tables of the rows
//! that they are about, and rows come once.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use crate::records::{Batch, Schema};

use super::stored::Stored;

/// Rows in a file without a name: written batch by batch, and read so.
///
/// ```text
/// batch   u32 length in bytes | row*
/// row     cell of each column (postcard)
/// ```
#[derive(Debug)]
pub struct Spool {
    file: BufWriter<File>,
    bytes: Vec<u8>,
}

impl Spool {
    /// An empty one in `file`.
    pub fn new(file: File) -> Self {
        Self { file: BufWriter::new(file), bytes: Vec::new() }
    }

    /// Puts rows by.
    ///
    /// # Errors
    /// Those of the file, and [`io::ErrorKind::InvalidInput`] for a batch of 4 GiB.
    pub fn write(&mut self, batch: &Batch) -> io::Result<()> {
        self.bytes.clear();
        for row in 0..batch.len() {
            for column in batch.columns() {
                let cell = Stored::from(column.value(row));
                let bytes = std::mem::take(&mut self.bytes);
                self.bytes = postcard::to_extend(&cell, bytes).map_err(invalid)?;
            }
        }
        let length =
            u32::try_from(self.bytes.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(&self.bytes)
    }

    /// Reads the rows from the front, each with the cells at `columns` alone, in batches of `schema`.
    ///
    /// # Errors
    /// Those of the file, and of `take`.
    pub fn read<E: From<io::Error>>(
        &mut self,
        width: usize,
        columns: &[usize],
        schema: &Arc<Schema>,
        mut take: impl FnMut(&Batch) -> Result<(), E>,
    ) -> Result<(), E> {
        self.file.flush()?;
        let mut file = self.file.get_ref().try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        let (mut file, mut bytes, mut batch) = (BufReader::new(file), Vec::new(), Batch::new(schema));
        while next(&mut file, &mut bytes)? {
            batch.clear();
            fill(&mut batch, &bytes, width, columns)?;
            take(&batch)?;
        }
        // Whoever puts more by does so behind what is there.
        self.file.get_ref().seek(SeekFrom::End(0))?;
        Ok(())
    }
}

/// Reads the next batch's bytes; `false` when there is none.
fn next(file: &mut impl Read, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let mut length = [0; 4];
    match file.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
        read => read?,
    }
    let length = u32::from_le_bytes(length);
    bytes.clear();
    let came = file.by_ref().take(length.into()).read_to_end(bytes)?;
    if came as u64 == u64::from(length) { Ok(true) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn fill(batch: &mut Batch, mut bytes: &[u8], width: usize, columns: &[usize]) -> io::Result<()> {
    let mut row: Vec<Stored<'_>> = Vec::with_capacity(width);
    while !bytes.is_empty() {
        row.clear();
        for _ in 0..width {
            let (cell, rest) = postcard::take_from_bytes(bytes).map_err(invalid)?;
            row.push(cell);
            bytes = rest;
        }
        for (place, column) in columns.iter().enumerate() {
            if !batch.column_mut(place).push(row[*column].value()) {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
    }
    Ok(())
}

fn invalid(error: postcard::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
