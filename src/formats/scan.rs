//! Looks for the few bytes that a format cannot take as they are, eight at a time.

const ONES: u64 = u64::MAX / 0xff;
const HIGHS: u64 = ONES << 7;

/// Bytes that are looked for: these, and all below a bound.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<const N: usize> {
    bytes: [u8; N],
    below: u8,
}

impl<const N: usize> Wanted<N> {
    /// One of `bytes`.
    pub const fn one_of(bytes: [u8; N]) -> Self {
        Self { bytes, below: 0 }
    }

    /// Or a control character: one below the space.
    #[must_use]
    pub const fn or_control(self) -> Self {
        Self { bytes: self.bytes, below: b' ' }
    }

    /// Where the first of them is.
    pub fn find(&self, bytes: &[u8]) -> Option<usize> {
        let (words, rest) = bytes.as_chunks::<8>();
        for (number, word) in words.iter().enumerate() {
            let hits = self.hits(u64::from_le_bytes(*word));
            if hits != 0 {
                return Some(number * 8 + hits.trailing_zeros() as usize / 8);
            }
        }
        let is_wanted = |byte: &u8| *byte < self.below || self.bytes.contains(byte);
        rest.iter().position(is_wanted).map(|at| words.len() * 8 + at)
    }

    /// The highest bit of the first byte that is wanted, and perhaps of some behind it.
    ///
    /// Source: S. E. Anderson, "Bit Twiddling Hacks", "Determine if a word has a byte less than n".
    fn hits(&self, word: u64) -> u64 {
        let is_below = |word: u64, bound: u8| word.wrapping_sub(ONES * u64::from(bound)) & !word & HIGHS;
        let equal = self.bytes.iter().map(|byte| is_below(word ^ (ONES * u64::from(*byte)), 1));
        equal.fold(is_below(word, self.below), |hits, more| hits | more)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_is_found_wherever_it_is(bytes in prop::collection::vec(prop_oneof![Just(b'"'), Just(0x1f), Just(b' '), Just(b'!'), Just(0xa2), Just(0x9f), any::<u8>()], 0..40)) {
            let wanted = Wanted::one_of([b'"', b'\\', 0xef]);
            let plain = |byte: &u8| matches!(byte, b'"' | b'\\' | 0xef);
            prop_assert_eq!(wanted.find(&bytes), bytes.iter().position(plain));
            let found = bytes.iter().position(|byte| plain(byte) || *byte < b' ');
            prop_assert_eq!(wanted.or_control().find(&bytes), found);
        }
    }
}
