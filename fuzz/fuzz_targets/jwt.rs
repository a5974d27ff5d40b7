//! Tokens of strangers, and sets of keys of providers: the first line, and the rest.
#![no_main]

use std::sync::LazyLock;

use exportd_fuzz::clock::Clock;
use exportd_fuzz::credentials::{NOW, SECRET, own_token, provided};
use exportd_fuzz::security::Secret;
use exportd_fuzz::security::jwt::{Config, Tokens};
use libfuzzer_sys::fuzz_target;

static OURS: LazyLock<Tokens> = LazyLock::new(|| {
    let config = Config { secret: Some(Secret::new(SECRET)), ..Config::default() };
    Tokens::new(&config, None, &Clock::system()).expect("a key")
});
static PROVIDERS: LazyLock<Tokens> =
    LazyLock::new(|| Tokens::of_set(provided().1.as_bytes()).expect("a set of keys"));
static OWN: LazyLock<String> = LazyLock::new(own_token);
static PROVIDED: LazyLock<String> = LazyLock::new(|| provided().0);

/// What of a token is signed.
fn signed(token: &str) -> &str {
    token.rsplit_once('.').map_or(token, |(signed, _)| signed)
}

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (token, set) = bytes.split_at(end);
    let token = String::from_utf8_lossy(token);
    for (tokens, right) in [(&*OURS, &*OWN), (&*PROVIDERS, &*PROVIDED)] {
        if tokens.prove(&token, NOW).is_ok() {
            assert_eq!(signed(&token), signed(right), "only what was signed is believed");
        }
    }
    // Whatever a set says, it makes no secret of ours good for anything.
    let Ok(others) = Tokens::of_set(set.trim_ascii()) else { return };
    let _ = others.prove(&token, NOW);
    assert!(others.prove(&OWN, NOW).is_err());
});
