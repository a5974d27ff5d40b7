//! Admins who act for others.

use serde_json::json;
use ureq::http::Method;

use crate::support::api::{Api, wanted};
use crate::support::house::House;

use super::{Made, TOKENS};

const FOR_ADA: (&str, &str) = ("x-on-behalf-of", "ada");

#[test]
fn an_admin_acts_for_a_user_and_may_do_then_what_the_user_may() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    house.project("bob", "blog").file("b", "b");
    let of_bob = house.user("bob").request("blog");
    of_bob.completed();
    let root = house.admin();
    let token = Made::by(&root, &["admin"]);
    for admin in [&root, &token.api] {
        let made = admin.post_with("/api/v1/exports", &wanted("shop"), &[FOR_ADA]).expect_one_of(&[200, 202]);
        let export = house.user("ada").export(&made.text("/id"));
        export.completed();
        admin.get_with(&export.path("/download"), &[FOR_ADA]).expect(200);
        assert_eq!(admin.get_with(&of_bob.path(""), &[FOR_ADA]).expect(403).code(), "FORBIDDEN");
        admin.get_with("/api/v1/exports?userId=bob", &[FOR_ADA]).expect(403);
        admin.get(&of_bob.path("")).expect(200);
    }
}

#[test]
fn nobody_else_acts_for_anybody() {
    let house = House::open();
    let (eve, root) = (house.user("eve"), house.admin());
    let narrow = Made::by(&root, &["exports:write"]);
    for api in [&eve, &narrow.api] {
        let refused = api.get_with("/api/v1/exports", &[FOR_ADA]).expect(403);
        assert_eq!(refused.code(), "FORBIDDEN");
        assert!(refused.text("/detail").contains("X-On-Behalf-Of"));
    }
    assert_eq!(eve.get_with("/api/v1/exports", &[("x-on-behalf-of", "eve")]).expect(403).code(), "FORBIDDEN");
    eve.anonymous().get_with("/api/v1/exports", &[FOR_ADA]).expect(401);
    for wrong in [&[("x-on-behalf-of", "")][..], &[("x-on-behalf-of", "../ada")], &[FOR_ADA, FOR_ADA]] {
        let refused = root.get_with("/api/v1/exports", wrong).expect(400);
        assert_eq!(refused.code(), "VALIDATION_FAILED", "{wrong:?}");
    }
    assert_eq!(house.metric(r#"exportd_auth_failures_total{reason="acting"}"#), 6.0);
}

#[test]
fn what_an_admin_makes_for_a_user_is_that_users_and_no_admins() {
    let house = House::open();
    let (ada, root) = (house.user("ada"), house.admin());
    let wanted = json!({"name": "for Ada", "scopes": ["exports:write"]});
    let made = Made::of(&root, &root.post_with(TOKENS, &wanted, &[FOR_ADA]).expect(201));
    let wide = json!({"name": "for Ada", "scopes": ["admin"]});
    assert_eq!(root.post_with(TOKENS, &wide, &[FOR_ADA]).expect(403).code(), "FORBIDDEN");
    assert_eq!(
        house.stored::<String>("SELECT owner || ' ' || role || ' ' || acting FROM api_tokens"),
        "ada user root"
    );
    made.api.get_with("/api/v1/exports", &[("x-on-behalf-of", "bob")]).expect(403);
    let seen = ada.get(TOKENS).expect(200).json();
    assert_eq!(seen["items"][0]["id"], made.id.as_str());
    ada.delete(&made.path()).expect(204);
    made.api.get("/api/v1/exports").expect(401);
}

#[test]
fn replies_kept_for_an_admin_are_not_given_to_the_user() {
    let house = House::open();
    let (ada, root) = (house.user("ada"), house.admin());
    let wanted = json!({"name": "a", "scopes": ["exports:write"]});
    let key = ("idempotency-key", "one");
    let made = root.post_with(TOKENS, &wanted, &[FOR_ADA, key]).expect(201);
    let again = root.post_with(TOKENS, &wanted, &[FOR_ADA, key]).expect(201);
    assert_eq!(made.json(), again.json());
    let other = ada.post_with(TOKENS, &wanted, &[key]).expect(422);
    assert_eq!(other.code(), "IDEMPOTENCY_KEY_REUSED");
    let by_name = Api::send(&root, Method::GET, TOKENS, &[FOR_ADA], None).expect(200);
    assert_eq!(by_name.json()["items"].as_array().map(Vec::len), Some(1));
}
