//! What a forger would try, and what an honest operator would get wrong.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::test_keys::test_key;
use super::{Claims, Config, KeyError, SKEW, SignError, Tokens, sign};
use crate::clock::Clock;
use crate::domain::{Caller, Role, Timestamp, UserId};
use crate::security::{CredentialError, Secret};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const NOW: Timestamp = Timestamp::from_millis(1_763_683_200_000);
const SOON: i64 = 1_763_683_200 + 600;

fn by_secret() -> Config {
    Config { secret: Some(Secret::new(SECRET)), ..Config::default() }
}

fn by_file(name: &str) -> Config {
    Config { public_key_file: Some(test_key(name)), ..Config::default() }
}

fn tokens(config: &Config) -> Tokens {
    Tokens::new(config, None, &Clock::system()).expect("a usable key")
}

fn made(config: &Config) -> Result<Tokens, KeyError> {
    Tokens::new(config, None, &Clock::system())
}

fn signed(claims: &Value) -> String {
    encode(&Header::default(), claims, &EncodingKey::from_secret(SECRET.as_bytes())).expect("a token")
}

fn proved(config: &Config, claims: &Value) -> Result<Caller, CredentialError> {
    tokens(config).prove(&signed(claims), NOW)
}

fn part(json: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(json.to_string())
}

#[test]
fn a_token_that_exportd_signed_proves_its_user_until_it_expires() {
    let config = Config { issuer: Some("exportd".into()), audience: Some("exports".into()), ..by_secret() };
    let end = NOW.plus(Duration::from_secs(60));
    let ana: UserId = "ana".parse().expect("a user");
    let claims = Claims::new(ana.clone(), Role::Admin, end).within(&config);
    let token = sign(&Secret::new(SECRET), &claims).expect("a token");
    let ours = tokens(&config);
    assert_eq!(ours.prove(&token, NOW), Ok(Caller::new(ana, Role::Admin)));

    let last = end.plus(SKEW).minus(Duration::from_millis(1));
    assert!(ours.prove(&token, last).is_ok());
    assert_eq!(ours.prove(&token, end.plus(SKEW)), Err(CredentialError::Expired { at: end }));
}

#[test]
fn forgeries_are_refused() {
    let claims = json!({"sub": "ana", "role": "admin", "exp": SOON});
    let honest = signed(&claims);
    let (header, rest) = honest.split_once('.').expect("three parts");
    let (payload, signature) = rest.split_once('.').expect("three parts");
    let other = encode(&Header::default(), &claims, &EncodingKey::from_secret(&[7; 32])).expect("a token");
    let hs512 = encode(&Header::new(Algorithm::HS512), &claims, &EncodingKey::from_secret(SECRET.as_bytes()))
        .expect("a token");
    let none = part(&json!({"alg": "none", "typ": "JWT"}));
    let richer = part(&json!({"sub": "ana", "role": "admin", "exp": SOON + 1_000_000}));
    for (forged, why) in [
        (format!("{none}.{payload}."), CredentialError::Malformed),
        (format!("{none}.{payload}.{signature}"), CredentialError::Malformed),
        (format!("{header}.{richer}.{signature}"), CredentialError::Forged),
        (format!("{header}.{payload}."), CredentialError::Forged),
        (format!("{header}.{payload}"), CredentialError::Malformed),
        (other, CredentialError::Forged),
        (hs512, CredentialError::WrongAlgorithm),
        (String::new(), CredentialError::Malformed),
        ("a.b.c".into(), CredentialError::Malformed),
        (format!("{honest}.{signature}"), CredentialError::Malformed),
    ] {
        assert_eq!(tokens(&by_secret()).prove(&forged, NOW), Err(why), "{forged}");
    }
}

#[test]
fn a_token_whose_critical_extension_is_unknown_is_refused() {
    let header = Header { crit: Some(vec!["b64".into()]), ..Header::default() };
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let token = encode(&header, &json!({"sub": "ana", "exp": SOON}), &key).expect("a token");
    assert_eq!(tokens(&by_secret()).prove(&token, NOW), Err(CredentialError::Malformed));
}

#[test]
fn a_token_without_expiry_or_user_or_with_a_strange_role_is_refused() {
    let config = by_secret();
    for (claims, why) in [
        (json!({"sub": "ana"}), CredentialError::NoExpiry),
        (json!({"sub": "ana", "exp": null}), CredentialError::NoExpiry),
        (json!({"sub": "ana", "exp": "2099-01-01"}), CredentialError::Malformed),
        (json!({"exp": SOON}), CredentialError::NoUser),
        (json!({"sub": "../../etc", "exp": SOON}), CredentialError::NoUser),
        (json!({"sub": "ana", "userId": "bob", "exp": SOON}), CredentialError::NoUser),
        (json!({"sub": "ana", "role": "root", "exp": SOON}), CredentialError::UnknownRole),
        (json!({"sub": "ana", "role": "Admin", "exp": SOON}), CredentialError::UnknownRole),
        (
            json!({"sub": "ana", "exp": SOON, "nbf": SOON}),
            CredentialError::NotYetValid { from: Timestamp::from_millis(SOON * 1000) },
        ),
    ] {
        assert_eq!(proved(&config, &claims), Err(why), "{claims}");
    }
}

#[test]
fn role_and_user_are_read_as_several_earlier_systems_wrote_them() {
    for (claims, role) in [
        (json!({"sub": "ana", "exp": SOON}), Role::User),
        (json!({"userId": "ana", "role": "user", "exp": SOON}), Role::User),
        (json!({"sub": "ana", "userId": "ana", "role": "admin", "exp": 1e18}), Role::Admin),
        (json!({"sub": "ana", "scope": "exports:read admin", "exp": SOON as f64 + 0.5}), Role::Admin),
        (json!({"sub": "ana", "scope": "administer", "exp": SOON}), Role::User),
        (json!({"sub": "ana", "scope": "admin", "role": "user", "exp": SOON}), Role::User),
        (json!({"sub": "ana", "exp": SOON, "nbf": SOON - 570, "aud": "anyone"}), Role::User),
    ] {
        let caller = proved(&by_secret(), &claims);
        assert_eq!(caller.map(|caller| caller.role), Ok(role), "{claims}");
    }
}

#[test]
fn issuer_and_audience_are_required_once_configured() {
    let config = Config { issuer: Some("sso".into()), audience: Some("exportd".into()), ..by_secret() };
    for (iss, aud, answer) in [
        (json!("sso"), json!("exportd"), Ok(())),
        (json!("sso"), json!(["other", "exportd"]), Ok(())),
        (json!("sso"), json!(["other"]), Err(CredentialError::WrongAudience)),
        (json!("sso"), json!(null), Err(CredentialError::WrongAudience)),
        (json!("elsewhere"), json!("exportd"), Err(CredentialError::WrongIssuer)),
        (json!(null), json!("exportd"), Err(CredentialError::WrongIssuer)),
    ] {
        let claims = json!({"sub": "ana", "exp": SOON, "iss": iss, "aud": aud});
        assert_eq!(proved(&config, &claims).map(|_| ()), answer, "{claims}");
    }
}

#[test]
fn each_kind_of_public_key_checks_its_own_algorithm_and_no_other() {
    let private = |name| std::fs::read(test_key(name)).expect("a test key");
    let rsa = EncodingKey::from_rsa_pem(&private("rsa_private.pem")).expect("a key");
    let p256 = EncodingKey::from_ec_pem(&private("p256_private.pem")).expect("a key");
    let ed25519 = EncodingKey::from_ed_pem(&private("ed25519_private.pem")).expect("a key");
    let pairs = [
        ("rsa_public.pem", Algorithm::RS256, rsa),
        ("p256_public.pem", Algorithm::ES256, p256),
        ("ed25519_public.pem", Algorithm::EdDSA, ed25519),
    ];
    let claims = json!({"sub": "ana", "exp": SOON});
    for (checker, _, _) in &pairs {
        let config = by_file(checker);
        for (signer, algorithm, key) in &pairs {
            let token = encode(&Header::new(*algorithm), &claims, key).expect("a token");
            assert_eq!(tokens(&config).prove(&token, NOW).is_ok(), checker == signer, "{checker} {signer}");
        }
        // The classic: the public key, known to all, taken for an HMAC secret.
        let public = std::fs::read(test_key(checker)).expect("a test key");
        let forged =
            encode(&Header::default(), &claims, &EncodingKey::from_secret(&public)).expect("a token");
        assert_eq!(tokens(&config).prove(&forged, NOW), Err(CredentialError::WrongAlgorithm), "{checker}");
    }
}

#[test]
fn a_key_that_should_not_be_relied_on_stops_the_start() {
    assert!(matches!(made(&Config::default()), Err(KeyError::Missing)));
    let both = Config { secret: Some(Secret::new(SECRET)), ..by_file("p256_public.pem") };
    assert!(matches!(made(&both), Err(KeyError::Several(_))));
    let secret = |text: &str| Config { secret: Some(Secret::new(text)), ..Config::default() };
    assert!(matches!(made(&secret(&SECRET[1..])), Err(KeyError::SecretTooShort { bytes: 31 })));
    let claims = Claims::new("ana".parse().expect("a user"), Role::User, NOW);
    assert!(matches!(sign(&Secret::new("short"), &claims), Err(SignError::Key(_))));
    let pem = std::fs::read_to_string(test_key("rsa_public.pem")).expect("a test key");
    assert!(matches!(made(&secret(&pem)), Err(KeyError::SecretIsAKey)));
    assert!(matches!(made(&by_file("rsa_private.pem")), Err(KeyError::PrivateKey { .. })));
    assert!(matches!(made(&by_file("missing.pem")), Err(KeyError::Unreadable { .. })));
    for weak in ["p384_public.pem", "rsa1024_public.pem", "words.pem"] {
        assert!(matches!(made(&by_file(weak)), Err(KeyError::NotAPublicKey { .. })), "{weak}");
    }
}
