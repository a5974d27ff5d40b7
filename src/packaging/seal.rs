//! The end of the line: bytes out, counted, limited and hashed.

use std::io::{self, Write};
use std::thread::{self, JoinHandle};

use bytes::{Bytes, BytesMut};
use crossbeam_channel::{Sender, bounded};
use sha2::{Digest, Sha256 as Hasher};

use crate::domain::Sha256;

use super::{Control, PackError};

/// Bytes that are written and hashed at once.
const BLOCK: usize = 256 * 1024;
/// Blocks that the hashing thread may be behind.
const BEHIND: usize = 16;

/// Writes a package. Hashing has a thread of its own: at a gigabyte a second it would otherwise
/// be a quarter of the work.
pub struct Seal<'a> {
    out: &'a mut dyn Write,
    block: BytesMut,
    hashing: Option<(Sender<Bytes>, JoinHandle<Sha256>)>,
    written: u64,
    limit: u64,
    control: &'a Control,
}

impl<'a> Seal<'a> {
    /// Writes to `out`, at most `limit` bytes.
    pub fn new(out: &'a mut dyn Write, limit: u64, control: &'a Control) -> Self {
        let (blocks, queue) = bounded::<Bytes>(BEHIND);
        let thread = thread::spawn(move || {
            let mut hasher = Hasher::new();
            queue.iter().for_each(|block| hasher.update(&block));
            Sha256(hasher.finalize().into())
        });
        Self {
            out,
            block: BytesMut::with_capacity(BLOCK),
            hashing: Some((blocks, thread)),
            written: 0,
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
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.block.len()));
            self.block.extend_from_slice(now);
            bytes = later;
            if self.block.len() == BLOCK {
                self.send_block()?;
            }
        }
        Ok(())
    }

    /// The size and the digest of all that was written.
    ///
    /// # Errors
    /// As [`Seal::write`].
    pub fn finish(mut self) -> Result<(u64, Sha256), PackError> {
        self.send_block()?;
        self.out.flush().map_err(PackError::output)?;
        let (blocks, thread) = self.hashing.take().expect("only finishing takes it");
        drop(blocks);
        let digest = thread.join().map_err(|_| PackError::Panicked)?;
        Ok((self.written, digest))
    }

    fn send_block(&mut self) -> Result<(), PackError> {
        self.control.check()?;
        let block = std::mem::replace(&mut self.block, BytesMut::with_capacity(BLOCK)).freeze();
        self.out.write_all(&block).map_err(PackError::output)?;
        self.written += block.len() as u64;
        let written = self.written;
        self.control.tell(|progress| progress.bytes_written = written);
        if let Some((blocks, _)) = &self.hashing {
            blocks
                .send(block)
                .map_err(|_| PackError::Output(io::Error::other("the hashing thread is gone")))?;
        }
        Ok(())
    }
}
