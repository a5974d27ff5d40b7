//! Telling noise, which compressed and encrypted files are, from what is worth compressing.

use std::ops::Range;

/// What is judged by itself of a longer file.
const SEGMENT: usize = 64 << 10;
/// Less noise than this is not worth interrupting a compressor for.
const WORTH_A_CUT: usize = 8 << 10;
/// The sample that is looked at: so many slices of so many bytes, spread over all.
const SLICES: usize = 16;
const SLICE: usize = 4096;
/// Less than this is always tried: the sample would say little.
const TOO_SHORT_TO_TELL: usize = 2048;
/// The same where the name says already what the bytes have only to confirm.
const TOO_SHORT_TO_CONFIRM: usize = 512;

/// Ends of names that files have whose bytes are pressed already. A hint, no more: the bytes
/// decide, and these only make less evidence enough.
const PRESSED: &[&str] = &[
    "7z", "aac", "apk", "avif", "br", "bz2", "cab", "crx", "deb", "dmg", "docx", "epub", "flac", "gif", "gz",
    "heic", "ico", "jar", "jpeg", "jpg", "jxl", "lz4", "m4a", "m4v", "mkv", "mov", "mp3", "mp4", "odt",
    "ogg", "opus", "parquet", "png", "pptx", "rar", "rpm", "tgz", "vsix", "war", "webm", "webp", "whl",
    "woff", "woff2", "xlsx", "xz", "zip", "zst",
];

/// Whether the name of a file says that compressing it would gain little.
pub fn is_hinted(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').is_some_and(|(_, end)| PRESSED.iter().any(|known| known.eq_ignore_ascii_case(end)))
}

/// Whether compressing `bytes` would gain next to nothing, by a sample: its 256 kinds of bytes
/// are about equally frequent.
///
/// The measure is the sum of the squares of their counts, n²/256 when all are alike; up to 15 %
/// more is noise, which is about 7.9 bits in every byte, or up to 50 % more where the name hints
/// at it. In whole numbers, because a logarithm may differ from one system to the next, and with
/// it the bytes of a package.
pub fn is_noise(bytes: &[u8], is_hinted: bool) -> bool {
    if bytes.len() < if is_hinted { TOO_SHORT_TO_CONFIRM } else { TOO_SHORT_TO_TELL } {
        return false;
    }
    let most = if is_hinted { 150 } else { 115 };
    let step = (bytes.len() / SLICES).max(SLICE);
    let slices = || bytes.chunks(step).map(|part| &part[..part.len().min(SLICE)]);
    // Nearly everything shows by its first slice that it is none.
    is_even(slices().take(1), most) && is_even(slices(), most)
}

fn is_even<'a>(slices: impl Iterator<Item = &'a [u8]>, most: u64) -> bool {
    let mut counts = [0u32; 256];
    let mut total = 0;
    for slice in slices {
        for byte in slice {
            counts[usize::from(*byte)] += 1;
        }
        total += slice.len() as u64;
    }
    let squares: u64 = counts.iter().map(|count| u64::from(*count).pow(2)).sum();
    // A short sample of even the best noise is uneven by chance: by about one n on n²/256.
    100 * 256 * squares < most * total * total + 100 * 256 * total
}

/// Adds to `noisy` where noise is in a file's `bytes`, of which the first is byte `at` of what they
/// are part of. Neighbours become one.
pub fn find(bytes: &[u8], at: usize, is_hinted: bool, noisy: &mut Vec<Range<usize>>) {
    for (number, segment) in bytes.chunks(SEGMENT).enumerate() {
        if segment.len() < WORTH_A_CUT || !is_noise(segment, is_hinted) {
            continue;
        }
        let start = at + number * SEGMENT;
        match noisy.last_mut() {
            Some(last) if last.end == start => last.end = start + segment.len(),
            _ => noisy.push(start..start + segment.len()),
        }
    }
}

/// All of `length` bytes, in stretches of which each is noise or is not.
pub fn stretches(length: usize, noisy: &[Range<usize>]) -> impl Iterator<Item = (Range<usize>, bool)> {
    let ends = noisy.iter().map(|range| range.end);
    let starts = std::iter::once(0).chain(ends).zip(noisy.iter().map(|range| range.start));
    let last = noisy.last().map_or(0, |range| range.end);
    starts
        .zip(noisy)
        .flat_map(|((from, to), range)| [(from..to, false), (range.clone(), true)])
        .chain([(last..length, false)])
        .filter(|(stretch, _)| !stretch.is_empty())
}

/// Whether nearly all of `length` bytes is noise.
pub fn prevails(length: usize, noisy: &[Range<usize>]) -> bool {
    let noise: usize = noisy.iter().map(Range::len).sum();
    noise > length - length / 16
}

#[cfg(test)]
mod tests {
    use super::super::codec::samples::{noise, text};
    use super::*;

    #[test]
    fn noise_is_told_from_what_compresses() {
        for length in [2_048, 10_000, 1 << 20] {
            assert!(is_noise(&noise(length), false), "{length}");
            assert!(!is_noise(&text(length), true), "{length}");
        }
        assert!(!is_noise(&[7; 100_000], true));
        assert!(!is_noise(&noise(1_000), false), "too short to tell");
        assert!(is_noise(&noise(1_000), true), "and long enough to confirm a name");
        let base64: Vec<u8> = noise(100_000).iter().map(|byte| b'A' + byte % 64).collect();
        assert!(!is_noise(&base64, true));
    }

    #[test]
    fn a_name_hints_by_its_last_end_alone() {
        for name in ["a/b.png", "photo.JPG", "x.tar.gz", "font.woff2"] {
            assert!(is_hinted(name), "{name}");
        }
        for name in ["png", "a.png/b", "a.png.txt", "src/zip.rs", ""] {
            assert!(!is_hinted(name), "{name}");
        }
    }

    #[test]
    fn noise_is_found_where_it_is() {
        let bytes = [text(SEGMENT), noise(2 * SEGMENT), text(SEGMENT), noise(WORTH_A_CUT)].concat();
        let mut noisy = Vec::new();
        find(&bytes, 100, false, &mut noisy);
        find(&noise(WORTH_A_CUT - 1), 9_999_999, false, &mut noisy);
        let at = |segments: usize| 100 + segments * SEGMENT;
        assert_eq!(noisy, [at(1)..at(3), at(4)..at(4) + WORTH_A_CUT]);

        let all: Vec<_> = stretches(100 + bytes.len() + 7, &noisy).collect();
        assert_eq!(all.first(), Some(&(0..at(1), false)));
        assert_eq!(all.last(), Some(&(at(4) + WORTH_A_CUT..at(4) + WORTH_A_CUT + 7, false)));
        assert!(all.windows(2).all(|two| two[0].0.end == two[1].0.start && two[0].1 != two[1].1));
        assert_eq!(stretches(0, &[]).count(), 0);
        assert_eq!(stretches(5, &[]).collect::<Vec<_>>(), [(0..5, false)]);
    }
}
