//! What the cookie of a session says, and how it is read.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use cookie::Cookie;

use super::drawn::Drawn;
use crate::domain::Sha256;

/// What keeps a session's CSRF token apart from whatever else may be derived from it.
const CSRF: &[u8] = b"exportd csrf token 1";

/// The secret of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionToken(Drawn);

/// What the cookies of a request say of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownSession {
    /// Nothing.
    None,
    /// This is it.
    One(SessionToken),
    /// Something that is none of ours.
    Broken,
    /// Several things: somebody else has put one beside it.
    Several,
}

impl SessionToken {
    /// A new one.
    ///
    /// # Panics
    /// When the system has no randomness to give.
    #[expect(clippy::new_without_default, reason = "a secret is drawn on purpose, not by default")]
    pub fn new() -> Self {
        Self(Drawn::new())
    }

    /// What the cookie called `name` says, among those of `lines`, each a `Cookie` header. Only
    /// HTTP/2 has several (RFC 9113 §8.2.3); they are one list.
    pub fn shown<'l>(lines: impl IntoIterator<Item = &'l [u8]>, name: &str) -> ShownSession {
        let mut found = ShownSession::None;
        for line in lines {
            // Names and values are ASCII (RFC 6265 §4.1.1); what other programs put into theirs is
            // not for us to judge.
            let line = String::from_utf8_lossy(line);
            let own = Cookie::split_parse(&*line).flatten().filter(|cookie| cookie.name() == name);
            for cookie in own {
                found = match found {
                    ShownSession::None => Drawn::parse(cookie.value())
                        .map_or(ShownSession::Broken, |drawn| ShownSession::One(Self(drawn))),
                    _ => return ShownSession::Several,
                };
            }
        }
        found
    }

    /// The value of its cookie.
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

    /// The CSRF token of the session: known to the page, which is told it, and not to another page
    /// that makes its visitor's browser send the cookie along. Follows from the session's secret
    /// and does not tell it, so that it need not be kept.
    ///
    /// Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet, HMAC-based tokens.
    pub fn csrf(&self) -> String {
        BASE64URL.encode(hmac::sign(&self.csrf_key(), CSRF))
    }

    /// Whether `text` is the session's CSRF token: takes as long whether it is or not.
    pub fn is_csrf(&self, text: &[u8]) -> bool {
        let presented = BASE64URL.decode(text).unwrap_or_default();
        hmac::verify(&self.csrf_key(), CSRF, &presented).is_ok()
    }

    fn csrf_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "exportd_session";

    fn shown(lines: &[&str]) -> ShownSession {
        SessionToken::shown(lines.iter().map(|line| line.as_bytes()), NAME)
    }

    #[test]
    fn a_session_is_found_among_other_cookies() {
        let token = SessionToken::new();
        let own = format!("{NAME}={}", token.expose());
        let (before, after) = (format!("theme=dark; {own}"), format!("{own}; lang=d\u{e9}"));
        for lines in [&[own.as_str()][..], &[&before], &[&after], &["a=b", &own], &[";; =x; junk", &own]] {
            assert_eq!(shown(lines), ShownSession::One(token.clone()), "{lines:?}");
        }
        let others = ["", "a=b", "exportd_sessions=x", "Exportd_Session=x", "x_exportd_session=y"];
        assert_eq!(shown(&others), ShownSession::None);
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_not_read() {
        let (one, other) = (SessionToken::new().expose(), SessionToken::new().expose());
        let twice = [format!("{NAME}={one}; {NAME}={other}"), format!("{NAME}={one}; {NAME}={one}")];
        for line in &twice {
            assert_eq!(shown(&[line]), ShownSession::Several);
        }
        assert_eq!(shown(&[&format!("{NAME}="), &format!("{NAME}={one}")]), ShownSession::Several);
        for broken in ["", "x", &one[1..], &format!("\"{one}\""), &format!("{one}="), &format!("{one} x")] {
            assert_eq!(shown(&[&format!("{NAME}={broken}")]), ShownSession::Broken, "{broken:?}");
        }
    }

    #[test]
    fn a_csrf_token_is_of_one_session_and_tells_it_not() {
        let (token, other) = (SessionToken::new(), SessionToken::new());
        let csrf = token.csrf();
        assert!(token.is_csrf(csrf.as_bytes()) && !other.is_csrf(csrf.as_bytes()));
        assert_ne!(csrf, token.expose());
        for wrong in ["", "x", &csrf[1..], &format!("{csrf}="), &token.expose(), "\u{e9}"] {
            assert!(!token.is_csrf(wrong.as_bytes()), "{wrong}");
        }
    }
}
