//! The seek table of Zstandard's seekable format (zstd, `contrib/seekable_format`, version 0.1.0):
//! a frame that decoders skip, with the sizes of all others, so that any can be found.

use super::super::index::Piece;

const SKIPPABLE: u32 = 0x184d_2a5e;
const SEEKABLE: u32 = 0x8f92_eab1;

/// The table for `frames`. They carry checksums of their own; the table repeats none.
pub fn table(frames: &[Piece]) -> Vec<u8> {
    let low = |size: u64| u32::try_from(size).expect("a frame holds some megabytes");
    let mut table = Vec::with_capacity(17 + 8 * frames.len());
    table.extend_from_slice(&SKIPPABLE.to_le_bytes());
    table.extend_from_slice(&low(frames.len() as u64 * 8 + 9).to_le_bytes());
    for frame in frames {
        table.extend_from_slice(&low(frame.packed).to_le_bytes());
        table.extend_from_slice(&low(frame.raw).to_le_bytes());
    }
    table.extend_from_slice(&low(frames.len() as u64).to_le_bytes());
    table.push(0);
    table.extend_from_slice(&SEEKABLE.to_le_bytes());
    table
}
