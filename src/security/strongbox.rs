//! What is kept for a client so that only the client can have it read.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::domain::UserId;

/// Locks things with a key that a client thought of and sends again when it wants them back.
/// Neither that key nor anything it opens can be read where the locked things lie, as far as the
/// key cannot be guessed.
pub struct Strongbox {
    name: String,
    lock: RandomizedNonceKey,
}

impl Strongbox {
    /// The box of `user` that `key` opens.
    pub fn of(user: &UserId, key: &str) -> Self {
        let derived = |purpose: &[u8]| {
            let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()));
            context.update(purpose);
            context.update(user.as_str().as_bytes());
            context.sign()
        };
        let name = derived(b"name of ").as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let lock = RandomizedNonceKey::new(&AES_256_GCM, derived(b"lock of ").as_ref());
        Self { name, lock: lock.expect("HMAC-SHA256 has the 32 bytes of a key") }
    }

    /// By which the box is found: the same for the same user and key, and telling neither.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `text`, locked.
    ///
    /// # Panics
    /// When the system has no randomness to give.
    pub fn lock(&self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        let sealed = self.lock.seal_in_place_append_tag(Aad::empty(), &mut bytes);
        let nonce = sealed.expect("getrandom(2) does not fail once the system is up");
        BASE64.encode([&nonce.as_ref()[..], &bytes].concat())
    }

    /// What was locked; `None` when this key did not, or somebody changed it since.
    pub fn unlock(&self, locked: &str) -> Option<String> {
        let mut bytes = BASE64.decode(locked).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = self.lock.open_in_place(nonce, Aad::empty(), sealed).ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }
}

impl fmt::Debug for Strongbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Strongbox({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(user: &str, key: &str) -> Strongbox {
        Strongbox::of(&user.parse().expect("a user"), key)
    }

    #[test]
    fn only_the_same_key_of_the_same_user_opens_it() {
        let own = of("ada", "order-7");
        let locked = own.lock("{\"url\": \"a secret\"}");
        assert!(!locked.contains("secret") && !own.name().contains("order"));
        assert_eq!(of("ada", "order-7").unlock(&locked).as_deref(), Some("{\"url\": \"a secret\"}"));
        assert_eq!(of("ada", "order-7").name(), own.name());
        for other in [of("ada", "order-8"), of("eve", "order-7")] {
            assert_ne!(other.name(), own.name());
            assert_eq!(other.unlock(&locked), None);
        }
        let changed = locked.replacen(&locked[20..24], "AAAA", 1);
        for wrong in ["", "AAAA", "%", &changed] {
            assert_eq!(own.unlock(wrong), None, "{wrong}");
        }
        assert_ne!(own.lock("x"), own.lock("x"), "the same things do not look the same");
    }
}
