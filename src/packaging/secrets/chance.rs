//! Whether something was drawn by chance, as secrets are, or written by hand to look like one.

use super::sight::is_hex;

/// What people write where a secret would stand, in lower case.
const STAND_INS: &[&[u8]] = &[
    b"example",
    b"xxxx",
    b"your",
    b"placeholder",
    b"redacted",
    b"changeme",
    b"dummy",
    b"sample",
    b"secret",
    b"token",
    b"fake",
    b"insert",
    b"deadbeef",
    b"123456",
    b"abcdef",
    b"qwerty",
    b"foobar",
];

/// Whether `text` looks drawn by chance: many unlike characters, few that follow from those before
/// them, and no word that stands in for a secret.
pub fn is_random(text: &[u8]) -> bool {
    is_varied(text) && !is_stepped(text) && !is_repeated(text) && !has_stand_in(text)
}

/// At least three quarters of the bits for each character that its length and alphabet allow.
fn is_varied(text: &[u8]) -> bool {
    let is_all = |of: fn(u8) -> bool| text.iter().all(|byte| of(*byte));
    let alphabet: f64 = if is_all(|byte| is_hex(byte.to_ascii_lowercase())) {
        16.0
    } else if is_all(|byte| !byte.is_ascii_lowercase()) || is_all(|byte| !byte.is_ascii_uppercase()) {
        36.0
    } else {
        64.0
    };
    let most = alphabet.min(text.len() as f64).log2();
    bits_for_each(text) >= 0.75 * most
}

/// Shannon's entropy of the characters' frequencies.
fn bits_for_each(text: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    text.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    let share = |count: u32| f64::from(count) / text.len() as f64;
    counts.into_iter().filter(|count| *count > 0).map(|count| -share(count) * share(count).log2()).sum()
}

/// `aaaa`, `abcd`, `4321`: more than half of the characters are the one before, or next to it.
fn is_stepped(text: &[u8]) -> bool {
    let steps = text.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 1).count();
    steps * 2 > text.len()
}

/// The same again and again, from the first character to the last.
fn is_repeated(text: &[u8]) -> bool {
    (1..=text.len() / 2).any(|period| text[period..].iter().zip(text).all(|(one, other)| one == other))
}

fn has_stand_in(text: &[u8]) -> bool {
    let text = text.to_ascii_lowercase();
    STAND_INS.iter().any(|word| text.windows(word.len()).any(|part| part == *word))
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    use super::is_random;

    const ALPHANUMERIC: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    #[test]
    fn what_a_hand_wrote_is_not_random() {
        for text in [
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "0000000000000000000000000000000000000000",
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "1234567890abcdef1234567890abcdef",
            "YOUR_TOKEN_GOES_RIGHT_HERE_1",
            "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00",
            "k3Jd9k3Jd9k3Jd9k3Jd9",
            "aaaaaaaaaabbbbbbbbbbccccccccccdddddd",
        ] {
            assert!(!is_random(text.as_bytes()), "{text}");
        }
    }

    /// Chance writes what looks written by hand, too, so this is a rate: of as many drawn, and always
    /// the same ones, hardly any is taken for something else.
    #[test]
    fn what_chance_drew_is_random() {
        let mut chance = StdRng::seed_from_u64(7);
        for (alphabet, length) in [(&b"0123456789abcdef"[..], 40), (&ALPHANUMERIC[..], 36)] {
            let mut draw = || -> Vec<u8> {
                (0..length).map(|_| alphabet[chance.random_range(0..alphabet.len())]).collect()
            };
            let missed = (0..20_000).filter(|_| !is_random(&draw())).count();
            assert!(missed <= 4, "{missed} of 20000 with {} characters", alphabet.len());
        }
    }
}
