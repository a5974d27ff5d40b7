//! A unit of packing: some small files, read and compressed on one thread.

use std::cell::RefCell;
use std::io;

use sha2::{Digest, Sha256 as Hasher};

use crate::domain::Sha256;

use super::dropped::{Dropped, Why};
use super::source::{Entry, Source, fill};
use super::{Control, codec, secrets};

/// What a file may have grown by, from the scan to the reading, to be packed whole all the same.
const GROWTH: u64 = 4096;

thread_local! {
    /// Where a packing thread reads files into: fresh memory for each would cost page faults.
    static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

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

/// Reads and packs one small entry. At most `longest` bytes are read, whatever it has grown to.
pub fn pack(
    source: &dyn Source,
    entry: &Entry,
    index: usize,
    longest: u64,
    level: u32,
) -> Result<Packed, Dropped> {
    ROOM.with_borrow_mut(|room| {
        let (bytes, has_changed) =
            read(source, entry, longest, room).map_err(|error| Dropped { index, why: Why::Unread(error) })?;
        if let Some(finding) = secrets::find(bytes) {
            return Err(Dropped { index, why: Why::Secret(finding) });
        }
        let (method, data) = match codec::deflate(bytes, level) {
            Some(data) => (Method::Deflated, data),
            None => (Method::Stored, bytes.to_vec()),
        };
        let facts = Facts {
            method,
            crc: crc32fast::hash(bytes),
            size: bytes.len() as u64,
            packed_size: data.len() as u64,
            sha256: Sha256(Hasher::digest(bytes).into()),
        };
        Ok(Packed { index, data, facts, has_changed })
    })
}

/// Reads `entry` into `room`. Of a file that grew no more than twice what the scan saw and a
/// little is read, so that a batch takes no more memory than it should.
fn read<'r>(
    source: &dyn Source,
    entry: &Entry,
    longest: u64,
    room: &'r mut Vec<u8>,
) -> io::Result<(&'r [u8], bool)> {
    let mut content = source.open(entry)?;
    let most = usize::try_from(longest.min(entry.size * 2 + GROWTH)).unwrap_or(usize::MAX);
    if room.len() < most {
        room.resize(most, 0);
    }
    let filled = fill(&mut *content, &mut room[..most])?;
    let has_changed = filled as u64 != entry.size || content.has_changed();
    Ok((&room[..filled], has_changed))
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
