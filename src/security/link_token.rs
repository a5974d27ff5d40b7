//! The tokens of links: whoever has one may download.

use std::fmt;

use aws_lc_rs::{constant_time, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use sha2::{Digest, Sha256 as Hasher};

use crate::domain::Sha256;

/// Random bytes of a token: 256 bits, which nobody guesses.
const BYTES: usize = 32;

/// The token of a link. Neither shown nor kept: rows have its hash, which needs no salt and no
/// slowness because nobody can go through 2²⁵⁶ tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken([u8; BYTES]);

impl LinkToken {
    /// A new token, out of the system's randomness.
    ///
    /// # Panics
    /// When the system has none to give, which Linux rules out once it has started.
    pub fn new() -> Self {
        let mut bytes = [0; BYTES];
        rand::fill(&mut bytes).expect("getrandom(2) does not fail once the system is up");
        Self(bytes)
    }

    /// The token in the path of an address; `None` for what can be none. There is one spelling of
    /// each: base64url without padding (RFC 4648 §5), 43 characters.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The token as it stands in its address.
    pub fn expose(&self) -> String {
        BASE64URL.encode(self.0)
    }

    /// By which its row is found.
    pub fn hash(&self) -> Sha256 {
        Sha256(Hasher::digest(self.0).into())
    }

    /// Whether this is the token whose hash is `kept`: takes as long whether it is or not.
    pub fn is_of(&self, kept: &Sha256) -> bool {
        constant_time::verify_slices_are_equal(&self.hash().0, &kept.0).is_ok()
    }
}

impl Default for LinkToken {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_one_spelling_and_is_known_by_its_hash() {
        let (token, other) = (LinkToken::new(), LinkToken::new());
        let text = token.expose();
        assert_eq!(text.len(), 43);
        assert_eq!(LinkToken::parse(&text), Some(token.clone()));
        assert!(token.is_of(&token.hash()) && !token.is_of(&other.hash()));
        let padded = format!("{text}=");
        // Of the last character's six bits two say nothing; set, they would be a second spelling.
        let zeros = LinkToken([0; BYTES]).expose();
        let second = format!("{}B", &zeros[..42]);
        for wrong in ["", "x", &text[1..], &padded, &second, &"A".repeat(44), &"+".repeat(43)] {
            assert_eq!(LinkToken::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_token_is_not_shown() {
        let token = LinkToken::new();
        assert!(!format!("{token:?}").contains(&token.expose()));
    }
}
