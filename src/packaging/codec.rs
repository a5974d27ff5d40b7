//! Raw DEFLATE (RFC 1951), deterministic, by two libraries.
//!
//! What fits into memory goes through libdeflate, the fastest at equal size. Larger files go
//! through zlib-rs in chunks: each is primed with the 32 KiB before it and ended by a sync flush,
//! so that the chunks, compressed on any number of threads, make one ordinary stream. Every chunk
//! gets a fresh state: a reset one was seen to give other bytes from run to run.

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress, Status};
use libdeflater::{CompressionLvl, Compressor};

use super::noise::is_noise;

/// How far back DEFLATE looks.
pub const LOOK_BACK: usize = 32 * 1024;

/// What each of our levels, 1 to 9, is to libdeflate and to zlib-rs: what comes out at least as
/// small as with zip at that level (within 1 %), and soonest. Level 1 of zlib-rs 0.6.8 can panic.
const LEVELS: [(i32, u32); 9] = [(1, 2), (2, 2), (2, 3), (3, 3), (3, 4), (4, 5), (6, 6), (8, 7), (9, 9)];

/// What a packing thread keeps from one file to the next: building a compressor costs more than
/// compressing a small file, and fresh memory costs page faults.
struct Deflater {
    level: u32,
    compressor: Compressor,
    room: Vec<u8>,
}

thread_local! {
    static DEFLATER: RefCell<Option<Deflater>> = const { RefCell::new(None) };
}

/// `bytes` compressed, or `None` when that would not be smaller.
pub fn deflate(bytes: &[u8], level: u32) -> Option<Vec<u8>> {
    if bytes.len() < 2 || is_noise(bytes) {
        return None;
    }
    DEFLATER.with_borrow_mut(|kept| {
        if kept.as_ref().is_none_or(|kept| kept.level != level) {
            let fitting = CompressionLvl::new(levels(level).0).unwrap_or_default();
            *kept = Some(Deflater { level, compressor: Compressor::new(fitting), room: Vec::new() });
        }
        let Deflater { compressor, room, .. } = kept.as_mut()?;
        if room.len() < bytes.len() {
            room.resize(bytes.len(), 0);
        }
        // With less room than the bytes themselves take, there is one error: it is not smaller.
        let length = compressor.deflate_compress(bytes, &mut room[..bytes.len() - 1]).ok()?;
        Some(room[..length].to_vec())
    })
}

/// One chunk of a longer stream, compressed into `room` as if all before it had just been.
/// `before` are the bytes before it, at most [`LOOK_BACK`] of them; the last chunk ends the
/// stream. `false` when that gains less than a 64th: then the chunk is better [`stored`].
pub fn deflate_chunk(before: &[u8], chunk: &[u8], is_last: bool, level: u32, room: &mut Vec<u8>) -> bool {
    room.clear();
    if chunk.len() < 64 || is_noise(chunk) {
        return false;
    }
    let mut state = Compress::new(Compression::new(levels(level).1), false);
    if !before.is_empty() {
        state.set_dictionary(before).expect("a raw stream takes a dictionary at its beginning");
    }
    let worth = chunk.len() - chunk.len() / 64;
    room.reserve(worth);
    let flush = if is_last { FlushCompress::Finish } else { FlushCompress::Sync };
    let status = state.compress_vec(chunk, room, flush).expect("a fresh stream has no broken state");
    let is_complete = match status {
        Status::StreamEnd => true,
        // A flush is complete when it left room over.
        Status::Ok | Status::BufError => !is_last && state.total_in() == chunk.len() as u64,
    };
    is_complete && room.len() < worth
}

/// `length` bytes as they are within a DEFLATE stream: what stands before each stretch of them,
/// and how long that is (RFC 1951 §3.2.4).
pub fn stored(length: usize, is_last: bool) -> impl Iterator<Item = ([u8; 5], usize)> {
    const MOST: usize = u16::MAX as usize;
    let blocks = length.div_ceil(MOST).max(usize::from(is_last));
    (0..blocks).map(move |block| {
        let size = (length - block * MOST).min(MOST);
        let [low, high] = u16::try_from(size).unwrap_or(u16::MAX).to_le_bytes();
        let ends = u8::from(is_last && block + 1 == blocks);
        ([ends, low, high, !low, !high], size)
    })
}

fn levels(level: u32) -> (i32, u32) {
    let step = usize::try_from(level.clamp(1, 9) - 1).unwrap_or(0);
    LEVELS[step]
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Words in no order: compresses, but not to nothing.
    pub fn text(length: usize) -> Vec<u8> {
        let mut state = 7u32;
        let words = ["let ", "match ", "self.", "entry", "(", ");\n", "    ", "Result<", "0x", "// why "];
        let mut text = Vec::new();
        while text.len() < length {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.extend_from_slice(words[(state >> 16) as usize % words.len()].as_bytes());
        }
        text.truncate(length);
        text
    }

    /// Bytes in no order at all.
    pub fn noise(length: usize) -> Vec<u8> {
        let mut state = 1u64;
        std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
        .take(length)
        .collect()
    }

    fn inflated(packed: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(packed), &mut bytes)
            .expect("a stream");
        bytes
    }

    /// One stream of chunks of `size`, as a large file becomes one.
    fn in_chunks(bytes: &[u8], size: usize, level: u32) -> Vec<u8> {
        let (mut packed, mut room, mut at) = (Vec::new(), Vec::new(), 0);
        for chunk in bytes.chunks(size) {
            let before = &bytes[at.max(LOOK_BACK) - LOOK_BACK..at];
            at += chunk.len();
            let is_last = at == bytes.len();
            if deflate_chunk(before, chunk, is_last, level, &mut room) {
                packed.extend_from_slice(&room);
                continue;
            }
            let mut rest = chunk;
            for (head, length) in stored(chunk.len(), is_last) {
                packed.extend_from_slice(&head);
                packed.extend_from_slice(&rest[..length]);
                rest = &rest[length..];
            }
        }
        packed
    }

    #[test]
    fn chunks_make_one_stream_whatever_they_hold() {
        let bytes = [text(900_000), noise(300_000), text(50_001), vec![0; 200_000]].concat();
        for size in [65_536, 300_000, bytes.len()] {
            for level in 1..=9 {
                let packed = in_chunks(&bytes, size, level);
                assert!(inflated(&packed) == bytes, "chunks of {size} at level {level}");
                assert!(packed.len() < bytes.len());
            }
        }
    }

    #[test]
    fn a_chunk_gives_the_same_bytes_whatever_came_before_on_its_thread() {
        let bytes = text(400_000);
        let (mut first, mut room) = (Vec::new(), Vec::new());
        assert!(deflate_chunk(&bytes[..LOOK_BACK], &bytes[LOOK_BACK..], false, 6, &mut first));
        for _ in 0..20 {
            deflate_chunk(&[], &noise(50_000), true, 9, &mut room);
            assert!(deflate_chunk(&bytes[..LOOK_BACK], &bytes[LOOK_BACK..], false, 6, &mut room));
            assert!(room == first);
        }
    }

    #[test]
    fn what_is_stored_still_ends_its_stream() {
        let ends: Vec<_> = stored(0, true).collect();
        assert_eq!(ends, [([1, 0, 0, 0xff, 0xff], 0)]);
        assert_eq!(stored(0, false).count(), 0);
        assert_eq!(stored(65_536, true).map(|(_, length)| length).collect::<Vec<_>>(), [65_535, 1]);
    }

    #[test]
    fn what_gets_no_smaller_is_left_as_it_is() {
        assert_eq!(deflate(&noise(100_000), 6), None);
        assert_eq!(deflate(&noise(100), 6), None);
        assert_eq!(deflate(b"", 6), None);
        assert_eq!(deflate(b"ab", 6), None);
        let bytes = text(100_000);
        for level in 1..=9 {
            assert!(inflated(&deflate(&bytes, level).expect("smaller")) == bytes, "level {level}");
        }
    }
}
