//! Large files: read once in order, compressed chunk by chunk on all threads, put together again.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use sha2::{Digest, Sha256 as Hasher};

use crate::domain::Sha256;

use super::codec::{self, LOOK_BACK};
use super::seal::Seal;
use super::source::Content;
use super::unit::{Facts, Method};
use super::{Control, PackError};

/// Bytes of a file that are compressed at once.
pub const CHUNK: usize = 1 << 20;
/// What is kept in memory of an entry before its head, which tells its packed size, can be
/// written. The rest goes to a scratch file.
const IN_MEMORY: usize = 24 << 20;

/// Reads a large file's chunks in order, one ahead: the last one has to be known as such.
pub struct LargeReader {
    content: Box<dyn Content>,
    left: u64,
    next: Vec<u8>,
    before: Vec<u8>,
    method: Method,
    read: u64,
    expected: u64,
    is_broken: bool,
}

/// One chunk, ready to be packed anywhere.
pub struct RawChunk {
    before: Vec<u8>,
    bytes: Vec<u8>,
    is_last: bool,
    method: Method,
}

/// One chunk, packed.
pub struct PackedChunk {
    bytes: Vec<u8>,
    data: Option<Vec<u8>>,
    crc: crc32fast::Hasher,
}

impl LargeReader {
    /// Reads the first chunk; by it the method is chosen.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn new(mut content: Box<dyn Content>, expected: u64, longest: u64) -> io::Result<Self> {
        let mut left = longest;
        let next = read_chunk(&mut *content, &mut left)?;
        let method = if codec::is_noise(&next) { Method::Stored } else { Method::Deflated };
        Ok(Self { content, left, next, before: Vec::new(), method, read: 0, expected, is_broken: false })
    }

    /// How the entry will be stored.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The next chunk; `None` after the last. A file that cannot be read further ends there, and
    /// has changed: what was read is packed, and told.
    pub fn chunk(&mut self) -> Option<RawChunk> {
        if self.next.is_empty() && self.read > 0 {
            return None;
        }
        let following = read_chunk(&mut *self.content, &mut self.left).unwrap_or_else(|_| {
            self.is_broken = true;
            Vec::new()
        });
        let bytes = std::mem::replace(&mut self.next, following);
        let before =
            std::mem::replace(&mut self.before, bytes[bytes.len().saturating_sub(LOOK_BACK)..].to_vec());
        self.read += bytes.len() as u64;
        Some(RawChunk { before, is_last: self.next.is_empty(), bytes, method: self.method })
    }

    /// Whether the file is not what the scan saw.
    pub fn has_changed(&self) -> bool {
        self.is_broken || self.read != self.expected || self.content.has_changed()
    }
}

impl RawChunk {
    /// Compresses it; on a packing thread.
    pub fn pack(self, level: u32) -> PackedChunk {
        let mut crc = crc32fast::Hasher::new();
        crc.update(&self.bytes);
        let data = match self.method {
            Method::Stored => None,
            Method::Deflated => Some(codec::deflate_chunk(&self.before, &self.bytes, self.is_last, level)),
        };
        PackedChunk { bytes: self.bytes, data, crc }
    }
}

impl PackedChunk {
    /// Bytes of the file that it holds.
    pub fn read(&self) -> usize {
        self.bytes.len()
    }
}

/// A large entry on its way: its packed bytes, and what is to be said of it.
pub struct Large {
    /// Its place among the entries.
    pub index: usize,
    method: Method,
    crc: crc32fast::Hasher,
    sha256: Hasher,
    size: u64,
    packed_size: u64,
    memory: Vec<u8>,
    scratch: Option<File>,
}

impl Large {
    /// The entry `index`, stored by `method`.
    pub fn new(index: usize, method: Method) -> Self {
        Self {
            index,
            method,
            crc: crc32fast::Hasher::new(),
            sha256: Hasher::new(),
            size: 0,
            packed_size: 0,
            memory: Vec::new(),
            scratch: None,
        }
    }

    /// Adds the next chunk.
    ///
    /// # Errors
    /// [`PackError::Full`], [`PackError::Output`] when the scratch file cannot be written.
    pub fn add(
        &mut self,
        chunk: &PackedChunk,
        scratch: &dyn Fn() -> io::Result<File>,
    ) -> Result<(), PackError> {
        let data = chunk.data.as_deref().unwrap_or(&chunk.bytes);
        self.crc.combine(&chunk.crc);
        self.sha256.update(&chunk.bytes);
        self.size += chunk.bytes.len() as u64;
        self.packed_size += data.len() as u64;
        if self.scratch.is_none() && self.memory.len() + data.len() <= IN_MEMORY {
            self.memory.extend_from_slice(data);
            return Ok(());
        }
        if self.scratch.is_none() {
            self.scratch = Some(scratch().map_err(PackError::output)?);
        }
        let file = self.scratch.as_mut().expect("it was made just now");
        file.write_all(data).map_err(PackError::output)
    }

    /// What is to be said of it.
    pub fn facts(&self) -> Facts {
        Facts {
            method: self.method,
            crc: self.crc.clone().finalize(),
            size: self.size,
            packed_size: self.packed_size,
            sha256: Sha256(self.sha256.clone().finalize().into()),
        }
    }

    /// Writes its packed bytes.
    ///
    /// # Errors
    /// As [`Seal::write`].
    pub fn write_to(self, seal: &mut Seal<'_>, control: &Control) -> Result<(), PackError> {
        seal.write(&self.memory)?;
        let Some(mut file) = self.scratch else { return Ok(()) };
        file.seek(SeekFrom::Start(0)).map_err(PackError::output)?;
        let mut block = vec![0; CHUNK];
        loop {
            control.check()?;
            match file.read(&mut block).map_err(PackError::output)? {
                0 => return Ok(()),
                read => seal.write(&block[..read])?,
            }
        }
    }
}

/// A whole chunk, or what there is until the end.
fn read_chunk(content: &mut dyn Content, left: &mut u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from((*left).min(CHUNK as u64)).unwrap_or(CHUNK)];
    let mut filled = 0;
    while filled < bytes.len() {
        match content.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    *left -= filled as u64;
    Ok(bytes)
}
