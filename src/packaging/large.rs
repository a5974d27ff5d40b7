//! Large entries: their chunks, put together again.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use sha2::{Digest, Sha256 as Hasher};

use crate::domain::Sha256;

use super::body::Body;
use super::chunk::Chunk;
use super::codec::deflate;
use super::index::Coding;
use super::packed::Facts;
use super::press::Press;
use super::seal::Seal;
use super::secrets::{Finding, SecretScan};
use super::{Control, PackError};

/// What is kept in memory of an entry before its head, which tells its packed size, can be
/// written. The rest goes to a scratch file.
const IN_MEMORY: usize = 8 << 20;

/// A large entry on its way: its packed bytes, and what is to be said of it.
///
/// Nothing of it is in the package before all of it was read: its head tells sizes that may not be
/// what the scan saw.
pub struct Large {
    /// Its place among the entries.
    pub index: usize,
    press: Press,
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
struct Stretch {
    /// Bytes kept: packed ones, or its own.
    kept: usize,
    is_packed: bool,
    raw: u64,
    crc: u32,
    is_last: bool,
    is_fresh: bool,
}

impl Stretch {
    /// What its framing adds in a stream of which it is part as it is.
    fn framing(&self) -> usize {
        if self.is_packed { 0 } else { 5 * deflate::stored(self.kept, self.is_last).count() }
    }
}

impl Large {
    /// The entry `index`, pressed by `press`.
    pub fn new(index: usize, press: Press) -> Self {
        Self {
            index,
            press,
            crc: crc32fast::Hasher::new(),
            sha256: Hasher::new(),
            secrets: SecretScan::default(),
            size: 0,
            stretches: Vec::new(),
            memory: Vec::new(),
            scratch: None,
        }
    }

    /// Adds the next chunk.
    ///
    /// # Errors
    /// [`PackError::Full`], [`PackError::Output`] when the scratch file cannot be written.
    pub fn add(&mut self, chunk: &Chunk, scratch: &dyn Fn() -> io::Result<File>) -> Result<(), PackError> {
        let (raw, kept) = (chunk.raw(), chunk.packed().unwrap_or(chunk.content()));
        self.crc.combine(chunk.crc());
        self.sha256.update(chunk.content());
        self.secrets.look(chunk.content());
        self.size += chunk.content().len() as u64;
        let mut crc = chunk.crc().clone();
        crc.update(&raw[chunk.content().len()..]);
        self.stretches.push(Stretch {
            kept: kept.len(),
            is_packed: chunk.packed().is_some(),
            raw: raw.len() as u64,
            crc: crc.finalize(),
            is_last: chunk.is_last,
            is_fresh: chunk.is_fresh(),
        });
        self.keep(kept, scratch).map_err(PackError::output)
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

    /// How its bytes are stored: if no chunk got smaller, it is its own bytes.
    fn coding(&self) -> Coding {
        if self.stretches.iter().any(|stretch| stretch.is_packed) {
            self.press.coding()
        } else {
            Coding::Plain
        }
    }

    /// What is to be said of it.
    pub fn facts(&self) -> Facts {
        let coding = self.coding();
        let framing = |stretch: &Stretch| if coding == Coding::Plain { 0 } else { stretch.framing() };
        let packed_size = self.stretches.iter().map(|stretch| (stretch.kept + framing(stretch)) as u64).sum();
        let crc = self.crc.clone().finalize();
        let sha256 = Sha256(self.sha256.clone().finalize().into());
        Facts { coding, crc, size: self.size, packed_size, sha256 }
    }

    /// Writes its pieces.
    ///
    /// # Errors
    /// As [`Seal::write`].
    pub fn write_to(mut self, body: &mut Body<'_>, control: &Control) -> Result<(), PackError> {
        let coding = self.coding();
        let mut kept = Kept { data: self.memory.as_slice().chain(rewound(self.scratch.take())?), control };
        let mut block = vec![0; 64 << 10];
        for stretch in &self.stretches {
            let is_fresh = stretch.is_fresh || !stretch.is_packed;
            body.piece((stretch.raw, stretch.crc, coding, is_fresh), |seal| {
                if stretch.is_packed || coding == Coding::Plain {
                    return kept.pass_on(stretch.kept, &mut block, seal);
                }
                for (head, length) in deflate::stored(stretch.kept, stretch.is_last) {
                    seal.write(&head)?;
                    kept.pass_on(length, &mut block, seal)?;
                }
                Ok(())
            })?;
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
