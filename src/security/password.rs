//! Passwords: kept as Argon2id digests, which are slow to make on purpose.

use std::fmt;
use std::sync::LazyLock;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use aws_lc_rs::{hmac, rand};
use unicode_normalization::UnicodeNormalization;

use crate::domain::PasswordHash;

use super::Secret;

/// 19 MiB, two passes, one lane.
///
/// Source: OWASP Password Storage Cheat Sheet, Argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Random bytes that make equal passwords different.
const SALT: usize = 16;

static ARGON2ID: LazyLock<Argon2<'static>> = LazyLock::new(|| {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("within the bounds of RFC 9106 §3.1");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
});

/// The digest of `password`, to be kept. Takes some 20 ms and 19 MiB: call it where that may be.
///
/// # Panics
/// When the system has no randomness or no 19 MiB to give.
pub fn hash_password(password: &Secret) -> PasswordHash {
    let mut salt = [0; SALT];
    rand::fill(&mut salt).expect("getrandom(2) does not fail once the system is up");
    let hash: phc::PasswordHash = ARGON2ID
        .hash_password_with_salt(normal(password).as_bytes(), &salt)
        .expect("salt and parameters are constants within their bounds");
    PasswordHash::new(hash.to_string())
}

/// Whether `password` is the one that `kept` was made of. Takes as long as making it did.
pub fn is_password(password: &Secret, kept: &PasswordHash) -> bool {
    // The parameters are those of the digest, so that older ones stay good.
    ARGON2ID.verify_password(normal(password).as_bytes(), kept.as_str()).is_ok()
}

/// Composed (NFC): keyboards and systems differ in how they write `é`.
///
/// Source: RFC 7617 §2.1, RFC 8265 §4.
fn normal(password: &Secret) -> String {
    password.expose().nfc().collect()
}

/// Marks secrets so that the same one can be known again without being kept. The key is new in
/// every process and leaves it never.
pub struct Marker(hmac::Key);

/// What a [`Marker`] made of a secret.
pub type Mark = [u8; 32];

impl Marker {
    /// A marker with a key of its own.
    ///
    /// # Panics
    /// When the system has no randomness to give.
    pub fn new() -> Self {
        let mut key = [0; 32];
        rand::fill(&mut key).expect("getrandom(2) does not fail once the system is up");
        Self(hmac::Key::new(hmac::HMAC_SHA256, &key))
    }

    /// The mark of `password` as one for `kept`.
    pub fn mark(&self, password: &Secret, kept: &PasswordHash) -> Mark {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&(kept.as_str().len() as u64).to_be_bytes());
        context.update(kept.as_str().as_bytes());
        context.update(normal(password).as_bytes());
        context.sign().as_ref().try_into().expect("HMAC-SHA256 has 32 bytes")
    }
}

impl Default for Marker {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Marker(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_however_it_is_composed_and_no_other_is() {
        let kept = hash_password(&Secret::new("caf\u{e9} 7"));
        assert!(kept.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", kept.as_str());
        assert!(is_password(&Secret::new("cafe\u{301} 7"), &kept));
        for wrong in ["", "cafe 7", "caf\u{e9} 7 ", "CAF\u{c9} 7"] {
            assert!(!is_password(&Secret::new(wrong), &kept), "{wrong}");
        }
        assert_ne!(kept, hash_password(&Secret::new("caf\u{e9} 7")), "each has a salt of its own");
        assert!(!is_password(&Secret::new("x"), &PasswordHash::new("not a digest")));
        assert!(!format!("{kept:?}").contains("argon2id"));
    }

    #[test]
    fn a_mark_is_of_one_password_for_one_link_in_one_process() {
        let (marker, one, other) = (Marker::new(), PasswordHash::new("a"), PasswordHash::new("b"));
        let mark = marker.mark(&Secret::new("p"), &one);
        assert_eq!(mark, marker.mark(&Secret::new("p"), &one));
        assert_ne!(mark, marker.mark(&Secret::new("p"), &other));
        assert_ne!(mark, marker.mark(&Secret::new("q"), &one));
        assert_ne!(mark, Marker::new().mark(&Secret::new("p"), &one));
    }
}
