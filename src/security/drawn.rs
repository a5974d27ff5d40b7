//! Secrets drawn by chance, of which only a digest is kept.

use std::fmt;

use aws_lc_rs::{constant_time, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use sha2::{Digest, Sha256 as Hasher};

use crate::domain::Sha256;

/// 256 bits, which nobody guesses.
const BYTES: usize = 32;
/// As many characters of base64url.
pub const DRAWN_CHARS: usize = 43;

/// A secret out of the system's randomness. Neither shown nor kept: rows have its hash, which needs
/// no salt and no slowness because nobody can go through 2²⁵⁶ secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Drawn([u8; BYTES]);

impl Drawn {
    /// A new one.
    ///
    /// # Panics
    /// When the system has no randomness to give, which Linux rules out once it has started.
    pub fn new() -> Self {
        let mut bytes = [0; BYTES];
        rand::fill(&mut bytes).expect("getrandom(2) does not fail once the system is up");
        Self(bytes)
    }

    /// The secret that `text` spells; `None` for what spells none. There is one spelling of each:
    /// base64url without padding (RFC 4648 §5), 43 characters.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The secret, spelled.
    pub fn expose(&self) -> String {
        BASE64URL.encode(self.0)
    }

    /// Its bytes, for what is derived from it.
    pub const fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// By which its row is found.
    pub fn hash(&self) -> Sha256 {
        Sha256(Hasher::digest(self.0).into())
    }

    /// Whether this is the secret whose hash is `kept`: takes as long whether it is or not.
    pub fn is_of(&self, kept: &Sha256) -> bool {
        constant_time::verify_slices_are_equal(&self.hash().0, &kept.0).is_ok()
    }
}

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
