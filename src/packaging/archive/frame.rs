//! One package's framing, whichever its format.

use crate::domain::Archive;

use super::super::PackError;
use super::super::index::Piece;
use super::super::packed::Facts;
use super::super::seal::Seal;
use super::super::source::{Entry, EntryKind};
use super::zip::ZipDirectory;
use super::{gzip, seekable, tar};

/// What is to stand before an entry's own pieces.
pub enum Head {
    /// Nothing any more: it is written, outside of all pieces.
    Written,
    /// These bytes, which are packed as the entry's are.
    Packed(Vec<u8>),
}

/// The framing of one package as it grows.
pub enum Frame {
    /// Heads between the pieces and a directory behind them all.
    Zip(ZipDirectory),
    /// One gzip member; the CRC of all that is in it, so far.
    TarGz(crc32fast::Hasher),
    /// Zstandard frames.
    TarZst,
}

impl Frame {
    /// Begins a package.
    ///
    /// # Errors
    /// As [`Seal::write`].
    pub fn begin(format: Archive, seal: &mut Seal<'_>) -> Result<Self, PackError> {
        Ok(match format {
            Archive::Zip => Self::Zip(ZipDirectory::default()),
            Archive::TarGz => {
                seal.write(&gzip::HEAD)?;
                Self::TarGz(crc32fast::Hasher::new())
            }
            Archive::TarZst => Self::TarZst,
        })
    }

    /// The head of an entry that has pieces for itself alone.
    ///
    /// # Errors
    /// As [`Seal::write`].
    pub fn head(&mut self, seal: &mut Seal<'_>, entry: &Entry, facts: &Facts) -> Result<Head, PackError> {
        match self {
            Self::Zip(directory) => {
                directory.begin(seal, &entry.path, entry.kind, facts)?;
                Ok(Head::Written)
            }
            Self::TarGz(_) | Self::TarZst => {
                let mut raw = Vec::new();
                tar::head(&mut raw, &entry.path, EntryKind::File, facts.size);
                Ok(Head::Packed(raw))
            }
        }
    }

    /// Takes note of a piece that was written.
    pub fn note(&mut self, piece: &Piece) {
        if let Self::TarGz(crc) = self {
            crc.combine(&crc32fast::Hasher::new_with_initial_len(piece.crc, piece.raw));
        }
    }

    /// Bytes after the last entry that are packed as the entries are.
    pub fn last_piece(&self) -> &'static [u8] {
        match self {
            Self::Zip(_) => &[],
            Self::TarGz(_) | Self::TarZst => &tar::END,
        }
    }

    /// Ends a package of these pieces.
    ///
    /// # Errors
    /// As [`Seal::write`].
    pub fn finish(self, seal: &mut Seal<'_>, pieces: &[Piece]) -> Result<(), PackError> {
        match self {
            Self::Zip(directory) => directory.finish(seal),
            Self::TarGz(crc) => {
                let size = pieces.iter().map(|piece| piece.raw).sum();
                seal.write(&gzip::tail(crc.finalize(), size))
            }
            Self::TarZst => seal.write(&seekable::table(pieces)),
        }
    }
}
