//! Raw DEFLATE (RFC 1951), deterministic, by two libraries.
//!
//! What fits into memory goes through libdeflate, the fastest at equal size. Larger files go
//! through zlib-rs in chunks: each is primed with the 32 KiB before it and ended by a sync flush,
//! so that the chunks, compressed on any number of threads, make one ordinary stream. Every chunk
//! gets a fresh state: a reset one was seen to give other bytes from run to run.

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress};
use libdeflater::{CompressionLvl, Compressor};

/// How far back DEFLATE looks.
pub const LOOK_BACK: usize = 32 * 1024;
/// Above so many bits a byte, compressing gains too little to be worth its time.
const NOISE: f64 = 7.87;
/// The sample that is looked at: so many slices of so many bytes, spread over all.
const SLICES: usize = 16;
const SLICE: usize = 4096;
/// Less than this is always tried: the sample would say little.
const TOO_SHORT_TO_TELL: usize = 2048;

thread_local! {
    /// The compressor of this packing thread, with its level; building one costs more than
    /// compressing a small file.
    static COMPRESSOR: RefCell<Option<(u32, Compressor)>> = const { RefCell::new(None) };
}

/// `bytes` compressed, or `None` when that would not be smaller.
pub fn deflate(bytes: &[u8], level: u32) -> Option<Vec<u8>> {
    if bytes.is_empty() || is_noise(bytes) {
        return None;
    }
    COMPRESSOR.with_borrow_mut(|kept| {
        if kept.as_ref().is_none_or(|(of, _)| *of != level) {
            let of = i32::try_from(level)
                .ok()
                .and_then(|level| CompressionLvl::new(level).ok())
                .unwrap_or_default();
            *kept = Some((level, Compressor::new(of)));
        }
        let (_, compressor) = kept.as_mut()?;
        let mut packed = vec![0; compressor.deflate_compress_bound(bytes.len())];
        let length = compressor.deflate_compress(bytes, &mut packed).ok()?;
        packed.truncate(length);
        (length < bytes.len()).then_some(packed)
    })
}

/// One chunk of a longer stream, compressed as if all before it had just been. `before` are the
/// bytes before it, at most [`LOOK_BACK`] of them; the last chunk ends the stream.
pub fn deflate_chunk(before: &[u8], chunk: &[u8], is_last: bool, level: u32) -> Vec<u8> {
    // Noise is stored, in a stream that stays one. Level 1 of zlib-rs 0.6.8 can panic.
    let level = if is_noise(chunk) { 0 } else { level.clamp(2, 9) };
    let mut state = Compress::new(Compression::new(level), false);
    if !before.is_empty() {
        state.set_dictionary(before).expect("a raw stream takes a dictionary at its beginning");
    }
    let flush = if is_last { FlushCompress::Finish } else { FlushCompress::Sync };
    let mut packed = Vec::with_capacity(chunk.len() / 2 + 1024);
    loop {
        let taken = usize::try_from(state.total_in()).unwrap_or(chunk.len());
        let room = packed.capacity() - packed.len();
        state.compress_vec(&chunk[taken..], &mut packed, flush).expect("a fresh stream has no broken state");
        // Room that is left over means the flush is complete.
        let left = packed.capacity() - packed.len();
        if room > 0 && left > 0 && state.total_in() == chunk.len() as u64 {
            return packed;
        }
        packed.reserve(chunk.len() / 4 + 1024);
    }
}

/// Whether compressing `bytes` would gain next to nothing, by the entropy of a sample.
pub fn is_noise(bytes: &[u8]) -> bool {
    if bytes.len() < TOO_SHORT_TO_TELL {
        return false;
    }
    let mut counts = [0u32; 256];
    let mut total = 0u32;
    let step = (bytes.len() / SLICES).max(SLICE);
    for slice in bytes.chunks(step).map(|part| &part[..part.len().min(SLICE)]) {
        for byte in slice {
            counts[usize::from(*byte)] += 1;
        }
        total += u32::try_from(slice.len()).unwrap_or(0);
    }
    let entropy: f64 = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / f64::from(total);
            -share * share.log2()
        })
        .sum();
    entropy > NOISE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(length: usize) -> Vec<u8> {
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

    fn noise(length: usize) -> Vec<u8> {
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

    #[test]
    fn chunks_make_one_stream_whatever_they_hold() {
        let bytes = [text(900_000), noise(300_000), text(50_001), vec![0; 200_000]].concat();
        for size in [65_536, 300_000, bytes.len()] {
            let mut packed = Vec::new();
            let mut at = 0;
            for chunk in bytes.chunks(size) {
                let before = &bytes[at.max(LOOK_BACK) - LOOK_BACK..at];
                at += chunk.len();
                packed.extend(deflate_chunk(before, chunk, at == bytes.len(), 6));
            }
            assert!(inflated(&packed) == bytes, "chunks of {size}");
            assert!(packed.len() < bytes.len());
        }
    }

    #[test]
    fn an_empty_last_chunk_ends_a_stream() {
        assert_eq!(inflated(&deflate_chunk(b"", b"", true, 6)), b"");
    }

    #[test]
    fn what_gets_no_smaller_is_left_as_it_is() {
        assert_eq!(deflate(&noise(100_000), 6), None);
        assert_eq!(deflate(b"", 6), None);
        assert_eq!(deflate(b"ab", 6), None);
        let bytes = text(100_000);
        for level in 1..=9 {
            assert!(inflated(&deflate(&bytes, level).expect("smaller")) == bytes, "level {level}");
        }
    }
}
