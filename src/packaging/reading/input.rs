//! A package's bytes.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use sha2::{Digest, Sha256 as Hasher};
use tokio_util::sync::CancellationToken;

use super::Damage;
use crate::domain::Sha256;

/// Bytes read at a time.
const BLOCK: usize = 128 << 10;

/// Bytes that can be read from anywhere, by several at once.
pub trait ReadAt: Send + Sync {
    /// How many there are.
    ///
    /// # Errors
    /// When that cannot be found out.
    fn length(&self) -> io::Result<u64>;

    /// Some of those from `at` on; 0 at the end.
    ///
    /// # Errors
    /// When they cannot be read.
    fn read_at(&self, room: &mut [u8], at: u64) -> io::Result<usize>;
}

impl ReadAt for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, room: &mut [u8], at: u64) -> io::Result<usize> {
        FileExt::read_at(self, room, at)
    }
}

impl ReadAt for Vec<u8> {
    fn length(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_at(&self, room: &mut [u8], at: u64) -> io::Result<usize> {
        let from = usize::try_from(at).unwrap_or(usize::MAX).min(self.len());
        let read = room.len().min(self.len() - from);
        room[..read].copy_from_slice(&self[from..from + read]);
        Ok(read)
    }
}

/// Reads until `room` is full or the bytes end, and tells how many came.
pub(super) fn fill_at(bytes: &dyn ReadAt, room: &mut [u8], at: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < room.len() {
        match bytes.read_at(&mut room[filled..], at + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Bytes in a row, buffered.
pub struct Input {
    bytes: Arc<dyn ReadAt>,
    block: Vec<u8>,
    /// What of `block` is still to be taken.
    from: usize,
    to: usize,
    /// Where in the package the next block begins.
    next: u64,
    hashing: Option<Hasher>,
    cancel: CancellationToken,
}

impl Input {
    /// Reads `bytes` from their beginning; a cancelled `cancel` ends it.
    pub fn new(bytes: Arc<dyn ReadAt>, cancel: CancellationToken) -> Self {
        Self { bytes, block: vec![0; BLOCK], from: 0, to: 0, next: 0, hashing: None, cancel }
    }

    /// The same, with a digest of all that is read.
    pub fn hashing(mut self) -> Self {
        self.hashing = Some(Hasher::new());
        self
    }

    /// How many bytes were taken, or passed over.
    pub fn position(&self) -> u64 {
        self.next - (self.to - self.from) as u64
    }

    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// [`Damage::Disk`], [`Damage::Cancelled`].
    pub fn fill(&mut self) -> Result<&[u8], Damage> {
        if self.from == self.to {
            if self.cancel.is_cancelled() {
                return Err(Damage::Cancelled);
            }
            (self.from, self.to) = (0, 0);
            self.to = fill_at(&*self.bytes, &mut self.block, self.next)?;
            self.next += self.to as u64;
            if let Some(hasher) = &mut self.hashing {
                hasher.update(&self.block[..self.to]);
            }
        }
        Ok(&self.block[self.from..self.to])
    }

    /// Takes `count` of the bytes that [`Input::fill`] showed.
    pub fn take(&mut self, count: usize) {
        self.from = (self.from + count).min(self.to);
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// As [`Input::fill`]; [`Damage::Here`], at `place`, when there are fewer.
    pub fn exactly<const N: usize>(&mut self, place: &str) -> Result<[u8; N], Damage> {
        let mut taken = [0; N];
        for byte in &mut taken {
            *byte = *self.fill()?.first().ok_or_else(|| Damage::coding(place, "the package ends in it"))?;
            self.take(1);
        }
        Ok(taken)
    }

    /// Reads on to the end, and tells how many bytes there were and their digest.
    ///
    /// # Errors
    /// As [`Input::fill`].
    pub fn digest(mut self) -> Result<(u64, Sha256), Damage> {
        loop {
            let more = self.fill()?.len();
            if more == 0 {
                break;
            }
            self.take(more);
        }
        Ok((self.next, Sha256(self.hashing.take().unwrap_or_default().finalize().into())))
    }

    /// Goes on at `at`.
    pub fn go_to(&mut self, at: u64) {
        let buffered = self.next - self.to as u64;
        match usize::try_from(at.wrapping_sub(buffered)) {
            Ok(within) if at >= buffered && within <= self.to => self.from = within,
            _ => (self.from, self.to, self.next) = (0, 0, at),
        }
    }
}
