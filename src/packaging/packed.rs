//! What becomes of entries: bytes, and what is to be said of them.

use crate::domain::Sha256;

use super::index::Coding;
use super::press::Pressed;

/// Entries that became one piece.
pub struct Packed {
    /// They, in order.
    pub entries: Vec<Done>,
    /// It.
    pub piece: Pressed,
}

/// What became of one entry.
pub struct Done {
    /// Its place among the entries.
    pub index: usize,
    /// What is to be said of it.
    pub facts: Facts,
    /// Bytes of the piece, unpacked, that come before its own.
    pub skip: u64,
    /// Whether it changed while it was read.
    pub has_changed: bool,
}

/// What an archive says of an entry beside its name.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// How its bytes are stored.
    pub coding: Coding,
    /// CRC-32 of its bytes.
    pub crc: u32,
    /// How many bytes.
    pub size: u64,
    /// How many as packed; its share, where it is packed together with others.
    pub packed_size: u64,
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
}
