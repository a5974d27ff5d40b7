//! Who is calling, and what a credential that proves nothing gets.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use crate::support::api::Api;
use crate::support::house::House;

#[test]
fn nothing_but_a_true_token_opens_the_door_and_no_refusal_tells_which_part_was_wrong() {
    let house = House::open();
    let good = house.user("ada");
    good.get("/api/v1/exports").expect(200);
    let parts: Vec<_> = good.token().split('.').map(str::to_owned).collect();
    let none = BASE64URL.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let admin = BASE64URL.encode(r#"{"sub":"ada","role":"admin","exp":4102444800}"#);
    let forged = [
        String::new(),
        "nonsense".to_owned(),
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{}.{admin}.{}", parts[0], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], BASE64URL.encode("wrong")),
        format!("{}.{}", parts[0], parts[1]),
    ];
    let told: std::collections::HashSet<_> = forged
        .iter()
        .map(|token| {
            let answer = Api::new(good.address(), Some(token.clone())).get("/api/v1/exports").expect(401);
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{token}");
            (answer.code(), answer.text("/detail"))
        })
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(house.metric(r#"exportd_auth_failures_total{reason="malformed"}"#) >= 0.0);
}

#[test]
fn a_token_expires_by_the_clock_of_the_house() {
    let house = House::open();
    let ada = house.user("ada");
    ada.get("/api/v1/exports").expect(200);
    house.clock().advance(std::time::Duration::from_secs(3_651 * 86_400));
    assert_eq!(ada.get("/api/v1/exports").expect(401).code(), "TOKEN_EXPIRED");
}

#[test]
fn a_user_sees_their_own_and_an_admin_all() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    house.project("bob", "blog").file("b", "b");
    let (ada, bob) = (house.user("ada").request("shop"), house.user("bob").request("blog"));
    ada.completed();
    bob.completed();
    let ids = |api: &Api, query: &str| -> Vec<String> {
        let page = api.get(&format!("/api/v1/exports{query}")).expect(200).json();
        let items = page["items"].as_array().expect("items").iter();
        items.map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(ids(&house.user("ada"), ""), std::slice::from_ref(&ada.id));
    assert_eq!(ids(&house.admin(), "").len(), 2);
    assert_eq!(ids(&house.admin(), "?userId=bob"), std::slice::from_ref(&bob.id));
    assert_eq!(house.user("ada").get("/api/v1/exports?userId=bob").expect(403).code(), "FORBIDDEN");
    let eve = house.user("eve");
    for rest in ["", "/events", "/log", "/manifest"] {
        let code = eve.get(&ada.path(rest)).expect(403).code();
        assert!(["FORBIDDEN", "DOWNLOAD_UNAUTHORIZED"].contains(&code.as_str()), "{rest}: {code}");
    }
}

#[test]
fn whichever_way_somebody_comes_in_they_are_the_same_caller() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let export = ada.request("shop");
    export.completed();
    let wanted = serde_json::json!({"name": "a program", "scopes": ["exports:read"]});
    let token = ada.post("/api/v1/tokens", &wanted).expect(201).text("/token");
    let cookie = ada.act("/api/v1/session").expect(201).header("set-cookie");
    let cookie = [("cookie", cookie.split(';').next().expect("a pair"))];
    let (by_token, nobody) = (Api::new(ada.address(), Some(token)), ada.anonymous());
    for path in ["/api/v1/exports", &export.path(""), &export.path("/manifest"), "/api/v1/projects"] {
        let by_jwt = ada.get(path).expect(200).json();
        assert_eq!(by_token.get(path).expect(200).json(), by_jwt, "{path}");
        assert_eq!(nobody.get_with(path, &cookie).expect(200).json(), by_jwt, "{path}");
    }
    // A download that one begins the other may resume.
    let whole = export.download(&[]).expect(200).body;
    let half = [("range", "bytes=10-"), cookie[0]];
    assert_eq!(nobody.get_with(&export.path("/download"), &half).expect(206).body, whole[10..]);
}

#[test]
fn a_users_project_is_out_of_reach_for_others_however_they_spell_it() {
    let house = House::open();
    house.project("ada", "secret").file("plan", "x");
    house.project("eve", "own").file("a", "a");
    let eve = house.user("eve");
    let projects = house.settings().projects.root.clone();
    std::os::unix::fs::symlink(projects.join("ada/secret"), projects.join("eve/link")).expect("a link");
    for id in ["secret", "link"] {
        let code = eve.post("/api/v1/exports", &crate::support::api::wanted(id)).expect(404).code();
        assert_eq!(code, "PROJECT_NOT_FOUND", "{id}");
    }
    for id in ["../ada/secret", "..", "a/b", "x\u{0}y"] {
        eve.post("/api/v1/exports", &crate::support::api::wanted(id)).expect(400);
    }
    let pointing = serde_json::json!({"source": {"type": "directory", "path": projects.join("ada/secret")}});
    eve.put("/api/v1/projects/mine", &pointing).expect_one_of(&[400, 403]);
}
