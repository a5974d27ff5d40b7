//! The secrets of API tokens.

use super::drawn::{DRAWN_CHARS, Drawn};
use crate::domain::Sha256;

/// What every one begins with: whoever finds one knows what it opens.
const PREFIX: &str = "exd_";
/// Digits of the checksum.
const CHECKSUM: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// An API token as its owner has it: `exd_`, 256 bits drawn by chance in base64url, and the CRC-32
/// of those 43 characters in six digits of base 62. By the sum a typo is told without a look into
/// any database, here and by programs that look for secrets where none should be.
///
/// Source: GitHub's announcement of its token formats, 2021, whose tokens are built like this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiTokenSecret(Drawn);

impl ApiTokenSecret {
    /// A new one.
    ///
    /// # Panics
    /// When the system has no randomness to give.
    #[expect(clippy::new_without_default, reason = "a secret is drawn on purpose, not by default")]
    pub fn new() -> Self {
        Self(Drawn::new())
    }

    /// Whether `text` is meant to be one, right or wrong.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// The token that `text` is; `None` for what was never one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let body = text.strip_prefix(PREFIX)?;
        let (drawn, sum) = body.split_at_checked(DRAWN_CHARS)?;
        if sum.as_bytes() != checksum(drawn) {
            return None;
        }
        Drawn::parse(drawn).map(Self)
    }

    /// The token, to be told once.
    pub fn expose(&self) -> String {
        let drawn = self.0.expose();
        let sum = checksum(&drawn);
        let sum = str::from_utf8(&sum).expect("digits are ASCII");
        format!("{PREFIX}{drawn}{sum}")
    }

    /// By which its row is found.
    pub fn hash(&self) -> Sha256 {
        self.0.hash()
    }

    /// Whether this is the token whose hash is `kept`: takes as long whether it is or not.
    pub fn is_of(&self, kept: &Sha256) -> bool {
        self.0.is_of(kept)
    }
}

fn checksum(text: &str) -> [u8; CHECKSUM] {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_one_spelling_and_is_known_by_its_hash() {
        let (token, other) = (ApiTokenSecret::new(), ApiTokenSecret::new());
        let text = token.expose();
        assert_eq!(text.len(), 53);
        assert_eq!(ApiTokenSecret::parse(&text), Some(token.clone()));
        assert!(token.is_of(&token.hash()) && !token.is_of(&other.hash()));
        assert!(!format!("{token:?}").contains(&text[4..20]), "it is not shown");
    }

    #[test]
    fn a_token_of_any_broken_shape_is_none() {
        let text = ApiTokenSecret::new().expose();
        for at in 0..text.len() {
            let mut typo = text.clone().into_bytes();
            typo[at] = if typo[at] == b'A' { b'B' } else { b'A' };
            let typo = String::from_utf8(typo).expect("ASCII");
            assert_eq!(ApiTokenSecret::parse(&typo), None, "{typo}");
            assert_eq!(ApiTokenSecret::parse(&text[..at]), None);
        }
        // The same bits spelled otherwise, with a sum that is right.
        let zeros = "A".repeat(42);
        for drawn in [format!("{zeros}B"), format!("{zeros}="), format!("{}+", &zeros), "ä".repeat(21) + "a"]
        {
            let sum = String::from_utf8(checksum(&drawn).to_vec()).expect("digits");
            assert_eq!(ApiTokenSecret::parse(&format!("exd_{drawn}{sum}")), None, "{drawn}");
        }
        let upper = text.to_uppercase();
        for wrong in ["", "exd_", "exd", &format!("{text} "), &format!("{text}0"), &upper, &"é".repeat(30)] {
            assert_eq!(ApiTokenSecret::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_checksum_is_what_others_compute_too() {
        assert_eq!(&checksum("A".repeat(43).as_str()), b"0DofJ8");
    }
}
