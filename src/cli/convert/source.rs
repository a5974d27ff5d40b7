//! The file that is read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;
use serde_json::json;
use zstd::stream::read::Decoder;

use super::EachSection;
use super::named::Pressed;
use crate::cli::outcome::{Exit, Failure};
use crate::cli::output;
use crate::cli::plain::plain;
use crate::domain::Format;
use crate::formats::ParquetRows;
use crate::formats::read::{Fault, ReadError, document, validate};
use crate::records::{Batch, DataError, Head, Layout, Rows, Section};
use crate::storage::scratch_in;

/// Bytes that are read at a time.
const AT_ONCE: usize = 256 << 10;

/// A file that can be read more than once.
pub struct Source {
    name: String,
    format: Format,
    file: File,
    pressed: Pressed,
}

/// Why a file is not what it should be.
pub struct Unsound {
    name: String,
    error: ReadError,
}

impl Source {
    /// The file at `path`. What can be read only once, as standard input, is kept in a file without a name.
    pub fn open(path: &Path, format: Format) -> Result<Self, Failure> {
        let is_standard = path.as_os_str() == "-";
        let name = if is_standard { "standard input".to_owned() } else { path.display().to_string() };
        let unreadable = |error: io::Error| {
            let exit = if error.kind() == io::ErrorKind::NotFound { Exit::Missing } else { Exit::Failed };
            Failure::new(exit, format!("{} cannot be read: {error}", plain(&name)))
        };
        let mut file = if is_standard {
            kept(&mut io::stdin().lock()).map_err(unreadable)?
        } else {
            let mut file = File::open(path).map_err(unreadable)?;
            let is_file = file.metadata().map_err(unreadable)?.is_file();
            if is_file { file } else { kept(&mut file).map_err(unreadable)? }
        };
        let pressed = pressed(&mut file).map_err(unreadable)?;
        Ok(Self { name, format, file, pressed })
    }

    /// Reads all of it, and tells what is in it.
    pub fn look(&mut self) -> Result<Head, Unsound> {
        if self.format == Format::Parquet {
            return self.look_at_parquet();
        }
        let input = self.input().map_err(|error| self.unsound(error.into()))?;
        let facts = validate(self.format, input).map_err(|error| self.unsound(error))?;
        Ok(facts.head)
    }

    /// Reads it again, section by section.
    pub fn each_section(&mut self, head: &Head, each: EachSection<'_>) -> Result<(), Failure> {
        if self.format == Format::Parquet {
            return each(&head.sections[0], &mut self.parquet()?);
        }
        let input = self.input().map_err(|error| self.unsound(error.into()))?;
        let mut file = document(self.format, input).map_err(|error| self.unsound(error))?;
        for section in &head.sections {
            each(section, &mut file.section(section).map_err(|error| self.unsound(error))?)?;
        }
        Ok(())
    }

    /// Reads every cell of it; its only section is called as those of other files without names are.
    fn look_at_parquet(&self) -> Result<Head, Unsound> {
        let mut rows = self.parquet()?;
        let (schema, mut count) = (Arc::clone(rows.schema()), 0);
        let mut room = Batch::new(&schema);
        while let Some(batch) = rows.next(room).map_err(|error| self.damaged(&error))? {
            count += batch.len() as u64;
            room = batch;
        }
        let (name, title) = ("rows".to_owned(), "Rows".to_owned());
        let section =
            Section { name, title, schema, rows: count, left_out: Vec::new(), layout: Layout::Table };
        Ok(Head { sections: vec![section], ..Head::default() })
    }

    fn parquet(&self) -> Result<ParquetRows, Unsound> {
        let file = self.file.try_clone().map_err(|error| self.unsound(error.into()))?;
        ParquetRows::open(file, &self.name).map_err(|error| self.damaged(&error))
    }

    /// Parquet has no lines: there is no place to tell but the row.
    fn damaged(&self, error: &DataError) -> Unsound {
        self.unsound(io::Error::other(error.fault.to_string()).into())
    }

    /// Its bytes from the first, decompressed.
    fn input(&mut self) -> io::Result<Box<dyn BufRead + Send>> {
        self.file.rewind()?;
        let bytes = BufReader::with_capacity(AT_ONCE, self.file.try_clone()?);
        Ok(match self.pressed {
            Pressed::No => Box::new(bytes),
            Pressed::Gzip => Box::new(BufReader::with_capacity(AT_ONCE, MultiGzDecoder::new(bytes))),
            Pressed::Zstd => Box::new(BufReader::with_capacity(AT_ONCE, Decoder::with_buffer(bytes)?)),
        })
    }

    fn unsound(&self, error: ReadError) -> Unsound {
        Unsound { name: self.name.clone(), error }
    }
}

impl Unsound {
    /// Tells it to programs.
    pub fn told(self) -> Result<Exit, Failure> {
        let Some(Fault { place, why }) = self.error.fault() else { return Err(self.into()) };
        let (line, column) = (place.line, place.column);
        output::json(
            &json!({ "ok": false, "file": self.name, "line": line, "column": column, "message": why }),
        )?;
        Ok(Exit::Damaged)
    }
}

impl From<Unsound> for Failure {
    fn from(Unsound { name, error }: Unsound) -> Self {
        let name = plain(&name);
        match error {
            ReadError::Fault(Fault { place, why })
            | ReadError::NotOfType { fault: Fault { place, why }, .. } => {
                Self::new(Exit::Damaged, format!("{name}:{}:{}: {why}", place.line, place.column))
            }
            // A stream that is no gzip or Zstandard, or ends too early, is told so by its decoder.
            ReadError::Input(error) => {
                let exit = if error.raw_os_error().is_some() { Exit::Failed } else { Exit::Damaged };
                Self::new(exit, format!("{name} cannot be read: {error}"))
            }
            ReadError::NotRead(format) => {
                Self::new(Exit::WrongUse, format!("{format} is written here, and not read"))
            }
        }
    }
}

/// What its first bytes say; no format of rows begins as these do.
fn pressed(file: &mut File) -> io::Result<Pressed> {
    let mut magic = Vec::new();
    file.take(4).read_to_end(&mut magic)?;
    Ok(match magic.as_slice() {
        [0x1f, 0x8b, ..] => Pressed::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Pressed::Zstd,
        _ => Pressed::No,
    })
}

/// What comes, in a file without a name.
fn kept(from: &mut impl Read) -> io::Result<File> {
    let mut file = scratch_in(&std::env::temp_dir())?;
    io::copy(from, &mut file)?;
    file.rewind()?;
    Ok(file)
}
