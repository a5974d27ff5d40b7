//! API tokens: made for programs, limited to what they are for, taken back at once.

mod acting;
mod failures;
mod scopes;
mod secrecy;

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::api::{Answer, Api, eventually};
use crate::support::house::House;
use crate::support::postgres::OwnDatabase;

const TOKENS: &str = "/api/v1/tokens";

/// A token that was made, and a program that has it.
struct Made {
    id: String,
    secret: String,
    api: Api,
}

impl Made {
    /// Made by `maker` with these scopes.
    fn by(maker: &Api, scopes: &[&str]) -> Self {
        Self::of(maker, &asked(maker, scopes).expect(201))
    }

    fn of(maker: &Api, answer: &Answer) -> Self {
        let secret = answer.text("/token");
        Self { id: answer.text("/id"), api: Api::new(maker.address(), Some(secret.clone())), secret }
    }

    fn path(&self) -> String {
        format!("{TOKENS}/{}", self.id)
    }
}

fn asked(maker: &Api, scopes: &[&str]) -> Answer {
    maker.post(TOKENS, &json!({"name": "backup", "scopes": scopes}))
}

fn listed(api: &Api) -> Vec<Value> {
    let list = api.get(TOKENS).expect(200).json();
    list["items"].as_array().expect("items").clone()
}

#[test]
fn a_token_is_told_once_opens_what_its_owner_may_and_is_listed() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let wanted = json!({"name": "nightly bäckup", "scopes": ["exports:write"], "expiresInSeconds": 3600});
    let answer = ada.post(TOKENS, &wanted).expect(201);
    let made = Made::of(&ada, &answer);
    assert_eq!(answer.header("location"), made.path());
    assert!(made.secret.starts_with("exd_") && made.secret.len() == 53, "{}", made.secret);
    assert_eq!(answer.json()["name"], "nightly bäckup");
    assert_eq!(answer.json()["scopes"], json!(["exports:write"]));
    assert!(answer.json()["lastUsedAt"].is_null());

    let export = made.api.request("shop");
    export.completed();
    export.download(&[]).expect(200);
    assert_eq!(ada.export(&export.id).show()["id"], export.id.as_str(), "it is Ada's");
    // Whoever uses it does not wait for that to be written down.
    let used = eventually("its use", || listed(&ada).pop().filter(|token| token["lastUsedAt"].is_string()));
    assert_eq!((&used["id"], &used["createdAt"]), (&json!(made.id), &answer.json()["createdAt"]));
    assert!(!used.to_string().contains(&made.secret[4..]) && used["token"].is_null());
    assert_eq!(listed(&house.user("bob")), Vec::<Value>::new());

    house.clock().advance(Duration::from_secs(3600));
    let expired = made.api.get("/api/v1/exports").expect(401);
    assert_eq!(expired.code(), "TOKEN_EXPIRED");
    assert!(expired.header("www-authenticate").contains(r#"error="invalid_token""#));
    assert_eq!(listed(&ada), Vec::<Value>::new());
}

#[test]
fn a_use_is_written_down_once_a_minute_and_no_more() {
    let house = House::open();
    let made = Made::by(&house.user("ada"), &["exports:read"]);
    let last = || house.stored::<Option<i64>>("SELECT last_used_at FROM api_tokens");
    let use_it = || drop(made.api.get("/api/v1/exports").expect(200));
    use_it();
    let first = eventually("its first use", last);
    house.clock().advance(Duration::from_secs(30));
    (0..20).for_each(|_| use_it());
    assert_eq!(last(), Some(first));
    house.clock().advance(Duration::from_secs(30));
    use_it();
    eventually("its next use", || last().filter(|at| *at >= first + 60_000));
}

#[test]
fn a_revoked_token_proves_nobody_from_then_on_through_any_server_and_after_a_restart() {
    let rows = OwnDatabase::create();
    let open = || House::with(|settings| settings.database = rows.config());
    let (here, there) = (open(), open());
    let ada = here.user("ada");
    let (made, kept) = (Made::by(&ada, &["exports:read"]), Made::by(&ada, &["exports:read"]));
    let elsewhere = made.api.at(there.user("ada").address());
    for api in [&made.api, &elsewhere] {
        api.get("/api/v1/exports").expect(200);
    }
    there.user("ada").delete(&made.path()).expect(204);
    for api in [&made.api, &elsewhere] {
        assert_eq!(api.get("/api/v1/exports").expect(401).code(), "UNAUTHENTICATED");
    }
    ada.delete(&made.path()).expect(204);
    assert_eq!(listed(&ada).len(), 1);
    drop(there);
    let here = here.reopened();
    let address = here.user("ada").address();
    made.api.at(address).get("/api/v1/exports").expect(401);
    kept.api.at(address).get("/api/v1/exports").expect(200);
}

#[test]
fn a_token_is_its_owners_and_an_admins_to_see_and_revoke() {
    let house = House::open();
    let (ada, eve, root) = (house.user("ada"), house.user("eve"), house.admin());
    let (made, other) = (Made::by(&ada, &["exports:read"]), Made::by(&ada, &["exports:write"]));
    assert_eq!(eve.delete(&made.path()).expect(404).code(), "TOKEN_NOT_FOUND");
    assert_eq!(eve.get(&format!("{TOKENS}?userId=ada")).expect(403).code(), "FORBIDDEN");
    eve.get(&format!("{TOKENS}?userId=eve")).expect(200);
    made.api.get("/api/v1/exports").expect(200);
    let seen = root.get(&format!("{TOKENS}?userId=ada")).expect(200).json();
    assert_eq!(seen["items"].as_array().map(Vec::len), Some(2));
    root.delete(&made.path()).expect(204);
    made.api.get("/api/v1/exports").expect(401);
    other.api.delete(&other.path()).expect(204);
    other.api.get("/api/v1/exports").expect(401);

    let unknown = format!("{TOKENS}/00000000-0000-7000-8000-000000000000");
    assert_eq!(ada.delete(&unknown).expect(404).code(), "TOKEN_NOT_FOUND");
    assert_eq!(ada.delete(&format!("{TOKENS}/17")).expect(400).code(), "INVALID_ID");
    ada.get(&format!("{TOKENS}?userId=a/b")).expect(400);
    for wrong in [
        json!({}),
        json!({"name": "", "scopes": ["exports:read"]}),
        json!({"name": "a", "scopes": []}),
        json!({"name": "a", "scopes": ["exports:all"]}),
        json!({"name": "a", "scopes": ["exports:read"], "expiresInSeconds": 0}),
        json!({"name": "a", "scopes": ["exports:read"], "userId": "bob"}),
    ] {
        assert_eq!(ada.post(TOKENS, &wrong).expect(400).code(), "VALIDATION_FAILED", "{wrong}");
    }
}

#[test]
fn a_user_has_a_hundred_tokens_at_a_time_and_no_more() {
    let house = House::open();
    let ada = house.user("ada");
    let made: Vec<Made> = (0..100).map(|_| Made::by(&ada, &["exports:read"])).collect();
    let refused = asked(&ada, &["exports:read"]).expect(409);
    assert_eq!(refused.code(), "CONFLICT");
    assert!(refused.text("/detail").contains("revoke one"));
    ada.delete(&made[7].path()).expect(204);
    Made::by(&ada, &["exports:read"]);
}
