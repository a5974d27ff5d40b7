//! How a package is pressed: into what, in which portions, and how hard.

use std::ops::Range;

use crate::domain::{Archive, Compression, Format, Profile};

use super::codec::{deflate, zstd};
use super::index::Coding;
use super::manifest::Recipe;
use super::noise;
use super::secrets;

/// What makes packages.
const TOOL: &str = concat!("exportd ", env!("CARGO_PKG_VERSION"));

/// In which shape a package is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The archive.
    pub format: Archive,
    /// Time against size.
    pub profile: Profile,
}

impl From<Archive> for Shape {
    fn from(format: Archive) -> Self {
        Self { format, profile: Profile::default() }
    }
}

/// What pressing takes. The bytes of a package follow from it and its source.
#[derive(Debug, Clone, Copy)]
pub struct Press {
    /// The archive.
    pub format: Archive,
    profile: Profile,
    /// 1 to 9.
    pub level: u32,
}

/// A piece before it has its place in the package.
pub struct Pressed {
    /// Its bytes.
    pub data: Vec<u8>,
    /// Bytes unpacked.
    pub raw: u64,
    /// CRC-32 of those.
    pub crc: u32,
    /// How it was packed.
    pub coding: Coding,
}

impl Press {
    /// The press for `shape`, where the operator set `level` for what is balanced.
    pub fn new(shape: Shape, level: u32) -> Self {
        let level = match shape.profile {
            Profile::Fast => 1,
            Profile::Balanced => level,
            Profile::Small => 9,
        };
        Self { format: shape.format, profile: shape.profile, level }
    }

    /// Bytes of a large file that are pressed at once. Frames of Zstandard see nothing of those
    /// before them, so they are longer.
    pub fn chunk(&self) -> usize {
        match self.format {
            Archive::Zip | Archive::TarGz => 1 << 20,
            Archive::TarZst => 2 << 20,
        }
    }

    /// Whether chunks see the end of the one before.
    pub fn looks_back(&self) -> bool {
        self.format != Archive::TarZst
    }

    /// What packed bytes are in.
    pub fn coding(&self) -> Coding {
        match self.format {
            Archive::Zip | Archive::TarGz => Coding::Deflate,
            Archive::TarZst => Coding::Zstd,
        }
    }

    /// What stands for itself: the bytes of some entries with their heads, of which `noisy` are
    /// noise. Where archives have heads outside of all pieces, those are pressed elsewhere.
    pub fn press(&self, raw: &[u8], noisy: &[Range<usize>], room: &mut Vec<u8>) -> Pressed {
        match self.coding() {
            Coding::Zstd => zstd::frame(raw, noise::prevails(raw.len(), noisy), self.level, room),
            Coding::Plain | Coding::Deflate => {
                deflate::part(raw, 0, noisy, false, self.level, room);
            }
        }
        let (size, crc) = (raw.len() as u64, crc32fast::hash(raw));
        Pressed { data: room.as_slice().to_vec(), raw: size, crc, coding: self.coding() }
    }

    /// What the manifest tells of it.
    pub fn recipe(&self) -> Recipe {
        Recipe {
            tool: TOOL.to_owned(),
            format: self.format.to_string(),
            compression: Compression::None,
            codec: self.codec(),
            level: self.level,
            profile: self.profile,
            rules: secrets::VERSION,
        }
    }

    /// What the manifest tells of a document of `format` that `press` compressed, if anything did.
    pub fn recipe_of_document(press: Option<&Self>, format: Format) -> Recipe {
        let compression = match press.map(|press| press.format) {
            None => Compression::None,
            Some(Archive::TarZst) => Compression::Zstd,
            Some(Archive::TarGz | Archive::Zip) => Compression::Gzip,
        };
        Recipe {
            tool: TOOL.to_owned(),
            format: format.to_string(),
            compression,
            codec: press.map_or_else(|| "none".to_owned(), Self::codec),
            level: press.map_or(0, |press| press.level),
            profile: press.map_or_else(Profile::default, |press| press.profile),
            rules: secrets::VERSION,
        }
    }

    fn codec(&self) -> String {
        match self.format {
            Archive::Zip => "deflate (libdeflate 1.26; zlib-rs 0.6 for chunks)".to_owned(),
            Archive::TarGz => "deflate (zlib-rs 0.6)".to_owned(),
            Archive::TarZst => {
                format!("zstandard ({}, level {})", zstd::library(), zstd::level_of(self.level))
            }
        }
    }
}
