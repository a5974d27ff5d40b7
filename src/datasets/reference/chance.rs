//! Chance that comes out the same for the same seed, on every machine and in every version.

/// Numbers that look like chance: SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom
/// Number Generators", 2014). A crate's generator may change from one version to the next.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..end`. Multiplied rather than divided: no bias worth speaking of at these sizes.
    pub(super) fn below(&mut self, end: i64) -> i64 {
        let end = u64::try_from(end.max(1)).unwrap_or(1);
        i64::try_from((u128::from(self.next()) * u128::from(end)) >> 64).unwrap_or(0)
    }

    /// One of `least..=most`.
    pub(super) fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.below(most - least + 1)
    }

    /// True in so many of a hundred cases.
    pub(super) fn percent(&mut self, cases: i64) -> bool {
        self.below(100) < cases
    }

    /// One of `all`.
    pub(super) fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let place = usize::try_from(self.below(i64::try_from(all.len()).unwrap_or(i64::MAX))).unwrap_or(0);
        &all[place]
    }

    /// So many hex digits.
    pub(super) fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits + 16);
        while text.len() < digits {
            text.push_str(&format!("{:016x}", self.next()));
        }
        text.truncate(digits);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_for_good() {
        let mut chance = Chance::new(1);
        // What SplitMix64 gives for the seed 1.
        assert_eq!(chance.next(), 0x910A_2DEC_8902_5CC1);
        assert_eq!(chance.hex(20).len(), 20);
        let mut thrown = [0; 6];
        (0..6_000).for_each(|_| thrown[usize::try_from(chance.between(1, 6)).expect("small") - 1] += 1);
        assert!(thrown.iter().all(|&times| (850..1_150).contains(&times)), "{thrown:?}");
    }
}
