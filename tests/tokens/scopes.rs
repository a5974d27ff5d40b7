//! How far a credential reaches.

use serde_json::{Value, json};

use crate::support::api::{Api, wanted};
use crate::support::house::House;

use super::{Made, TOKENS, asked};

/// A JWT of Ada's with these claims beside the usual ones.
fn signed(house: &House, claims: &Value) -> Api {
    let mut all = json!({"sub": "ada", "exp": 4_102_444_800_i64});
    all.as_object_mut().expect("claims").extend(claims.as_object().expect("claims").clone());
    let secret = house.settings().jwt.secret.as_ref().expect("a secret").expose().as_bytes();
    let key = jsonwebtoken::EncodingKey::from_secret(secret);
    let token = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &all, &key).expect("signed");
    Api::new(house.user("ada").address(), Some(token))
}

/// What a program that may only read is and is not let do with an export of Ada's.
fn may_only_read(house: &House, reader: &Api) {
    let ada = house.user("ada");
    let export = ada.request("shop");
    export.completed();
    for path in ["/api/v1/exports", &export.path(""), &export.path("/download"), TOKENS] {
        reader.get(path).expect(200);
        reader.head(path, &[]).expect(200);
    }
    // Questions that need a body change nothing.
    reader.post("/api/v1/exports/estimate", &wanted("shop")).expect(200);
    reader.act(&export.path("/verify")).expect(200);

    let refused = [
        reader.post("/api/v1/exports", &wanted("shop")),
        reader.act(&export.path("/cancel")),
        reader.act(&export.path("/retry")),
        reader.post(&export.path("/links"), &json!({})),
        reader.delete(&export.path("")),
        reader.put("/api/v1/projects/shop", &json!({})),
        asked(reader, &["exports:read"]),
        reader.post_with("/api/v1/exports", &wanted("shop"), &[("idempotency-key", "k")]),
    ];
    for answer in refused {
        let answer = answer.expect(403);
        assert_eq!(answer.code(), "FORBIDDEN");
        assert!(answer.text("/detail").contains("may only read"), "{}", answer.json());
    }
    assert_eq!(export.status(), "completed");
}

#[test]
fn a_token_for_reading_reads_and_changes_nothing() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    may_only_read(&house, &Made::by(&house.user("ada"), &["exports:read"]).api);
}

#[test]
fn a_jwt_reaches_no_further_than_its_scope_says_of_exports() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    may_only_read(&house, &signed(&house, &json!({"scope": "openid exports:read email"})));
    may_only_read(&house, &signed(&house, &json!({"scope": "exports:something-new"})));
    for claims in [
        json!({}),
        json!({"scope": "openid email"}),
        json!({"scope": "exports:read exports:write"}),
        json!({"scope": "admin exports:read"}),
    ] {
        signed(&house, &claims).post("/api/v1/exports", &wanted("shop")).expect_one_of(&[200, 202]);
    }
    // An admin, whose token is for less.
    let bob = house.user("bob").get("/api/v1/exports?userId=ada").expect(403);
    assert_eq!(bob.code(), "FORBIDDEN");
    let narrow = signed(&house, &json!({"sub": "root", "role": "admin", "scope": "exports:read"}));
    narrow.get("/api/v1/exports?userId=ada").expect(403);
    signed(&house, &json!({"sub": "root", "role": "admin"})).get("/api/v1/exports?userId=ada").expect(200);
}

#[test]
fn an_admins_token_is_for_everyones_exports_only_when_it_says_so() {
    let house = House::open();
    let root = house.admin();
    let (narrow, wide) = (Made::by(&root, &["exports:write"]), Made::by(&root, &["admin"]));
    let of_ada = "/api/v1/exports?userId=ada";
    assert_eq!(narrow.api.get(of_ada).expect(403).code(), "FORBIDDEN");
    wide.api.get(of_ada).expect(200);
}

#[test]
fn a_token_never_makes_one_that_reaches_further_or_lasts_longer() {
    let house = House::open();
    let (ada, root) = (house.user("ada"), house.admin());
    let refused = asked(&ada, &["exports:read", "admin"]).expect(403);
    assert_eq!(refused.code(), "FORBIDDEN", "only an admin's is an admin's");
    // What a token made would be good after it has expired or was revoked.
    for made in [Made::by(&ada, &["exports:write"]), Made::by(&root, &["admin"])] {
        assert_eq!(asked(&made.api, &["exports:read"]).expect(403).code(), "FORBIDDEN");
    }
}
