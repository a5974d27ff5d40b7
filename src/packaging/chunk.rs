//! Chunks of large files: read once in order, compressed on all threads.

use std::io;
use std::ops::Range;

use super::archive::tar;
use super::codec::deflate::{self, LOOK_BACK};
use super::codec::zstd;
use super::noise;
use super::press::Press;
use super::room;
use super::source::{Content, Entry, fill};

use crate::domain::Archive;

/// Every so many chunks one is compressed without the one before in view, so that whoever wants
/// the middle of an entry need not unpack all before it.
const FRESH_EVERY: u64 = 16;

/// Reads a large file's chunks in order.
///
/// Once only: a chunk is compressed with the end of the one before in view, and reading that end
/// again could find other bytes.
pub struct LargeReader {
    content: Box<dyn Content>,
    press: Press,
    is_hinted: bool,
    left: u64,
    before: Vec<u8>,
    chunks: u64,
    read: u64,
    expected: u64,
    is_over: bool,
    is_broken: bool,
}

/// One chunk, ready to be packed anywhere. Its buffers are used again and again.
#[derive(Default)]
pub struct Chunk {
    /// The bytes of the file, after `before` of those that came before them, and in a tar archive
    /// their padding.
    bytes: Vec<u8>,
    before: usize,
    content: usize,
    is_hinted: bool,
    /// Whether the file ends here.
    pub is_last: bool,
    /// What they became, unless they are better stored.
    packed: Vec<u8>,
    is_packed: bool,
    crc: crc32fast::Hasher,
}

impl LargeReader {
    /// Reads `content` of `entry` up to `longest` bytes, for `press`.
    pub fn new(content: Box<dyn Content>, entry: &Entry, longest: u64, press: Press) -> Self {
        Self {
            content,
            press,
            is_hinted: noise::is_hinted(&entry.path),
            left: longest,
            before: Vec::with_capacity(LOOK_BACK),
            chunks: 0,
            read: 0,
            expected: entry.size,
            is_over: false,
            is_broken: false,
        }
    }

    /// The next chunk, in the buffers of `used`; `None` after the last. A file that cannot be
    /// read further ends there, and has changed: what was read is packed, and told.
    pub fn chunk(&mut self, mut used: Chunk) -> Option<Chunk> {
        if self.is_over {
            return None;
        }
        used.bytes.clear();
        if self.press.looks_back() && !self.chunks.is_multiple_of(FRESH_EVERY) {
            used.bytes.extend_from_slice(&self.before);
        }
        used.before = used.bytes.len();
        used.is_hinted = self.is_hinted;
        let read = self.fill(&mut used.bytes).unwrap_or_else(|_| {
            self.is_broken = true;
            0
        });
        // A short chunk is the last. A file of whole chunks ends in an empty one.
        self.is_over = read < self.press.chunk();
        used.is_last = self.is_over;
        used.content = read;
        self.read += read as u64;
        self.chunks += 1;
        self.before.clear();
        self.before.extend_from_slice(&used.bytes[used.bytes.len().saturating_sub(LOOK_BACK)..]);
        if used.is_last && self.press.format != Archive::Zip {
            used.bytes.resize(used.bytes.len() + tar::padding(self.read), 0);
        }
        Some(used)
    }

    /// Adds a whole chunk to `bytes`, or what there is until the end.
    fn fill(&mut self, bytes: &mut Vec<u8>) -> io::Result<usize> {
        let (start, chunk) = (bytes.len(), self.press.chunk());
        let wanted = usize::try_from(self.left).map_or(chunk, |left| left.min(chunk));
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
    /// A chunk of no file: bytes that are compressed with nothing else in view.
    pub fn alone(bytes: Vec<u8>) -> Self {
        Self { content: bytes.len(), bytes, ..Self::default() }
    }

    /// Compresses it; on a packing thread.
    #[must_use]
    pub fn pack(mut self, press: Press) -> Self {
        self.crc = crc32fast::Hasher::new();
        self.crc.update(&self.bytes[self.before..self.before + self.content]);
        let mut noisy = Vec::new();
        noise::find(self.content(), 0, self.is_hinted, &mut noisy);
        // Pressed in the thread's own room: a chunk that waits for its turn takes no more than it has.
        room::lent(|raw, room| {
            // Batches may not come again.
            *raw = Vec::new();
            self.is_packed = self.press(&noisy, press, room);
            self.packed.clear();
            if self.is_packed {
                self.packed.extend_from_slice(room);
            }
        });
        self
    }

    /// Presses it into `packed`; `false` if it is better stored.
    fn press(&self, noisy: &[Range<usize>], press: Press, packed: &mut Vec<u8>) -> bool {
        match press.format {
            Archive::Zip => deflate::part(&self.bytes, self.before, noisy, self.is_last, press.level, packed),
            Archive::TarGz => {
                deflate::part(&self.bytes, self.before, noisy, false, press.level, packed);
                true
            }
            Archive::TarZst => {
                let is_noise = noise::prevails(self.raw().len(), noisy);
                zstd::frame(self.raw(), is_noise, press.level, packed);
                true
            }
        }
    }

    /// The bytes of the file that it holds.
    pub fn content(&self) -> &[u8] {
        &self.bytes[self.before..self.before + self.content]
    }

    /// Those and their padding.
    pub fn raw(&self) -> &[u8] {
        &self.bytes[self.before..]
    }

    /// CRC-32 of the file's bytes in it.
    pub fn crc(&self) -> &crc32fast::Hasher {
        &self.crc
    }

    /// What it became; `None` if it is better stored.
    pub fn packed(&self) -> Option<&[u8]> {
        self.is_packed.then_some(&self.packed)
    }

    /// Whether it was compressed with nothing else in view.
    pub fn is_fresh(&self) -> bool {
        self.before == 0
    }
}
