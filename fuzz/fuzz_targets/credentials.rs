//! API tokens, cookies and names of users that strangers send: what is taken for one is spelled in
//! the one way there is.
#![no_main]

use exportd_fuzz::domain::UserId;
use exportd_fuzz::security::{ApiTokenSecret, SessionToken, ShownSession};
use libfuzzer_sys::fuzz_target;

const NAME: &str = "exportd_session";

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        if let Some(token) = ApiTokenSecret::parse(text) {
            assert!(ApiTokenSecret::is_meant(text));
            assert_eq!(token.expose(), text);
        }
        if let Ok(user) = text.parse::<UserId>() {
            assert_eq!(user.as_str(), text);
            assert!(!text.contains(['/', '\\', '\r', '\n', '\0']) && (1..=128).contains(&text.len()));
        }
    }
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let of = |more: &[u8]| SessionToken::shown(lines.iter().copied().chain([more]), NAME);
    let is_one = |shown: &ShownSession| matches!(shown, ShownSession::One(_) | ShownSession::Broken);
    let (shown, beside) = (of(b""), of(b"exportd_session=x"));
    match &shown {
        // Another one beside it is seen, and told apart from none.
        ShownSession::None => assert_eq!(beside, ShownSession::Broken),
        _ => assert_eq!(beside, ShownSession::Several),
    }
    if is_one(&shown) {
        assert!(bytes.windows(NAME.len()).any(|part| part == NAME.as_bytes()));
    }
    if let ShownSession::One(token) = &shown {
        let value = token.expose();
        assert!(bytes.windows(value.len()).any(|part| part == value.as_bytes()), "as it was sent");
        assert!(!token.is_csrf(bytes) && token.is_csrf(token.csrf().as_bytes()));
    }
});
