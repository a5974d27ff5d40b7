//! Gzip (RFC 1952): one member, so that whoever reads only the first reads everything.

/// What a member begins with: DEFLATE, no name, no time, no system.
pub const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// An empty last block, by fixed codes: what was packed in parts never ends by itself.
const LAST: [u8; 2] = [3, 0];

/// Bytes of the CRC and the size that a member ends with.
pub const SUMS: u64 = 8;

/// What a member of `size` bytes ends with.
pub fn tail(crc: u32, size: u64) -> [u8; 10] {
    let mut tail = [0; 10];
    tail[..2].copy_from_slice(&LAST);
    tail[2..6].copy_from_slice(&crc.to_le_bytes());
    // The size is told modulo 2^32.
    tail[6..].copy_from_slice(&size.to_le_bytes()[..4]);
    tail
}
