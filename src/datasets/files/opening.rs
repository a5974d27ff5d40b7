//! A file, opened as what its name says it is.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;

use super::cast::Cast;
use crate::domain::Format;
use crate::formats::{ParquetRows, read};
use crate::records::{DataFault, Rows, Schema};

/// Bytes that are read at a time.
const AT_ONCE: usize = 64 << 10;

/// How a file is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pressed {
    Not,
    Gzip,
    Zstd,
}

/// What a file's name says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nature {
    format: Format,
    pressed: Pressed,
}

impl Nature {
    /// What `name` says: `….csv`, `….jsonl`, `….ndjson`, each perhaps with `.gz` or `.zst`, or
    /// `….parquet`.
    pub fn of(name: &str) -> Option<Self> {
        let (name, pressed) = match name.rsplit_once('.')? {
            (name, "gz") => (name, Pressed::Gzip),
            (name, "zst") => (name, Pressed::Zstd),
            _ => (name, Pressed::Not),
        };
        let format = match (name.rsplit_once('.')?.1, pressed) {
            ("csv", _) => Format::Csv,
            ("jsonl" | "ndjson", _) => Format::Jsonl,
            ("parquet", Pressed::Not) => Format::Parquet,
            _ => return None,
        };
        Some(Self { format, pressed })
    }

    /// Whether a file of no bytes is one of no rows.
    pub fn may_be_empty(self) -> bool {
        self.format != Format::Parquet && self.pressed == Pressed::Not
    }

    /// How many rows `file` has, where it tells that itself.
    pub fn told(self, file: &File, of: &str) -> Result<Option<u64>, DataFault> {
        if self.format != Format::Parquet {
            return Ok(None);
        }
        let file = file.try_clone().map_err(|_| DataFault::SourceLost { row: None })?;
        Ok(Some(ParquetRows::open(file, of).map_err(|error| error.fault)?.facts().rows))
    }

    /// The rows of `file` in the columns of `schema`; `of` is whose they are.
    pub fn open(self, file: File, of: &str, schema: &Arc<Schema>) -> Result<Box<dyn Rows>, DataFault> {
        if self.format == Format::Parquet {
            let rows = ParquetRows::open(file, of).map_err(|error| error.fault)?;
            return Ok(Box::new(Cast::new(rows, schema, of)?));
        }
        let file = BufReader::with_capacity(AT_ONCE, file);
        let text: Box<dyn BufRead + Send> = match self.pressed {
            Pressed::Not => Box::new(file),
            Pressed::Gzip => Box::new(BufReader::with_capacity(AT_ONCE, MultiGzDecoder::new(file))),
            Pressed::Zstd => {
                let opened =
                    zstd::Decoder::with_buffer(file).map_err(|_| DataFault::SourceLost { row: None })?;
                Box::new(BufReader::with_capacity(AT_ONCE, opened))
            }
        };
        Ok(read::open(self.format, of, text, Some(Arc::clone(schema)))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_its_file_is() {
        for (name, format, pressed) in [
            ("a.csv", Format::Csv, Pressed::Not),
            ("a.b.csv.gz", Format::Csv, Pressed::Gzip),
            ("a.jsonl.zst", Format::Jsonl, Pressed::Zstd),
            ("a.ndjson", Format::Jsonl, Pressed::Not),
            ("a.parquet", Format::Parquet, Pressed::Not),
        ] {
            assert_eq!(Nature::of(name), Some(Nature { format, pressed }), "{name}");
        }
        for name in ["csv", "a.txt", "a.gz", "a.parquet.gz", "a.csv.zip", "a.CSV", "a.csv~", ""] {
            assert_eq!(Nature::of(name), None, "{name}");
        }
    }
}
