//! One entry of a package, from any of its bytes on.

use std::sync::Arc;

use sha2::{Digest, Sha256 as Hasher};

use super::pieces::PieceReader;
use super::scan::ScanReader;
use super::{Damage, ReadAt};
use crate::domain::{Archive, Sha256};
use crate::packaging::index::{Index, Place};

/// What a read came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many bytes came; none at the end.
    Bytes(usize),
    /// Bytes were unpacked that come before those that are wanted: ask again.
    NotYet,
}

/// Reads one entry. What it gives is what was sealed, or it fails: an entry that is read from its
/// first byte to its last is held against its SHA-256, before its last bytes are given.
pub struct EntryReader {
    way: Way,
    name: String,
    size: u64,
    sha256: Sha256,
    /// The byte that comes next.
    at: u64,
    /// The digest of all bytes so far, if they are all bytes so far.
    hasher: Option<Hasher>,
}

enum Way {
    Pieces(PieceReader),
    Scan(ScanReader),
}

impl EntryReader {
    /// Reads by the index.
    pub(super) fn by_index(
        bytes: Arc<dyn ReadAt>,
        index: Arc<Index>,
        place: Place,
        (name, size, sha256): (String, u64, Sha256),
    ) -> Self {
        let way = Way::Pieces(PieceReader::new(bytes, index, place));
        Self { way, name, size, sha256, at: 0, hasher: Some(Hasher::new()) }
    }

    /// Reads everything that comes before.
    pub(super) fn by_scan(
        bytes: Arc<dyn ReadAt>,
        format: Archive,
        most: u64,
        (name, size, sha256): (String, u64, Sha256),
    ) -> Self {
        let way = Way::Scan(ScanReader::new(bytes, format, name.clone(), most));
        Self { way, name, size, sha256, at: 0, hasher: Some(Hasher::new()) }
    }

    /// Whether it goes straight to its bytes.
    pub fn is_direct(&self) -> bool {
        matches!(self.way, Way::Pieces(_))
    }

    /// Goes on at byte `at`.
    pub fn go_to(&mut self, at: u64) {
        if at == self.at {
            return;
        }
        self.forget();
        self.hasher = (at == 0).then(Hasher::new);
        self.at = at;
    }

    /// Gives back the memory that it can do without, when many are reading: what it has under way
    /// is begun again with the next read.
    pub fn make_room(&mut self) {
        if let Way::Pieces(pieces) = &mut self.way
            && pieces.is_heavy()
        {
            pieces.forget();
        }
    }

    fn forget(&mut self) {
        match &mut self.way {
            Way::Pieces(pieces) => pieces.forget(),
            Way::Scan(scan) => scan.forget(),
        }
    }

    /// The next bytes, into `room`, which has some. Works for a bounded time, about that of
    /// unpacking as much as `room` holds.
    ///
    /// # Errors
    /// [`Damage`]: the package, or the index, is not what was sealed.
    pub fn read(&mut self, room: &mut [u8]) -> Result<Step, Damage> {
        let left = usize::try_from(self.size - self.at).unwrap_or(usize::MAX);
        let most = room.len().min(left);
        if most == 0 {
            return Ok(Step::Bytes(0));
        }
        let got = self.unpack(&mut room[..most])?;
        if got == 0 {
            return Ok(Step::NotYet);
        }
        self.at += got as u64;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&room[..got]);
        }
        if self.at == self.size {
            self.check()?;
        }
        Ok(Step::Bytes(got))
    }

    fn unpack(&mut self, room: &mut [u8]) -> Result<usize, Damage> {
        match &mut self.way {
            Way::Pieces(pieces) => {
                if !pieces.is_on_its_way() {
                    pieces.go_to(self.at)?;
                }
                pieces.read(room)
            }
            Way::Scan(scan) => {
                if !scan.is_on_its_way() {
                    scan.go_to(self.at);
                }
                scan.read(room)
            }
        }
    }

    fn check(&mut self) -> Result<(), Damage> {
        let digest = self.hasher.take().map(|hasher| Sha256(hasher.finalize().into()));
        match digest {
            Some(digest) if digest != self.sha256 => {
                Err(Damage::archive(&self.name, "is not what was packed"))
            }
            _ => Ok(()),
        }
    }
}
