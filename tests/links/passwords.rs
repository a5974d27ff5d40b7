//! Links that have a password.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use crate::support::house::House;

use super::{Given, packed};

const PASSWORD: &str = "correct horse: bättery";

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64.encode(format!("{user}:{password}")))
}

#[test]
fn the_password_opens_and_nothing_else_does() {
    let house = House::open();
    let export = packed(&house, 10_000);
    let link = Given::of(&export, &json!({"password": PASSWORD}));
    let asked = link.get(&[]).expect(401);
    assert_eq!(asked.code(), "PASSWORD_REQUIRED");
    assert_eq!(asked.header("www-authenticate"), r#"Basic realm="exportd link", charset="UTF-8""#);
    assert_eq!(asked.header("referrer-policy"), "no-referrer");
    link.head().expect(401);
    for user in ["", "ada", "anyone at all"] {
        link.get(&[("authorization", &basic(user, PASSWORD))]).expect(200);
    }
    let wrong = link.get(&[("authorization", &basic("ada", "wrong"))]).expect(401);
    assert_eq!(
        (wrong.code(), wrong.header("www-authenticate")),
        ("PASSWORD_WRONG".into(), asked.header("www-authenticate"))
    );
    let bearer = format!("Bearer {}", export.api.token());
    assert_eq!(link.get(&[("authorization", &bearer)]).expect(401).code(), "PASSWORD_REQUIRED");
    assert_eq!(link.get(&[("authorization", "Basic %%%")]).expect(401).code(), "PASSWORD_REQUIRED");

    let open = Given::of(&export, &json!({}));
    open.get(&[("authorization", &basic("ada", "whatever"))]).expect(200);
    for password in ["", "a\u{7}b", &"x".repeat(257)] {
        let refused = export.api.post(&export.path("/links"), &json!({"password": password})).expect(400);
        assert_eq!(refused.code(), "VALIDATION_FAILED");
    }
    // A link that has ended does not ask for a password any more.
    export.api.delete(&link.page).expect(204);
    assert_eq!(link.get(&[]).expect(410).code(), "LINK_REVOKED");
    assert_eq!(link.get(&[("authorization", &basic("", PASSWORD))]).expect(410).code(), "LINK_REVOKED");
}

#[test]
fn whoever_guesses_is_slowed_and_whoever_knows_gets_in_meanwhile() {
    let house = House::open();
    let export = packed(&house, 10_000);
    let link = Given::of(&export, &json!({"password": PASSWORD}));
    let from = |address: &str, password: &str| {
        link.get(&[("x-forwarded-for", address), ("authorization", &basic("", password))])
    };
    for guess in 0..5 {
        assert_eq!(from("203.0.113.9", &format!("guess {guess}")).expect(401).code(), "PASSWORD_WRONG");
    }
    let slowed = from("203.0.113.9", "guess 5").expect(429);
    assert_eq!((slowed.code(), slowed.header("retry-after")), ("RATE_LIMITED".into(), "1".into()));
    assert_eq!((&slowed.json()["retryAfterSeconds"], &slowed.json()["remaining"]), (&json!(1), &json!(0)));
    assert_eq!(from("203.0.113.9", PASSWORD).expect(429).code(), "RATE_LIMITED", "not even looked at");
    from("198.51.100.7", PASSWORD).expect(200);
    // What was right before needs no looking at.
    from("203.0.113.9", PASSWORD).expect(200);
    house.clock().advance(Duration::from_secs(1));
    from("203.0.113.9", "guess 6").expect(401);
    assert_eq!(from("203.0.113.9", "guess 7").expect(429).header("retry-after"), "2", "doubled");
    assert_eq!(house.metric(r#"exportd_rate_limited_total{policy="link_password"}"#), 3.0);
    assert_eq!(house.metric(r#"exportd_link_refusals_total{reason="password_wrong"}"#), 6.0);
}

#[test]
fn guesses_from_everywhere_are_slowed_and_the_password_gets_in_from_a_new_place() {
    let house = House::open();
    let export = packed(&house, 10_000);
    let link = Given::of(&export, &json!({"password": PASSWORD}));
    let from = |address: &str, password: &str| {
        link.get(&[("x-forwarded-for", address), ("authorization", &basic("", password))])
    };
    for place in 0..20 {
        from(&format!("198.51.100.{place}"), "guess").expect(401);
    }
    assert_eq!(from("198.51.100.200", "guess").expect(429).header("retry-after"), "1");
    house.clock().advance(Duration::from_secs(2));
    from("198.51.100.201", PASSWORD).expect(200);
}
