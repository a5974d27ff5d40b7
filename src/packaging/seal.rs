//! The end of the line: bytes out, counted, limited and hashed.

use std::io::Write;
use std::thread::{self, JoinHandle};

use bytes::{Bytes, BytesMut};
use crc32fast::Hasher as Crc;
use crossbeam_channel::{Sender, bounded};
use sha2::{Digest, Sha256 as Hasher};

use crate::domain::Sha256;

use super::{Control, PackError};

/// Bytes that are written and hashed at once.
const BLOCK: usize = 256 * 1024;
/// Blocks that the hashing thread may be behind.
const BEHIND: usize = 16;

/// Writes a package. Hashing has a thread of its own, once there is more than a block: at a
/// gigabyte a second it would otherwise be a quarter of the work.
pub struct Seal<'a> {
    out: &'a mut (dyn Write + Send),
    block: BytesMut,
    hashing: Hashing,
    written: u64,
    /// CRC-32 of all bytes up to the last cut, and of those since.
    before: Crc,
    since: Crc,
    limit: u64,
    control: &'a Control,
}

/// Where the digest is made.
enum Hashing {
    /// By whoever writes.
    Here(Hasher),
    /// On a thread of its own.
    There(Sender<Bytes>, JoinHandle<Sha256>),
}

impl<'a> Seal<'a> {
    /// Writes to `out`, at most `limit` bytes.
    pub fn new(out: &'a mut (dyn Write + Send), limit: u64, control: &'a Control) -> Self {
        Self {
            out,
            block: BytesMut::with_capacity(BLOCK),
            hashing: Hashing::Here(Hasher::new()),
            written: 0,
            before: Crc::new(),
            since: Crc::new(),
            limit,
            control,
        }
    }

    /// How many bytes there are so far.
    pub fn position(&self) -> u64 {
        self.written + self.block.len() as u64
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`PackError::TooLarge`], [`PackError::Full`], [`PackError::Output`], [`PackError::Cancelled`].
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), PackError> {
        if self.position() + bytes.len() as u64 > self.limit {
            return Err(PackError::TooLarge { limit: self.limit });
        }
        self.since.update(bytes);
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.block.len()));
            self.block.extend_from_slice(now);
            bytes = later;
            if self.block.len() == BLOCK {
                self.send_block()?;
                self.hashing.move_away();
            }
        }
        Ok(())
    }

    /// CRC-32 of what was written since the last cut; and cuts.
    pub fn cut(&mut self) -> u32 {
        let since = std::mem::take(&mut self.since);
        self.before.combine(&since);
        since.finalize()
    }

    /// The size, the digest and the CRC-32 of all that was written.
    ///
    /// # Errors
    /// As [`Seal::write`].
    pub fn finish(mut self) -> Result<(u64, Sha256, u32), PackError> {
        self.cut();
        self.send_block()?;
        self.out.flush().map_err(PackError::output)?;
        Ok((self.written, self.hashing.finish()?, self.before.finalize()))
    }

    fn send_block(&mut self) -> Result<(), PackError> {
        self.control.check()?;
        let block = std::mem::replace(&mut self.block, BytesMut::with_capacity(BLOCK)).freeze();
        self.out.write_all(&block).map_err(PackError::output)?;
        self.written += block.len() as u64;
        let written = self.written;
        self.control.tell(|progress| progress.bytes_written = written);
        self.hashing.take_in(block)
    }
}

impl Hashing {
    fn take_in(&mut self, block: Bytes) -> Result<(), PackError> {
        match self {
            Self::Here(hasher) => hasher.update(&block),
            Self::There(blocks, _) => blocks.send(block).map_err(|_| PackError::Panicked)?,
        }
        Ok(())
    }

    /// From now on on a thread of its own.
    fn move_away(&mut self) {
        let Self::Here(hasher) = self else { return };
        let mut hasher = hasher.clone();
        let (blocks, queue) = bounded::<Bytes>(BEHIND);
        let thread = thread::spawn(move || {
            queue.iter().for_each(|block| hasher.update(&block));
            Sha256(hasher.finalize().into())
        });
        *self = Self::There(blocks, thread);
    }

    fn finish(self) -> Result<Sha256, PackError> {
        match self {
            Self::Here(hasher) => Ok(Sha256(hasher.finalize().into())),
            Self::There(blocks, thread) => {
                drop(blocks);
                thread.join().map_err(|_| PackError::Panicked)
            }
        }
    }
}
