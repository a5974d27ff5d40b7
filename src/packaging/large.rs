//! Large files: read once in order, compressed chunk by chunk on all threads, put together again.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use sha2::{Digest, Sha256 as Hasher};

use crate::domain::Sha256;

use super::codec::{self, LOOK_BACK};
use super::seal::Seal;
use super::secrets::{Finding, SecretScan};
use super::source::{Content, fill};
use super::unit::{Facts, Method};
use super::{Control, PackError};

/// Bytes of a file that are compressed at once.
pub const CHUNK: usize = 1 << 20;
/// What is kept in memory of an entry before its head, which tells its packed size, can be
/// written. The rest goes to a scratch file.
const IN_MEMORY: usize = 8 << 20;

/// Reads a large file's chunks in order.
///
/// Once only: a chunk is compressed with the end of the one before in view, and reading that end
/// again could find other bytes.
pub struct LargeReader {
    content: Box<dyn Content>,
    left: u64,
    before: Vec<u8>,
    read: u64,
    expected: u64,
    is_over: bool,
    is_broken: bool,
}

/// One chunk, ready to be packed anywhere. Its buffers are used again and again.
#[derive(Default)]
pub struct Chunk {
    /// The bytes of the file, after `before` of those that came before them.
    bytes: Vec<u8>,
    before: usize,
    is_last: bool,
    /// What they became, unless they are better stored.
    packed: Vec<u8>,
    is_packed: bool,
    crc: crc32fast::Hasher,
}

impl LargeReader {
    /// Reads `content`, of which the scan expected `expected` bytes, up to `longest`.
    pub fn new(content: Box<dyn Content>, expected: u64, longest: u64) -> Self {
        let (before, is_over, is_broken) = (Vec::with_capacity(LOOK_BACK), false, false);
        Self { content, left: longest, before, read: 0, expected, is_over, is_broken }
    }

    /// The next chunk, in the buffers of `used`; `None` after the last. A file that cannot be
    /// read further ends there, and has changed: what was read is packed, and told.
    pub fn chunk(&mut self, mut used: Chunk) -> Option<Chunk> {
        if self.is_over {
            return None;
        }
        used.before = self.before.len();
        used.bytes.clear();
        used.bytes.extend_from_slice(&self.before);
        let read = self.fill(&mut used.bytes).unwrap_or_else(|_| {
            self.is_broken = true;
            0
        });
        // A short chunk is the last. A file of whole chunks ends in an empty one.
        self.is_over = read < CHUNK;
        used.is_last = self.is_over;
        self.read += read as u64;
        self.before.clear();
        self.before.extend_from_slice(&used.bytes[used.bytes.len().saturating_sub(LOOK_BACK)..]);
        Some(used)
    }

    /// Adds a whole chunk to `bytes`, or what there is until the end.
    fn fill(&mut self, bytes: &mut Vec<u8>) -> io::Result<usize> {
        let start = bytes.len();
        let wanted = usize::try_from(self.left).map_or(CHUNK, |left| left.min(CHUNK));
        bytes.resize(start + wanted, 0);
        let read = fill(&mut *self.content, &mut bytes[start..]);
        bytes.truncate(start + *read.as_ref().unwrap_or(&0));
        self.left -= *read.as_ref().unwrap_or(&0) as u64;
        read
    }

    /// Whether the file is not what the scan saw.
    pub fn has_changed(&self) -> bool {
        self.is_broken || self.read != self.expected || self.content.has_changed()
    }
}

impl Chunk {
    /// Compresses it; on a packing thread.
    #[must_use]
    pub fn pack(mut self, level: u32) -> Self {
        let (before, bytes) = self.bytes.split_at(self.before);
        self.crc = crc32fast::Hasher::new();
        self.crc.update(bytes);
        self.is_packed = codec::deflate_chunk(before, bytes, self.is_last, level, &mut self.packed);
        self
    }

    /// The bytes of the file that it holds.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[self.before..]
    }
}

/// A large entry on its way: its packed bytes, and what is to be said of it.
pub struct Large {
    /// Its place among the entries.
    pub index: usize,
    crc: crc32fast::Hasher,
    sha256: Hasher,
    secrets: SecretScan,
    size: u64,
    stretches: Vec<Stretch>,
    memory: Vec<u8>,
    scratch: Option<File>,
}

/// What one chunk became.
#[derive(Clone, Copy)]
enum Stretch {
    /// Part of a DEFLATE stream, so long.
    Packed(usize),
    /// Itself.
    Plain { length: usize, is_last: bool },
}

impl Large {
    /// The entry `index`.
    pub fn new(index: usize) -> Self {
        let (crc, sha256, secrets) = (crc32fast::Hasher::new(), Hasher::new(), SecretScan::default());
        let (stretches, memory) = (Vec::new(), Vec::new());
        Self { index, crc, sha256, secrets, size: 0, stretches, memory, scratch: None }
    }

    /// Adds the next chunk.
    ///
    /// # Errors
    /// [`PackError::Full`], [`PackError::Output`] when the scratch file cannot be written.
    pub fn add(&mut self, chunk: &Chunk, scratch: &dyn Fn() -> io::Result<File>) -> Result<(), PackError> {
        let bytes = chunk.bytes();
        self.crc.combine(&chunk.crc);
        self.secrets.look(bytes);
        self.sha256.update(bytes);
        self.size += bytes.len() as u64;
        if chunk.is_packed {
            self.stretches.push(Stretch::Packed(chunk.packed.len()));
            self.keep(&chunk.packed, scratch).map_err(PackError::output)
        } else {
            self.stretches.push(Stretch::Plain { length: bytes.len(), is_last: chunk.is_last });
            self.keep(bytes, scratch).map_err(PackError::output)
        }
    }

    fn keep(&mut self, data: &[u8], scratch: &dyn Fn() -> io::Result<File>) -> io::Result<()> {
        let file = match &mut self.scratch {
            Some(file) => file,
            None if self.memory.len() + data.len() <= IN_MEMORY => {
                self.memory.extend_from_slice(data);
                return Ok(());
            }
            none => none.insert(scratch()?),
        };
        file.write_all(data)
    }

    /// What was found in it that it must not leave with, now that all of it was seen.
    pub fn secret(&mut self) -> Option<Finding> {
        std::mem::take(&mut self.secrets).end()
    }

    /// Whether any chunk got smaller; if none did, the entry is its own bytes.
    fn is_stream(&self) -> bool {
        self.stretches.iter().any(|stretch| matches!(stretch, Stretch::Packed(_)))
    }

    /// What is to be said of it.
    pub fn facts(&self) -> Facts {
        let is_stream = self.is_stream();
        let packed_size = |stretch: &Stretch| match *stretch {
            Stretch::Packed(length) => length,
            Stretch::Plain { length, is_last } if is_stream => {
                length + 5 * codec::stored(length, is_last).count()
            }
            Stretch::Plain { length, .. } => length,
        };
        Facts {
            method: if is_stream { Method::Deflated } else { Method::Stored },
            crc: self.crc.clone().finalize(),
            size: self.size,
            packed_size: self.stretches.iter().map(|stretch| packed_size(stretch) as u64).sum(),
            sha256: Sha256(self.sha256.clone().finalize().into()),
        }
    }

    /// Writes its packed bytes.
    ///
    /// # Errors
    /// As [`Seal::write`].
    pub fn write_to(mut self, seal: &mut Seal<'_>, control: &Control) -> Result<(), PackError> {
        let is_stream = self.is_stream();
        let mut kept = Kept { data: self.memory.as_slice().chain(rewound(self.scratch.take())?), control };
        let mut block = vec![0; 64 << 10];
        for stretch in &self.stretches {
            match *stretch {
                Stretch::Plain { length, is_last } if is_stream => {
                    for (head, length) in codec::stored(length, is_last) {
                        seal.write(&head)?;
                        kept.pass_on(length, &mut block, seal)?;
                    }
                }
                Stretch::Plain { length, .. } | Stretch::Packed(length) => {
                    kept.pass_on(length, &mut block, seal)?;
                }
            }
        }
        Ok(())
    }
}

/// What was kept of an entry, front to back.
struct Kept<'a, R> {
    data: R,
    control: &'a Control,
}

impl<R: Read> Kept<'_, R> {
    /// Hands the next `length` bytes on to `seal`.
    fn pass_on(&mut self, mut length: usize, block: &mut [u8], seal: &mut Seal<'_>) -> Result<(), PackError> {
        while length > 0 {
            self.control.check()?;
            let part = length.min(block.len());
            self.data.read_exact(&mut block[..part]).map_err(PackError::output)?;
            seal.write(&block[..part])?;
            length -= part;
        }
        Ok(())
    }
}

/// `file` from its beginning; nothing when there is none.
fn rewound(file: Option<File>) -> Result<Box<dyn Read>, PackError> {
    let Some(mut file) = file else { return Ok(Box::new(io::empty())) };
    file.seek(SeekFrom::Start(0)).map_err(PackError::output)?;
    Ok(Box::new(file))
}
