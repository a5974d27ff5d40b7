//! Whether a document is what its format says, read by a reader of that format.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::FileExt;

use flate2::read::MultiGzDecoder;

use crate::domain::{Compression, Format};
use crate::formats::read;
use crate::packaging::Check;

/// Bytes read from the disk at a time.
const BLOCK: usize = 256 << 10;

/// Reads the document in `file`, from its first byte to its last: it is of `format`, and has as many
/// rows as `rows`, where that is known. `None` for formats that are for people alone.
pub fn check(file: &File, format: Format, compression: Compression, rows: Option<u64>) -> Option<Check> {
    if !matches!(format, Format::Json | Format::Jsonl | Format::Csv | Format::Xml) {
        return None;
    }
    let input = match unpacked(file, compression) {
        Ok(input) => input,
        Err(error) => return Some(Check::bad("format", error.kind().to_string())),
    };
    Some(match read::validate(format, input) {
        Err(fault) => Check::bad("format", fault.to_string()),
        Ok(facts) => match rows.filter(|rows| *rows != facts.rows()) {
            None => Check::good("format", format!("{format}, {}", amount(facts.rows()))),
            Some(rows) => Check::bad("format", format!("{}, sealed with {rows}", amount(facts.rows()))),
        },
    })
}

fn amount(rows: u64) -> String {
    format!("{rows} {}", if rows == 1 { "row" } else { "rows" })
}

fn unpacked(file: &File, compression: Compression) -> io::Result<Box<dyn BufRead + Send>> {
    let bytes = BufReader::with_capacity(BLOCK, FromStart { file: file.try_clone()?, at: 0 });
    Ok(match compression {
        Compression::None => Box::new(bytes),
        Compression::Gzip => Box::new(BufReader::with_capacity(BLOCK, MultiGzDecoder::new(bytes))),
        Compression::Zstd => {
            Box::new(BufReader::with_capacity(BLOCK, zstd::stream::read::Decoder::with_buffer(bytes)?))
        }
    })
}

/// A file from its beginning, whoever else reads it.
struct FromStart {
    file: File,
    at: u64,
}

impl io::Read for FromStart {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(room, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
