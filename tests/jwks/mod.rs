//! Tokens of an identity provider, whose keys come and go.

mod issuer;
mod trouble;

use std::time::Duration;

use exportd::config::Settings;
use jsonwebtoken::Algorithm;

use issuer::{Issuer, IssuerKey};

use crate::support::api::{Api, eventually};
use crate::support::house::House;

const MINUTE: Duration = Duration::from_secs(60);

/// A house that believes `issuer`.
fn believing(issuer: &Issuer) -> House {
    let house = house_with(|settings| settings.jwt.jwks_url = Some(issuer.url()));
    eventually("the keys are there", || (fetches(&house, "answered") >= 1.0).then_some(()));
    house
}

fn house_with(change: impl FnOnce(&mut Settings)) -> House {
    House::with(|settings| {
        settings.jwt.secret = None;
        change(settings);
    })
}

/// A caller of `house` with `token`.
fn caller(house: &House, token: String) -> Api {
    Api::new(house.address(), Some(token))
}

/// Whoever fails too often is refused in other words, but refused all the same.
fn status(house: &House, token: String) -> u16 {
    match caller(house, token).get("/api/v1/exports").status {
        429 => 401,
        status => status,
    }
}

fn fetches(house: &House, outcome: &str) -> f64 {
    house.metric(&format!("exportd_key_fetches_total{{outcome=\"{outcome}\"}}"))
}

#[test]
fn a_provider_s_tokens_are_believed_whatever_kind_of_key_it_has() {
    let keys: Vec<IssuerKey> = [("r", Algorithm::RS256), ("e", Algorithm::ES256), ("o", Algorithm::EdDSA)]
        .map(|(kid, algorithm)| IssuerKey::new(kid, algorithm))
        .into();
    let issuer = Issuer::start(&keys.iter().collect::<Vec<_>>());
    let house = believing(&issuer);
    for key in &keys {
        assert_eq!(status(&house, key.token("ana")), 200);
        assert_eq!(status(&house, key.token_called("ana", None)), 200, "the only one of its kind");
    }
    let stranger = IssuerKey::new("e", Algorithm::ES256);
    let refused = caller(&house, stranger.token("ana")).get("/api/v1/exports").expect(401);
    assert_eq!(refused.code(), "UNAUTHENTICATED");
    assert_eq!(house.metric(r#"exportd_auth_failures_total{reason="signature"}"#), 1.0);
    assert_eq!(status(&house, keys[0].token_called("ana", Some("e"))), 401, "another key's name");
}

#[test]
fn a_new_key_is_believed_at_once_and_an_old_one_no_more_once_it_left_the_set() {
    let (old, new) = (IssuerKey::new("old", Algorithm::ES256), IssuerKey::new("new", Algorithm::ES256));
    let issuer = Issuer::start(&[&old]);
    let house = believing(&issuer);
    assert_eq!(status(&house, old.token("ana")), 200);

    issuer.publish(&[&old, &new]);
    assert_eq!(status(&house, new.token("ana")), 200, "fetched because its name was unknown");
    assert_eq!(status(&house, old.token("ana")), 200);

    issuer.publish(&[&new]);
    assert_eq!(status(&house, old.token("ana")), 200, "nobody knows yet");
    house.clock().advance(60 * MINUTE);
    eventually("the old key is forgotten", || (status(&house, old.token("ana")) == 401).then_some(()));
    assert_eq!(status(&house, new.token("ana")), 200);
}

#[test]
fn a_provider_may_ask_for_more_frequent_looks_within_bounds() {
    let (old, new) = (IssuerKey::new("old", Algorithm::EdDSA), IssuerKey::new("new", Algorithm::EdDSA));
    let issuer = Issuer::start(&[&old]);
    issuer.says_of_caches("public, max-age=600");
    let house = believing(&issuer);
    issuer.publish(&[&new]);
    house.clock().advance(11 * MINUTE);
    eventually("the old key is forgotten", || (status(&house, old.token("ana")) == 401).then_some(()));
    assert_eq!(status(&house, new.token("ana")), 200);
}

#[test]
fn unknown_keys_by_the_thousand_make_one_question_in_five_minutes() {
    let key = IssuerKey::new("a", Algorithm::EdDSA);
    let issuer = Issuer::start(&[&key]);
    let house = believing(&issuer);
    let knock = || {
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (house, key) = (&house, &key);
                scope.spawn(move || {
                    for number in 0..125 {
                        let kid = format!("{thread}-{number}");
                        assert_eq!(status(house, key.token_called("ana", Some(&kid))), 401);
                    }
                });
            }
        });
    };
    knock();
    assert_eq!(issuer.asked().len(), 2, "at the start, and for the first unknown one");
    house.clock().advance(4 * MINUTE);
    knock();
    assert_eq!(issuer.asked().len(), 2);
    house.clock().advance(MINUTE);
    knock();
    assert_eq!(issuer.asked().len(), 3);
    assert_eq!(status(&house, key.token("ana")), 200);
}

#[test]
fn a_file_of_keys_is_read_again_when_it_changes() {
    let (old, new) = (IssuerKey::new("old", Algorithm::RS256), IssuerKey::new("new", Algorithm::EdDSA));
    let issuer = Issuer::start(&[&old]);
    let house = house_with(|settings| settings.jwt.jwks_file = Some(issuer.file()));
    assert_eq!((status(&house, old.token("ana")), status(&house, new.token("ana"))), (200, 401));
    std::fs::write(issuer.file(), "{\"keys\": [").expect("a file");
    assert_eq!(status(&house, old.token("ana")), 200, "a file in the middle of being written");
    issuer.publish(&[&new]);
    eventually("the new key is read", || (status(&house, new.token("ana")) == 200).then_some(()));
    assert_eq!(status(&house, old.token("ana")), 401);
    assert_eq!(issuer.asked(), [] as [String; 0]);
}
