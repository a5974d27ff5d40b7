//! Where in a package each entry's bytes lie: to read one without reading all, and to take
//! unchanged ones over into the next package.
//!
//! Kept beside the package, for this server only: it can be lost without harm. What reads an
//! entry through it checks the entry's SHA-256 against the manifest.

use serde::{Deserialize, Serialize};

use crate::domain::Sha256;

use super::source::Identity;

/// The index of one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// The package it belongs to.
    pub package: Sha256,
    /// CRC-32 of all its bytes: a quick look whether they are still those.
    pub crc: u32,
    /// All that was compressed by itself, in the order of the package.
    pub pieces: Vec<Piece>,
    /// Where each entry of the manifest begins, in its order.
    pub places: Vec<Place>,
    /// Which entries were packed together, and into how many pieces: all of both, in order, but
    /// for a last piece that belongs to the archive alone.
    pub units: Vec<Unit>,
}

/// Some entries and the pieces they became. These depend on nothing but these entries, so that
/// the same entries in a row, in another package of the same recipe, are the same pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// How many entries.
    pub entries: u32,
    /// How many pieces.
    pub pieces: u32,
}

/// A stretch of a package that was packed as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Where it begins in the package.
    pub at: u64,
    /// Bytes in the package.
    pub packed: u64,
    /// Bytes unpacked.
    pub raw: u64,
    /// CRC-32 of those.
    pub crc: u32,
    /// CRC-32 of its bytes in the package, where it is known: whoever reads them, or takes them
    /// over, looks whether they are still those.
    pub sum: Option<u32>,
    /// How it was packed.
    pub coding: Coding,
    /// Whether it can be unpacked without what comes before it.
    pub is_fresh: bool,
}

/// How a piece was packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Coding {
    /// As it is.
    Plain,
    /// Part of a raw DEFLATE stream (RFC 1951), from one byte to another.
    Deflate,
    /// One Zstandard frame (RFC 8878).
    Zstd,
}

/// Where an entry's bytes begin. They go on through the pieces after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The piece, by number.
    pub piece: u32,
    /// Bytes of that piece, unpacked, that come before.
    pub skip: u64,
    /// CRC-32 of the entry's bytes.
    pub crc: u32,
    /// By which the same bytes are known again.
    pub identity: Option<Identity>,
}

impl Index {
    /// As it is stored beside `manifest`: with a CRC-32 of that, and one of everything before.
    pub fn to_bytes(&self, manifest: &[u8]) -> Vec<u8> {
        let mut bytes = postcard::to_stdvec(self).expect("an index is made of numbers");
        bytes.extend_from_slice(&crc32fast::hash(manifest).to_le_bytes());
        let sum = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// As it was stored; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::split(bytes).map(|(index, _)| index)
    }

    /// The same, if it was stored beside `manifest`.
    pub fn beside(manifest: &[u8], bytes: &[u8]) -> Option<Self> {
        Self::split(bytes).filter(|(_, sum)| *sum == crc32fast::hash(manifest)).map(|(index, _)| index)
    }

    fn split(bytes: &[u8]) -> Option<(Self, u32)> {
        let (rest, sum) = bytes.split_last_chunk::<4>()?;
        if crc32fast::hash(rest) != u32::from_le_bytes(*sum) {
            return None;
        }
        let (index, manifest) = rest.split_last_chunk::<4>()?;
        Some((postcard::from_bytes(index).ok()?, u32::from_le_bytes(*manifest)))
    }
}
