//! The tokens of links: whoever has one may download.

use super::drawn::Drawn;
use crate::domain::Sha256;

/// The token of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkToken(Drawn);

impl LinkToken {
    /// A new token, out of the system's randomness.
    ///
    /// # Panics
    /// When the system has none to give.
    #[expect(clippy::new_without_default, reason = "a secret is drawn on purpose, not by default")]
    pub fn new() -> Self {
        Self(Drawn::new())
    }

    /// The token in the path of an address; `None` for what can be none. Each has one spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Drawn::parse(text).map(Self)
    }

    /// The token as it stands in its address.
    pub fn expose(&self) -> String {
        self.0.expose()
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
        let second = format!("{}B", "A".repeat(42));
        assert!(LinkToken::parse(&"A".repeat(43)).is_some());
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
