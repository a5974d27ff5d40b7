//! What stands in the place of what not everyone may see.

use std::fmt::Write as _;

use aws_lc_rs::hmac;

/// How a column with personal data is hidden from those who may not see it. Masked cells are text,
/// whatever they were; a cell with nothing in it stays so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mask {
    /// `[hidden]`.
    #[default]
    Hide,
    /// The first letter of each half of an address: `a…@e…`.
    Email,
    /// 32 hex digits, alike for alike values, that tell nothing else (HMAC-SHA-256, RFC 2104, cut
    /// to 128 bits).
    Hash,
    /// `…` and the last four characters, of values that have at least eight.
    Last4,
}

impl Mask {
    /// Every mask.
    pub const ALL: [Self; 4] = [Self::Hide, Self::Email, Self::Hash, Self::Last4];

    /// The word in declarations.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hide => "hide",
            Self::Email => "email",
            Self::Hash => "hash",
            Self::Last4 => "last4",
        }
    }

    /// The mask of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mask| mask.as_str() == word)
    }

    /// Writes what stands for `value`.
    pub(super) fn write(self, value: &str, key: &MaskKey, out: &mut String) {
        match self {
            Self::Hide => out.push_str(HIDDEN),
            Self::Email => write_email(value, out),
            Self::Hash => key.write(value, out),
            Self::Last4 => write_last4(value, out),
        }
    }
}

const HIDDEN: &str = "[hidden]";

fn write_email(value: &str, out: &mut String) {
    let halves =
        value.rsplit_once('@').and_then(|(name, host)| Some((name.chars().next()?, host.chars().next()?)));
    match halves {
        Some((name, host)) => {
            let _ = write!(out, "{name}…@{host}…");
        }
        None => out.push_str(HIDDEN),
    }
}

/// Of a short value the last four would be most of it.
fn write_last4(value: &str, out: &mut String) {
    let Some((at, _)) = value.char_indices().rev().nth(3) else { return out.push_str(HIDDEN) };
    if value[..at].chars().count() < 4 {
        return out.push_str(HIDDEN);
    }
    out.push('…');
    out.push_str(&value[at..]);
}

/// What hashes are keyed with, so that nobody finds a value by hashing all there are.
pub(super) struct MaskKey(hmac::Key);

impl MaskKey {
    /// The one that was set, or one of this process's own.
    pub(super) fn new(set: Option<&str>) -> Self {
        let key = match set {
            Some(set) => hmac::Key::new(hmac::HMAC_SHA256, set.as_bytes()),
            None => hmac::Key::new(hmac::HMAC_SHA256, &rand::random::<[u8; 32]>()),
        };
        Self(key)
    }

    fn write(&self, value: &str, out: &mut String) {
        for byte in &hmac::sign(&self.0, value.as_bytes()).as_ref()[..16] {
            let _ = write!(out, "{byte:02x}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(mask: Mask, value: &str) -> String {
        let mut out = String::new();
        mask.write(value, &MaskKey::new(Some("a key")), &mut out);
        out
    }

    #[test]
    fn a_mask_tells_what_it_says_and_no_more() {
        for (mask, value, shown) in [
            (Mask::Hide, "secret", "[hidden]"),
            (Mask::Email, "ada@example.org", "a…@e…"),
            (Mask::Email, "ärzte@öl.example", "ä…@ö…"),
            (Mask::Email, "\"a@b\"@example.org", "\"…@e…"),
            (Mask::Email, "no address", "[hidden]"),
            (Mask::Email, "@example.org", "[hidden]"),
            (Mask::Email, "ada@", "[hidden]"),
            (Mask::Last4, "DE89370400440532013000", "…3000"),
            (Mask::Last4, "12345678", "…5678"),
            (Mask::Last4, "1234567", "[hidden]"),
            (Mask::Last4, "日本語日本語日本", "…本語日本"),
            (Mask::Last4, "", "[hidden]"),
        ] {
            assert_eq!(masked(mask, value), shown, "{mask:?} of {value}");
        }
    }

    #[test]
    fn a_hash_is_alike_for_alike_values_under_one_key_only() {
        let hash = masked(Mask::Hash, "ada");
        assert_eq!(hash, masked(Mask::Hash, "ada"));
        assert_ne!(hash, masked(Mask::Hash, "bob"));
        assert_eq!(hash.len(), 32);
        let mut other = String::new();
        Mask::Hash.write("ada", &MaskKey::new(None), &mut other);
        assert_ne!(hash, other);
    }
}
