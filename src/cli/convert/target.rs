//! The file that is written.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use zstd::stream::write::Encoder;

use super::named::{Pressed, pressed};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::part::{Part, can_replace};
use crate::cli::plain::plain_path;

/// What the `zstd` program does by itself.
const ZSTD_LEVEL: i32 = 3;

/// A file in the making, compressed as its name says.
pub struct Target {
    path: PathBuf,
    bytes: Bytes,
}

enum Bytes {
    Plain(Counted),
    Gzip(GzEncoder<Counted>),
    Zstd(Encoder<'static, Counted>),
}

impl Target {
    /// The file that will be at `path`; `-` is standard output.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| unwritable(path, &error);
        let to = if path.as_os_str() == "-" {
            To::Standard
        } else {
            can_replace(path)?;
            To::Part(Part::begin(path).map_err(failed)?)
        };
        let counted = Counted { to, size: 0 };
        let bytes = match pressed(path) {
            Pressed::No => Bytes::Plain(counted),
            Pressed::Gzip => Bytes::Gzip(GzEncoder::new(counted, Compression::default())),
            Pressed::Zstd => Bytes::Zstd(Encoder::new(counted, ZSTD_LEVEL).map_err(failed)?),
        };
        Ok(Self { path: path.to_owned(), bytes })
    }

    /// Gives it its name; tells its size.
    pub fn finish(self) -> Result<u64, Failure> {
        let path = self.path;
        finished(self.bytes, &path).map_err(|error| unwritable(&path, &error))
    }
}

fn finished(bytes: Bytes, path: &Path) -> io::Result<u64> {
    let Counted { to, size } = match bytes {
        Bytes::Plain(counted) => counted,
        Bytes::Gzip(encoder) => encoder.finish()?,
        Bytes::Zstd(encoder) => encoder.finish()?,
    };
    match to {
        To::Standard => io::stdout().flush()?,
        To::Part(mut part) => {
            part.file.sync()?;
            part.finish(path)?;
        }
    }
    Ok(size)
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.bytes {
            Bytes::Plain(to) => to.write(bytes),
            Bytes::Gzip(to) => to.write(bytes),
            Bytes::Zstd(to) => to.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.bytes {
            Bytes::Plain(to) => to.flush(),
            Bytes::Gzip(to) => to.flush(),
            Bytes::Zstd(to) => to.flush(),
        }
    }
}

/// Counts what is written.
struct Counted {
    to: To,
    size: u64,
}

enum To {
    Standard,
    Part(Part),
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = match &mut self.to {
            To::Standard => io::stdout().write(bytes)?,
            To::Part(part) => part.file.write(bytes)?,
        };
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Standard => io::stdout().flush(),
            To::Part(part) => part.file.flush(),
        }
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("{} cannot be written: {error}", plain_path(path)))
}
