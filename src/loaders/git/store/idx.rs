//! A pack's index: from an object's name to its place in the pack.
//!
//! Read piece by piece, never mapped: a file that is cut short while it is mapped kills whoever
//! reads it.
//!
//! Source: git's `Documentation/gitformat-pack.adoc`, "Version 2 pack-*.idx files".

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use gix::hash::{Kind, ObjectId, Prefix, oid};

/// `\377tOc`, version 2.
const HEAD: [u8; 8] = [0xff, b't', b'O', b'c', 0, 0, 0, 2];
const FAN: u64 = 8;
const NAMES: u64 = FAN + 256 * 4;
/// Names that are read at once.
const BLOCK: u32 = 256;

/// The index of one pack.
#[derive(Debug)]
pub struct Index {
    file: File,
    hash: Kind,
    /// How many names begin with a byte up to this one.
    fan: Vec<u32>,
}

impl Index {
    /// Reads the head of `file`.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] when it is no such index.
    pub fn open(file: File, hash: Kind) -> io::Result<Self> {
        let mut head = [0; NAMES as usize];
        file.read_exact_at(&mut head, 0)?;
        let fan: Vec<u32> = head[FAN as usize..].chunks_exact(4).map(number).collect();
        let index = Self { file, hash, fan };
        let is_whole = index.file.metadata()?.len() >= index.large_at(0) + 2 * index.width();
        if head[..8] == HEAD && index.fan.is_sorted() && is_whole {
            Ok(index)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "no index of a pack, version 2"))
        }
    }

    /// Where the object `id` begins in the pack.
    pub fn find(&self, id: &oid) -> io::Result<Option<u64>> {
        let place = self.first_from(id)?;
        let is_there = place < self.fan[255] && self.names(place, 1)? == id.as_bytes();
        is_there.then(|| self.offset(place)).transpose()
    }

    /// Up to `most` objects whose names begin with `prefix`.
    pub fn with_prefix(&self, prefix: &Prefix, most: usize) -> io::Result<Vec<ObjectId>> {
        let first = self.first_from(prefix.as_oid())?;
        let count = u32::try_from(most).unwrap_or(u32::MAX).min(self.fan[255] - first);
        let names = self.names(first, count)?;
        let ids =
            names.chunks_exact(self.hash.len_in_bytes()).filter_map(|name| ObjectId::try_from(name).ok());
        Ok(ids.take_while(|id| prefix.cmp_oid(id).is_eq()).collect())
    }

    /// The place of the first name that is not less than `id`.
    fn first_from(&self, id: &oid) -> io::Result<u32> {
        let (mut low, mut high) = self.beginning_with(id.first_byte());
        while high - low > BLOCK {
            let middle = low + (high - low) / 2;
            if self.names(middle, 1)?.as_slice() < id.as_bytes() { low = middle + 1 } else { high = middle }
        }
        let names = self.names(low, high - low)?;
        let less = names.chunks_exact(self.hash.len_in_bytes()).take_while(|name| *name < id.as_bytes());
        Ok(low + u32::try_from(less.count()).expect("no more than a block"))
    }

    fn beginning_with(&self, byte: u8) -> (u32, u32) {
        let byte = usize::from(byte);
        (byte.checked_sub(1).map_or(0, |before| self.fan[before]), self.fan[byte])
    }

    fn names(&self, first: u32, count: u32) -> io::Result<Vec<u8>> {
        let mut names = vec![0; count as usize * self.hash.len_in_bytes()];
        self.file.read_exact_at(&mut names, NAMES + u64::from(first) * self.width())?;
        Ok(names)
    }

    fn offset(&self, place: u32) -> io::Result<u64> {
        let mut small = [0; 4];
        let offsets = NAMES + self.count() * (self.width() + 4);
        self.file.read_exact_at(&mut small, offsets + u64::from(place) * 4)?;
        let small = u32::from_be_bytes(small);
        // The highest bit says that the rest is a place among the large ones.
        if small >> 31 == 0 {
            return Ok(small.into());
        }
        let mut large = [0; 8];
        self.file.read_exact_at(&mut large, self.large_at(small & 0x7fff_ffff))?;
        Ok(u64::from_be_bytes(large))
    }

    fn large_at(&self, place: u32) -> u64 {
        NAMES + self.count() * (self.width() + 8) + u64::from(place) * 8
    }

    fn count(&self) -> u64 {
        u64::from(self.fan[255])
    }

    fn width(&self) -> u64 {
        self.hash.len_in_bytes() as u64
    }
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().expect("four bytes"))
}
