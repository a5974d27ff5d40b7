//! Telling noise, which compressed and encrypted files are, from what is worth compressing.

/// The sample that is looked at: so many slices of so many bytes, spread over all.
const SLICES: usize = 16;
const SLICE: usize = 4096;
/// Less than this is always tried: the sample would say little.
const TOO_SHORT_TO_TELL: usize = 2048;

/// Whether compressing `bytes` would gain next to nothing, by a sample: its 256 kinds of bytes
/// are about equally frequent.
///
/// The measure is the sum of the squares of their counts, n²/256 when all are alike; up to 15 %
/// more is noise, which is about 7.9 bits in every byte. In whole numbers, because a logarithm
/// may differ from one system to the next, and with it the bytes of a package.
pub fn is_noise(bytes: &[u8]) -> bool {
    if bytes.len() < TOO_SHORT_TO_TELL {
        return false;
    }
    let step = (bytes.len() / SLICES).max(SLICE);
    let slices = || bytes.chunks(step).map(|part| &part[..part.len().min(SLICE)]);
    // Nearly everything shows by its first slice that it is none.
    let first = slices().take(1);
    is_even(first) && is_even(slices())
}

fn is_even<'a>(slices: impl Iterator<Item = &'a [u8]>) -> bool {
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
    100 * 256 * squares < 115 * total * total + 100 * 256 * total
}

#[cfg(test)]
mod tests {
    use super::super::codec::tests::{noise, text};
    use super::*;

    #[test]
    fn noise_is_told_from_what_compresses() {
        for length in [2_048, 10_000, 1 << 20] {
            assert!(is_noise(&noise(length)), "{length}");
            assert!(!is_noise(&text(length)), "{length}");
        }
        assert!(!is_noise(&[7; 100_000]));
        assert!(!is_noise(&noise(1_000)), "too short to tell");
        let base64: Vec<u8> = noise(100_000).iter().map(|byte| b'A' + byte % 64).collect();
        assert!(!is_noise(&base64));
    }
}
