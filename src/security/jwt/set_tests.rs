//! Sets of keys: what of them is used, and what a token may ask of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::test_keys::test_key;
use super::{Config, FetchKeys, Fetched, JwksError, KeyError, KeySet, Tokens};
use crate::clock::Clock;
use crate::domain::Timestamp;
use crate::security::{Authority, CredentialError};

const NOW: Timestamp = Timestamp::from_millis(1_763_683_200_000);
const FAR: i64 = 4_102_444_800;

fn signer(algorithm: Algorithm) -> EncodingKey {
    let private = |name| std::fs::read(test_key(name)).expect("a test key");
    let key = match algorithm {
        Algorithm::RS256 => EncodingKey::from_rsa_pem(&private("rsa_private.pem")),
        Algorithm::ES256 => EncodingKey::from_ec_pem(&private("p256_private.pem")),
        _ => EncodingKey::from_ed_pem(&private("ed25519_private.pem")),
    };
    key.expect("a key")
}

/// The public half of the test key for `algorithm`, with these members more, or instead, or not.
fn jwk(algorithm: Algorithm, kid: &str, more: Value) -> Value {
    let made = Jwk::from_encoding_key(&signer(algorithm), algorithm).expect("a key");
    let mut jwk = serde_json::to_value(made).expect("JSON");
    let members = jwk.as_object_mut().expect("an object");
    members.insert("kid".into(), json!(kid));
    for (name, value) in more.as_object().expect("members") {
        if value.is_null() {
            members.remove(name)
        } else {
            members.insert(name.clone(), value.clone())
        };
    }
    jwk
}

fn set(keys: &[Value]) -> Value {
    json!({"keys": keys})
}

fn token(algorithm: Algorithm, kid: Option<&str>) -> String {
    let header = Header { kid: kid.map(Into::into), ..Header::new(algorithm) };
    encode(&header, &json!({"sub": "ana", "exp": FAR}), &signer(algorithm)).expect("a token")
}

fn proved(set: &Value, token: &str) -> Result<(), CredentialError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, set.to_string()).expect("a file");
    let config = Config { jwks_file: Some(path), ..Config::default() };
    Tokens::new(&config, None, &Clock::system()).expect("keys").prove(token, NOW).map(drop)
}

fn passed_over(key: Value) -> String {
    let good = jwk(Algorithm::ES256, "good", json!({}));
    let set = KeySet::parse(set(&[key, good]).to_string().as_bytes()).expect("one key is good");
    assert!(set.len() + set.passed_over.len() == 2 && !set.is_empty(), "{set:?}");
    set.passed_over.concat()
}

const ALL: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

#[test]
fn a_token_names_its_key_and_the_key_its_algorithm() {
    let keys: Vec<Value> =
        ALL.iter().map(|algorithm| jwk(*algorithm, &format!("{algorithm:?}"), json!({}))).collect();
    for signed_by in ALL {
        for named in ALL {
            let told = proved(&set(&keys), &token(signed_by, Some(&format!("{named:?}"))));
            let right = if signed_by == named { Ok(()) } else { Err(CredentialError::WrongAlgorithm) };
            assert_eq!(told, right, "{signed_by:?} {named:?}");
        }
        assert_eq!(proved(&set(&keys), &token(signed_by, None)), Ok(()), "the only one of its algorithm");
        let unknown = proved(&set(&keys), &token(signed_by, Some("other")));
        assert_eq!(unknown, Err(CredentialError::UnknownKey));
    }
    // The classic: a public key, known to all, taken for an HMAC secret.
    let forged = encode(
        &Header { kid: Some("ES256".into()), ..Header::default() },
        &json!({"sub": "ana", "exp": FAR}),
        &EncodingKey::from_secret(keys[1]["x"].as_str().expect("a text").as_bytes()),
    );
    let told = proved(&set(&keys), &forged.expect("a token"));
    assert_eq!(told, Err(CredentialError::WrongAlgorithm));
}

#[test]
fn without_a_name_two_keys_of_one_algorithm_are_none() {
    let two = [jwk(Algorithm::ES256, "a", json!({})), jwk(Algorithm::ES256, "b", json!({}))];
    assert_eq!(proved(&set(&two), &token(Algorithm::ES256, None)), Err(CredentialError::UnknownKey));
    assert_eq!(proved(&set(&two), &token(Algorithm::ES256, Some("b"))), Ok(()));
    let nameless = [jwk(Algorithm::ES256, "", json!({"kid": null}))];
    assert_eq!(proved(&set(&nameless), &token(Algorithm::ES256, None)), Ok(()));
    assert_eq!(
        proved(&set(&nameless), &token(Algorithm::ES256, Some("a"))),
        Err(CredentialError::UnknownKey)
    );
}

#[test]
fn keys_that_nobody_can_use_are_passed_over_and_named() {
    use Algorithm::{ES256, EdDSA, RS256};
    let weak = "AQAB".repeat(60);
    for (key, told) in [
        (json!({"kty": "oct", "kid": "s", "k": "c2VjcmV0"}), "symmetric"),
        (json!({"kty": "oct", "kid": "s", "k": "c2VjcmV0", "alg": "HS256", "use": "sig"}), "symmetric"),
        (jwk(RS256, "k", json!({"use": "enc"})), "not for checking"),
        (jwk(RS256, "k", json!({"key_ops": ["sign", "encrypt"]})), "not for checking"),
        (jwk(RS256, "k", json!({"alg": "PS256"})), "another algorithm"),
        (jwk(RS256, "k", json!({"alg": "HS256"})), "another algorithm"),
        (jwk(ES256, "k", json!({"alg": "RS256"})), "another algorithm"),
        (jwk(ES256, "k", json!({"crv": "P-384"})), "another algorithm"),
        (jwk(EdDSA, "k", json!({"crv": "X25519"})), "another algorithm"),
        (jwk(RS256, "k", json!({"kty": "XYZ"})), "another algorithm"),
        (jwk(RS256, "k", json!({"n": weak})), "too weak"),
        (jwk(RS256, "k", json!({"n": null})), "too weak"),
        (jwk(RS256, "k", json!({"e": "AQ"})), "too weak"),
        (jwk(RS256, "k", json!({"e": ""})), "too weak"),
        (jwk(RS256, "k", json!({"n": "A".repeat(8000)})), "too weak"),
        (jwk(ES256, "k", json!({"x": "AAAA"})), "too weak"),
        (jwk(ES256, "k", json!({"y": "A".repeat(43)})), "too weak"),
        (jwk(EdDSA, "k", json!({"x": "A".repeat(44)})), "too weak"),
        (jwk(EdDSA, "k", json!({"d": "A".repeat(43)})), "private half"),
        (json!({"kid": "k"}), "no JWK"),
        (json!({"kty": 5, "kid": "k"}), "no JWK"),
        (json!("kty"), "no JWK"),
    ] {
        let found = passed_over(key.clone());
        assert!(found.contains(told), "{key}: {found:?}");
    }
    assert!(passed_over(json!({"kty": "oct", "kid": "x\ny"})).starts_with("\"x\\ny\": it is a symm"));
    let twins = set(&[jwk(ES256, "a", json!({})), jwk(ES256, "a", json!({}))]).to_string();
    assert!(KeySet::parse(twins.as_bytes()).expect("keys").passed_over[0].contains("another key"));
    for good in [
        jwk(RS256, "k", json!({"use": "sig", "key_ops": ["verify"], "alg": "RS256", "x5c": ["…"]})),
        jwk(EdDSA, "k", json!({"alg": "Ed25519"})),
        jwk(ES256, "k", json!({"alg": null, "use": null})),
    ] {
        assert_eq!(passed_over(good.clone()), "", "{good}");
    }
}

#[test]
fn a_set_without_a_key_to_rely_on_stops_the_start() {
    for (text, why) in [
        ("", JwksError::NotASet),
        ("<html>", JwksError::NotASet),
        ("[]", JwksError::NotASet),
        ("{\"keys\": 5}", JwksError::NotASet),
        ("{\"keys\": []}", JwksError::NoneUsable { keys: 0, passed_over: vec![] }),
    ] {
        assert_eq!(KeySet::parse(text.as_bytes()).map(|set| set.len()), Err(why), "{text}");
    }
    let symmetric = set(&[json!({"kty": "oct", "k": "c2VjcmV0"})]).to_string();
    let told = KeySet::parse(symmetric.as_bytes()).expect_err("a secret").to_string();
    assert!(told.contains("none of its 1 keys") && told.contains("number 1: it is a symmetric"), "{told}");
    let missing = Config { jwks_file: Some("/nowhere".into()), ..Config::default() };
    let found = Tokens::new(&missing, None, &Clock::system());
    assert!(matches!(found, Err(KeyError::NotAKeySet { .. })));
}

/// A provider that counts how often it is asked, and has nothing.
#[derive(Debug, Default)]
struct Silent(AtomicU32);

#[async_trait]
impl FetchKeys for Silent {
    async fn fetch(&self) -> Result<Fetched, Box<dyn std::error::Error + Send + Sync>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        Err("nothing".into())
    }
}

#[tokio::test]
async fn a_provider_that_is_down_is_asked_once_however_many_callers_come() {
    let (provider, clock) = (Arc::new(Silent::default()), Clock::system());
    let config = Config { jwks_url: Some("https://sso.example/keys".into()), ..Config::default() };
    let authority = Authority::new(&config, None, Some(provider.clone()), clock.clone()).expect("it opens");
    let authority = Arc::new(authority);
    let token = token(Algorithm::ES256, Some("a"));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (authority, token) = (Arc::clone(&authority), token.clone());
        callers.spawn(async move { authority.prove(&token).await });
    }
    while let Some(told) = callers.join_next().await {
        // Not 401, which would make callers throw their tokens away.
        assert_eq!(told.expect("no panic"), Err(CredentialError::Unavailable));
    }
    assert_eq!(provider.0.load(Ordering::Relaxed), 1);
    clock.advance(Duration::from_secs(300));
    assert_eq!(authority.prove(&token).await, Err(CredentialError::Unavailable));
    assert_eq!(provider.0.load(Ordering::Relaxed), 2);
}
