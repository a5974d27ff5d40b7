//! A unit of packing: some small files, read and compressed on one thread.

use std::io;

use sha2::{Digest, Sha256 as Hasher};

use crate::domain::{Sha256, Warning, WarningCode};

use super::codec;
use super::source::{Entry, Source};
use super::{Control, ExcludeReason};

/// How an entry's bytes are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// As they are.
    Stored,
    /// As raw DEFLATE.
    Deflated,
}

/// What became of one entry.
pub struct Packed {
    /// Its place among the entries.
    pub index: usize,
    /// Its bytes as packed.
    pub data: Vec<u8>,
    /// How.
    pub facts: Facts,
    /// Whether it changed while it was read.
    pub has_changed: bool,
}

/// What an archive says of an entry beside its name.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// How its bytes are stored.
    pub method: Method,
    /// CRC-32 of its bytes.
    pub crc: u32,
    /// How many bytes.
    pub size: u64,
    /// How many as packed.
    pub packed_size: u64,
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
}

/// Why an entry is not in the package after all.
pub struct Dropped {
    /// Its place among the entries.
    pub index: usize,
    /// What the operating system said.
    pub error: io::Error,
}

/// Reads and packs one small entry. At most `longest` bytes are read, whatever it has grown to.
pub fn pack(
    source: &dyn Source,
    entry: &Entry,
    index: usize,
    longest: u64,
    level: u32,
) -> Result<Packed, Dropped> {
    let (bytes, has_changed) = read(source, entry, longest).map_err(|error| Dropped { index, error })?;
    let facts = |method, packed: usize| Facts {
        method,
        crc: crc32fast::hash(&bytes),
        size: bytes.len() as u64,
        packed_size: packed as u64,
        sha256: Sha256(Hasher::digest(&bytes).into()),
    };
    Ok(match codec::deflate(&bytes, level) {
        Some(data) => Packed { index, facts: facts(Method::Deflated, data.len()), data, has_changed },
        None => Packed { index, facts: facts(Method::Stored, bytes.len()), data: bytes, has_changed },
    })
}

fn read(source: &dyn Source, entry: &Entry, longest: u64) -> io::Result<(Vec<u8>, bool)> {
    let mut content = source.open(entry)?;
    // One byte more than expected, so that the end is met without another read.
    let mut bytes = vec![0; usize::try_from(entry.size.min(longest)).unwrap_or(0) + 1];
    let mut filled = 0;
    loop {
        if filled == bytes.len() {
            bytes.resize(bytes.len() * 2, 0);
        }
        match content.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if filled as u64 > longest {
            filled = usize::try_from(longest).unwrap_or(filled);
            break;
        }
    }
    bytes.truncate(filled);
    let has_changed = bytes.len() as u64 != entry.size || content.has_changed();
    Ok((bytes, has_changed))
}

/// Packs the entries of one batch; stops early when told to.
pub fn pack_batch(
    source: &dyn Source,
    entries: &[Entry],
    indices: std::ops::Range<usize>,
    longest: u64,
    level: u32,
    control: &Control,
) -> Vec<Result<Packed, Dropped>> {
    indices
        .take_while(|_| !control.cancel.is_cancelled())
        .map(|index| pack(source, &entries[index], index, longest, level))
        .collect()
}

/// What a manifest and the asker are told of a dropped entry.
pub fn told(path: &str, error: &io::Error) -> (ExcludeReason, Warning) {
    let vanished = error.kind() == io::ErrorKind::NotFound;
    let (reason, code, message) = if vanished {
        (ExcludeReason::Vanished, WarningCode::FileVanished, "deleted while it was being packed")
    } else {
        (ExcludeReason::Unreadable, WarningCode::Unreadable, "cannot be read by the server")
    };
    (reason, Warning { code, path: Some(path.to_owned()), message: message.to_owned() })
}
