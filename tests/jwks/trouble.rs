//! A provider that is down, slow, huge, or talks nonsense.

use std::time::Duration;

use jsonwebtoken::Algorithm;

use super::issuer::{Issuer, IssuerKey};
use super::{believing, caller, fetches, house_with, status};
use crate::support::api::eventually;

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_house_opens_while_its_provider_is_down_and_believes_it_once_it_is_up() {
    let key = IssuerKey::new("a", Algorithm::ES256);
    let mut issuer = Issuer::start(&[&key]);
    issuer.down();
    let house = house_with(|settings| settings.jwt.jwks_url = Some(issuer.url()));
    let away = caller(&house, key.token("ana")).get("/api/v1/exports").expect(503);
    // A client that is told 401 throws its token away, which may be good.
    assert_eq!((away.code().as_str(), away.header("retry-after").as_str()), ("UNAVAILABLE", "2"));
    house.ops().get("/readyz").expect(200);
    assert_eq!(caller(&house, key.token("ana")).anonymous().get("/api/v1/exports").status, 401);

    issuer.up();
    eventually("the provider is believed", || (status(&house, key.token("ana")) == 200).then_some(()));
    assert!(fetches(&house, "failed") >= 1.0);
}

#[test]
fn the_keys_there_are_stay_when_new_ones_cannot_be_had() {
    let (key, other) = (IssuerKey::new("a", Algorithm::EdDSA), IssuerKey::new("b", Algorithm::EdDSA));
    let issuer = Issuer::start(&[&key]);
    let house = believing(&issuer);
    issuer.publish(&[&other]);
    for mode in ["broken", "garbage", "huge", "redirect", "slow"] {
        issuer.becomes(mode);
        let (failed, answered) = (fetches(&house, "failed"), fetches(&house, "answered"));
        house.clock().advance(HOUR);
        eventually(mode, || {
            let ended = fetches(&house, "failed") > failed || fetches(&house, "answered") > answered;
            ended.then_some(())
        });
        assert_eq!(status(&house, key.token("ana")), 200, "{mode}");
        assert_eq!(status(&house, other.token("ana")), 401, "{mode}");
    }
    assert!(!issuer.asked().contains(&"/elsewhere".to_owned()), "no redirect is followed");
    issuer.becomes("good");
    house.clock().advance(HOUR);
    eventually("the new key is believed", || (status(&house, other.token("ana")) == 200).then_some(()));
    assert_eq!(status(&house, key.token("ana")), 401);
}

#[test]
fn a_provider_that_cannot_prove_who_it_is_is_not_believed() {
    let key = IssuerKey::new("a", Algorithm::EdDSA);
    let issuer = Issuer::start_untrusted(&[&key]);
    let house = house_with(|settings| settings.jwt.jwks_url = Some(issuer.url()));
    eventually("it was asked", || (fetches(&house, "failed") >= 1.0).then_some(()));
    assert_eq!(status(&house, key.token("ana")), 503);
    assert_eq!(fetches(&house, "answered"), 0.0);
    assert_eq!(issuer.asked(), [] as [String; 0], "not even the path is told");
}
