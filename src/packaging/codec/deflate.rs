//! Raw DEFLATE (RFC 1951), deterministic, by two libraries.
//!
//! What fits into memory goes through libdeflate, the fastest at equal size. Larger files go
//! through zlib-rs in chunks: each is primed with the 32 KiB before it and ended by a sync flush,
//! so that the chunks, compressed on any number of threads, make one ordinary stream. Every chunk
//! gets a fresh state: a reset one was seen to give other bytes from run to run.

use std::cell::RefCell;
use std::ops::Range;

use flate2::{Compress, Compression, FlushCompress, Status};
use libdeflater::{CompressionLvl, Compressor};

use super::super::noise::{self, is_noise};

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

/// `bytes` compressed as a stream of its own, or `None` when that would not be smaller, or when
/// they are noise, which `is_hinted` makes likelier.
pub fn whole(bytes: &[u8], is_hinted: bool, level: u32) -> Option<Vec<u8>> {
    if bytes.len() < 2 || is_noise(bytes, is_hinted) {
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

/// Part of a longer stream, compressed into `room`: what follows the first `before` of `bytes`.
/// Those are seen, as if they had just been compressed, at most [`LOOK_BACK`] of them.
///
/// It ends on a whole byte, so that any other part may follow; `is_last` ends the stream. The
/// stretches of it that are `noisy` (by their places in the part) are stored, and so is what gains
/// less than a 64th. `false` when all of it was.
pub fn part(
    bytes: &[u8],
    before: usize,
    noisy: &[Range<usize>],
    is_last: bool,
    level: u32,
    room: &mut Vec<u8>,
) -> bool {
    room.clear();
    let length = bytes.len() - before;
    let (mut is_smaller, mut view) = (false, before.saturating_sub(LOOK_BACK));
    for (stretch, is_noise) in noise::stretches(length, noisy) {
        let (from, to) = (before + stretch.start, before + stretch.end);
        let ends = is_last && stretch.end == length;
        let seen = &bytes[view.max(from.saturating_sub(LOOK_BACK))..from];
        if !is_noise && squeeze(seen, &bytes[from..to], ends, level, room) {
            is_smaller = true;
        } else {
            store(&bytes[from..to], ends, room);
        }
        if is_noise && stretch.len() >= LOOK_BACK {
            // Noise is all there is to be seen from behind it.
            view = to;
        }
    }
    if is_last && length == 0 {
        store(&[], true, room);
    }
    is_smaller
}

/// Adds `bytes` compressed to `room`; `false` when that gains too little, and then adds nothing.
fn squeeze(seen: &[u8], bytes: &[u8], ends: bool, level: u32, room: &mut Vec<u8>) -> bool {
    if bytes.len() < 64 {
        return false;
    }
    let mut state = Compress::new(Compression::new(levels(level).1), false);
    if !seen.is_empty() {
        state.set_dictionary(seen).expect("a raw stream takes a dictionary at its beginning");
    }
    let (start, worth) = (room.len(), bytes.len() - bytes.len() / 64);
    room.reserve(worth);
    let flush = if ends { FlushCompress::Finish } else { FlushCompress::Sync };
    let status = state.compress_vec(bytes, room, flush).expect("a fresh stream has no broken state");
    let is_complete = match status {
        Status::StreamEnd => true,
        // A flush is complete when it left room over.
        Status::Ok | Status::BufError => !ends && state.total_in() == bytes.len() as u64,
    };
    let is_worth_it = is_complete && room.len() - start < worth;
    if !is_worth_it {
        room.truncate(start);
    }
    is_worth_it
}

/// Adds `bytes` to `room` as they are, within a stream.
fn store(mut bytes: &[u8], ends: bool, room: &mut Vec<u8>) {
    for (head, length) in stored(bytes.len(), ends) {
        let (now, later) = bytes.split_at(length);
        room.extend_from_slice(&head);
        room.extend_from_slice(now);
        bytes = later;
    }
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
mod tests {
    use super::super::samples::{noise, text};
    use super::*;

    fn inflated(packed: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(packed), &mut bytes)
            .expect("a stream");
        bytes
    }

    /// One stream of parts of `size`, as a large file becomes one.
    fn in_parts(bytes: &[u8], size: usize, level: u32) -> Vec<u8> {
        let (mut packed, mut room, mut at) = (Vec::new(), Vec::new(), 0);
        for chunk in bytes.chunks(size) {
            let from = at.max(LOOK_BACK) - LOOK_BACK;
            let mut noisy = Vec::new();
            noise::find(chunk, 0, false, &mut noisy);
            let end = at + chunk.len();
            part(&bytes[from..end], at - from, &noisy, end == bytes.len(), level, &mut room);
            packed.extend_from_slice(&room);
            at = end;
        }
        packed
    }

    #[test]
    fn parts_make_one_stream_whatever_they_hold() {
        let bytes = [text(900_000), noise(300_000), text(50_001), noise(10_000), vec![0; 200_000]].concat();
        for size in [65_536, 300_000, bytes.len()] {
            for level in 1..=9 {
                let packed = in_parts(&bytes, size, level);
                assert!(inflated(&packed) == bytes, "parts of {size} at level {level}");
                assert!(packed.len() < bytes.len());
            }
        }
    }

    #[test]
    fn noise_within_a_part_is_stored_and_the_rest_is_pressed() {
        let bytes = [text(200_000), noise(400_000), text(200_000)].concat();
        let (mut noisy, mut room) = (Vec::new(), Vec::new());
        noise::find(&bytes, 0, false, &mut noisy);
        assert!(part(&bytes, 0, &noisy, true, 6, &mut room));
        assert!(room.len() < 500_000, "{}", room.len());
        assert!(inflated(&room) == bytes);
    }

    #[test]
    fn a_part_gives_the_same_bytes_whatever_came_before_on_its_thread() {
        let bytes = text(400_000);
        let (mut first, mut room) = (Vec::new(), Vec::new());
        assert!(part(&bytes, LOOK_BACK, &[], false, 6, &mut first));
        for _ in 0..20 {
            part(&noise(50_000), 0, &[], true, 9, &mut room);
            assert!(part(&bytes, LOOK_BACK, &[], false, 6, &mut room));
            assert!(room == first);
        }
    }

    #[test]
    fn noise_of_any_length_grows_by_its_heads_at_most() {
        let mut room = Vec::new();
        for length in [0, 1, 63, 64, 2_047, 2_048, 65_535, 65_536, 65_537, 1 << 20] {
            let bytes = noise(length);
            for noisy in [&[][..], &[Range { start: 0, end: length }]] {
                assert!(!part(&bytes, 0, noisy, true, 6, &mut room));
                assert!(
                    room.len() <= length + 5 * length.div_ceil(65_535).max(1),
                    "{length}: {}",
                    room.len()
                );
                assert!(inflated(&room) == bytes);
            }
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
        assert_eq!(whole(&noise(100_000), false, 6), None);
        assert_eq!(whole(&noise(100), false, 6), None);
        assert_eq!(whole(b"", false, 6), None);
        assert_eq!(whole(b"ab", false, 6), None);
        let bytes = text(100_000);
        for level in 1..=9 {
            assert!(inflated(&whole(&bytes, false, level).expect("smaller")) == bytes, "level {level}");
        }
    }
}
