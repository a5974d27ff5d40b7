//! Zstandard (RFC 8878): frames that stand alone, each with its content size and its checksum.

use std::cell::RefCell;

use zstd::bulk::Compressor;
use zstd::zstd_safe::{CParameter, compress_bound, version_string};

/// What each of our levels, 1 to 9, is to zstd.
const LEVELS: [i32; 9] = [1, 1, 2, 3, 3, 3, 5, 7, 9];
/// For what is noise: the bytes are copied at the speed of memory, and what stands between the
/// noise, such as heads and padding, is still found.
const NOISE: i32 = -7;
/// From this level on zstd finds matches by a hash with a salt that depends on what the same
/// context has compressed before, and with it the bytes it makes: there a context serves once.
const SALTED: i32 = 5;

thread_local! {
    /// A thread's compressor and its level: building one costs page faults.
    static KEPT: RefCell<Option<(i32, Compressor<'static>)>> = const { RefCell::new(None) };
}

/// The library and its version.
pub fn library() -> String {
    format!("zstd {}", version_string())
}

/// zstd's own level for ours.
pub fn level_of(level: u32) -> i32 {
    LEVELS[usize::try_from(level.clamp(1, 9) - 1).unwrap_or(0)]
}

/// `bytes` as one frame, in `room`. What is noise is not searched for anything.
pub fn frame(bytes: &[u8], is_noise: bool, level: u32, room: &mut Vec<u8>) {
    room.clear();
    room.reserve(compress_bound(bytes.len()));
    let level = if is_noise { NOISE } else { level_of(level) };
    let made = KEPT.with_borrow_mut(|kept| {
        let mut compressor = match kept.take() {
            Some((of, compressor)) if of == level => compressor,
            _ => compressor(level),
        };
        let made = compressor.compress_to_buffer(bytes, room);
        if level < SALTED {
            *kept = Some((level, compressor));
        }
        made
    });
    made.expect("there is room for what can come out at most");
}

fn compressor(level: i32) -> Compressor<'static> {
    let mut compressor = Compressor::new(level).expect("the level is one of zstd's");
    for flag in [CParameter::ChecksumFlag(true), CParameter::ContentSizeFlag(true)] {
        compressor.set_parameter(flag).expect("every frame may carry it");
    }
    compressor
}

#[cfg(test)]
mod tests {
    use super::super::samples::{noise, text};
    use super::*;

    fn framed(bytes: &[u8], is_noise: bool, level: u32) -> Vec<u8> {
        let mut room = Vec::new();
        frame(bytes, is_noise, level, &mut room);
        room
    }

    #[test]
    fn a_frame_tells_its_size_and_gives_its_bytes_back() {
        for bytes in [text(700_000), noise(300_000), Vec::new(), vec![0; 1 << 20]] {
            for level in 1..=9 {
                for is_noise in [false, true] {
                    let packed = framed(&bytes, is_noise, level);
                    assert!(packed.len() <= bytes.len() + bytes.len() / 10_000 + 24, "level {level}");
                    let size = zstd::zstd_safe::get_frame_content_size(&packed).expect("a frame");
                    assert_eq!(size, Some(bytes.len() as u64));
                    let unpacked = zstd::bulk::decompress(&packed, bytes.len()).expect("a frame");
                    assert!(unpacked == bytes, "level {level}");
                }
            }
        }
    }

    #[test]
    fn a_flipped_bit_is_found_by_the_frame_itself() {
        let mut packed = framed(&noise(10_000), false, 6);
        packed[5_000] ^= 1;
        assert!(zstd::bulk::decompress(&packed, 10_000).is_err());
    }

    #[test]
    fn a_frame_is_the_same_whatever_came_before_on_its_thread() {
        let bytes = [text(1_000_000), noise(100_000), text(500_000)].concat();
        for level in 1..=9 {
            let first = framed(&bytes, false, level);
            for other in [text(3 << 20), noise(1 << 20), text(100), vec![7; 2 << 20]] {
                for _ in 0..3 {
                    framed(&other, false, level);
                }
                assert!(framed(&bytes, false, level) == first, "level {level}");
            }
        }
    }
}
