//! Packages that are one document: written from front to back by whoever has the data, compressed
//! on the way if that is wanted, and sealed as every package is.

use std::collections::VecDeque;
use std::io::{self, Write};

use crossbeam_channel::Receiver;
use sha2::{Digest, Sha256 as Hasher};

use crate::domain::{Archive, Compression, Format, Phase, Profile, Sha256, Warning};
use crate::storage::Output;

use super::archive::{FILE_MODE, gzip, seekable};
use super::chunk::Chunk;
use super::index::{Coding, Index, Piece, Place, Unit};
use super::manifest::{Manifest, ManifestEntry, PackageDigest, Provenance, Totals};
use super::packer::{Packer, Sealed, bounded};
use super::press::{Press, Shape};
use super::seal::Seal;
use super::{Control, PackError};

/// Bytes that are looked up at once in what is not compressed: a reader of some of them has these
/// checked.
const PLAIN: usize = 1 << 20;
/// Chunks under way for each packing thread.
const DEPTH: usize = 2;

/// What becomes a package by itself, without an archive around it.
pub trait Document: Send {
    /// What its file is called, without what compression adds: it is the one entry of its package.
    fn name(&self) -> String;

    /// Writes all of it to `out`, from front to back. Waits for where its data come from.
    ///
    /// # Errors
    /// [`PackError`]; what was written by then is worthless.
    fn write(&mut self, out: &mut (dyn Write + Send), control: &Control) -> Result<Written, PackError>;
}

/// What is to be said of a document that was written.
#[derive(Debug, Default)]
pub struct Written {
    /// What it had to leave out or change.
    pub warnings: Vec<Warning>,
    /// Which edition of its data it is, where there are editions.
    pub provenance: Option<Provenance>,
    /// How many rows are in it, if it holds data.
    pub rows: Option<u64>,
}

/// In which shape a document is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentShape {
    /// What it is.
    pub format: Format,
    /// What it is compressed with.
    pub compression: Compression,
    /// Time against size.
    pub profile: Profile,
}

impl Packer {
    /// Writes `document`, which is of `shape`, into `out`. Waits for threads, disks and data: call
    /// it where waiting hurts nobody.
    ///
    /// # Errors
    /// [`PackError`]; what `out` has by then is worthless.
    pub fn write(
        &self,
        document: &mut dyn Document,
        shape: DocumentShape,
        out: &mut dyn Output,
        control: &Control,
    ) -> Result<Sealed, PackError> {
        control.tell(|progress| {
            progress.phase = Phase::Formatting;
            progress.files_total = Some(1);
        });
        let seal = Seal::new(out, self.limits().max_package, control);
        let mut page = Page::new(self, shape, seal)?;
        let written = document.write(&mut page, control);
        // What a formatter says of an output that failed is less than the output itself does.
        let failed = page.failed.take();
        let written = failed.map_or(written, Err)?;
        let name = document.name();
        let bound = page.finish()?;
        control.tell(|progress| progress.files_done = 1);
        Ok(bound.sealed(name, shape, self.press_of(shape).as_ref(), written))
    }

    /// What compresses a document of `shape`, if anything does.
    fn press_of(&self, shape: DocumentShape) -> Option<Press> {
        let format = match shape.compression {
            Compression::None => return None,
            Compression::Gzip => Archive::TarGz,
            Compression::Zstd => Archive::TarZst,
        };
        Some(self.press(Shape { format, profile: shape.profile }))
    }
}

/// A document as it grows.
struct Page<'a> {
    packer: &'a Packer,
    seal: Seal<'a>,
    press: Option<Press>,
    /// What is not yet a piece.
    block: Vec<u8>,
    under_way: VecDeque<Receiver<Chunk>>,
    pieces: Vec<Piece>,
    crc: crc32fast::Hasher,
    /// Of the document's own bytes; its package has others, if it is compressed.
    hasher: Hasher,
    size: u64,
    failed: Option<PackError>,
}

/// A document that is whole.
struct Bound {
    size: u64,
    sha256: Sha256,
    crc: u32,
    package: (u64, Sha256, u32),
    pieces: Vec<Piece>,
}

impl<'a> Page<'a> {
    fn new(packer: &'a Packer, shape: DocumentShape, mut seal: Seal<'a>) -> Result<Self, PackError> {
        let press = packer.press_of(shape);
        if shape.compression == Compression::Gzip {
            seal.write(&gzip::HEAD)?;
        }
        let (under_way, pieces) = (VecDeque::new(), Vec::new());
        let (crc, hasher) = (crc32fast::Hasher::new(), Hasher::new());
        let block = Vec::new();
        Ok(Self { packer, seal, press, block, under_way, pieces, crc, hasher, size: 0, failed: None })
    }

    /// Bytes that become one piece.
    fn chunk(&self) -> usize {
        self.press.as_ref().map_or(PLAIN, Press::chunk)
    }

    /// Makes a piece of what there is.
    fn cut(&mut self) -> Result<(), PackError> {
        let block = std::mem::take(&mut self.block);
        self.size += block.len() as u64;
        let Some(press) = self.press else { return self.add_plain(&block) };
        self.hasher.update(&block);
        let chunk = Chunk::alone(block);
        self.under_way.push_back(self.packer.pool().submit(move || chunk.pack(press)));
        while self.under_way.len() > DEPTH * self.packer.pool().threads() {
            self.add_next(press)?;
        }
        Ok(())
    }

    fn add_plain(&mut self, block: &[u8]) -> Result<(), PackError> {
        let (at, packed) = (self.seal.position(), block.len() as u64);
        self.seal.cut();
        self.seal.write(block)?;
        let crc = self.seal.cut();
        let (coding, sum) = (Coding::Plain, Some(crc));
        self.pieces.push(Piece { at, packed, raw: packed, crc, sum, coding, is_fresh: true });
        Ok(())
    }

    /// Takes the first chunk that is under way, as soon as it is compressed.
    fn add_next(&mut self, press: Press) -> Result<(), PackError> {
        let Some(line) = self.under_way.pop_front() else { return Ok(()) };
        let chunk = line.recv().map_err(|_| PackError::Panicked)?;
        let at = self.seal.position();
        self.seal.cut();
        self.seal.write(chunk.packed().unwrap_or_else(|| chunk.raw()))?;
        let (packed, sum) = (self.seal.position() - at, Some(self.seal.cut()));
        let (raw, crc) = (chunk.raw().len() as u64, chunk.crc().clone().finalize());
        self.crc.combine(chunk.crc());
        self.pieces.push(Piece { at, packed, raw, crc, sum, coding: press.coding(), is_fresh: true });
        Ok(())
    }

    fn finish(mut self) -> Result<Bound, PackError> {
        if !self.block.is_empty() || self.pieces.is_empty() && self.under_way.is_empty() {
            self.cut()?;
        }
        if let Some(press) = self.press {
            while !self.under_way.is_empty() {
                self.add_next(press)?;
            }
        }
        let crc = match self.press.map(|press| press.format) {
            // Of what is not compressed, the seal has made it already.
            None => 0,
            Some(Archive::TarGz) => {
                let crc = self.crc.finalize();
                self.seal.write(&gzip::tail(crc, self.size))?;
                crc
            }
            Some(_) => {
                self.seal.write(&seekable::table(&self.pieces))?;
                self.crc.finalize()
            }
        };
        let (is_plain, own) = (self.press.is_none(), Sha256(self.hasher.finalize().into()));
        let package = self.seal.finish()?;
        let (sha256, crc) = if is_plain { (package.1, package.2) } else { (own, crc) };
        Ok(Bound { size: self.size, sha256, crc, package, pieces: self.pieces })
    }
}

impl Write for Page<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let chunk = self.chunk();
        let room = chunk - self.block.len();
        if self.block.capacity() == 0 {
            self.block.reserve_exact(chunk);
        }
        let taken = bytes.len().min(room);
        self.block.extend_from_slice(&bytes[..taken]);
        if self.block.len() == chunk
            && let Err(error) = self.cut()
        {
            self.failed = Some(error);
            return Err(io::Error::other("the package cannot be written"));
        }
        Ok(taken)
    }

    /// What was written is safe only when the package is sealed: there is nothing to hurry.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Bound {
    fn sealed(self, name: String, shape: DocumentShape, press: Option<&Press>, written: Written) -> Sealed {
        let (size, checksum, crc) = self.package;
        let entry = ManifestEntry {
            path: name,
            size: self.size,
            compressed_size: size,
            sha256: self.sha256,
            mode: format!("{FILE_MODE:04o}"),
        };
        let totals = Totals { files: 1, bytes: self.size, compressed_bytes: size, excluded: 0 };
        let warnings = bounded(written.warnings);
        let manifest = Manifest {
            package: PackageDigest { size, sha256: checksum },
            recipe: Press::recipe_of_document(press, shape.format),
            source: written.provenance,
            entries: vec![entry],
            deleted: Vec::new(),
            excluded: Vec::new(),
            secrets: Vec::new(),
            warnings: warnings.clone(),
            totals,
            signature: None,
        };
        let units = vec![Unit { entries: 1, pieces: u32::try_from(self.pieces.len()).unwrap_or(u32::MAX) }];
        let places = vec![Place { piece: 0, skip: 0, crc: self.crc, identity: None }];
        let index = Index { package: checksum, crc, pieces: self.pieces, places, units };
        let (file_count, source_bytes, rows) = (1, self.size, written.rows);
        Sealed { size, file_count, checksum, source_bytes, rows, warnings, manifest, index }
    }
}

#[cfg(test)]
mod tests;
