//! Requests that machines sign (RFC 9421).

mod forged;
mod guide;
pub mod machine;
mod once;

use ureq::http::Method;

use machine::{KeyFile, Request, SECRET, digest_512};

use crate::support::api::{eventually, wanted};

const EXPORTS: &str = "/api/v1/exports";

#[test]
fn a_machine_asks_looks_and_downloads_with_signatures_alone() {
    let keys = KeyFile::new();
    // Nobody but machines is known here.
    let house = keys.house(|settings| settings.jwt.secret = None);
    house.project("ci", "shop").file("a.txt", "hello");
    let asked = Request::new(&house, "ci", Method::POST, EXPORTS).json(&wanted("shop")).signed();
    let id = asked.send(&house).expect(202).text("/id");
    let path = format!("{EXPORTS}/{id}");
    let shown = eventually("it is completed", || {
        let shown = Request::get(&house, "ci", &path).signed().send(&house).expect(200).json();
        (shown["status"] == "completed").then_some(shown)
    });
    let download = Request::get(&house, "ci", &format!("{path}/download")).signed().send(&house).expect(200);
    assert_eq!(download.body.len() as u64, shown["fileSize"].as_u64().expect("a size"));
    let deleted = Request::new(&house, "ci", Method::DELETE, &path).signed().send(&house);
    deleted.expect_one_of(&[200, 202, 204]);
    let query = Request::get(&house, "ci", &format!("{EXPORTS}?limit=5&status=completed")).signed();
    query.send(&house).expect(200);
    let head = Request::new(&house, "ci", Method::HEAD, EXPORTS).signed();
    head.send(&house).expect(200);
}

#[test]
fn more_may_be_covered_and_said_than_has_to_be() {
    let keys = KeyFile::new();
    let house = keys.house(|_| {});
    let authority = house.address().to_string();
    Request::get(&house, "ci", &format!("{EXPORTS}?limit=5"))
        .covering("@authority", &authority)
        .covering("@scheme", "http")
        .covering("@path", EXPORTS)
        .covering("@query", "?limit=5")
        .covering("@request-target", &format!("{EXPORTS}?limit=5"))
        .with("x-correlation-id", "build-7")
        .parameter("alg", "\"hmac-sha256\"")
        .parameter("expires", "4102444800")
        .parameter("tag", "\"nightly\"")
        .signed()
        .send(&house)
        .expect(200);
    let body = wanted("shop");
    Request::new(&house, "ci", Method::POST, EXPORTS)
        .bare("content-type", "application/json")
        .with("content-digest", &digest_512(body.to_string().as_bytes()))
        .holding(&body)
        .signed()
        .send(&house)
        .expect(404);
}

#[test]
fn a_key_acts_for_the_users_it_may_and_does_no_more_than_they_could() {
    let keys = KeyFile::new();
    let house = keys.house(|_| {});
    house.project("ana", "shop").file("a.txt", "hello");
    let acting = |key: &str, user: &str| {
        Request::new(&house, key, Method::POST, EXPORTS)
            .with("x-on-behalf-of", user)
            .json(&wanted("shop"))
            .signed()
    };
    let id = acting("ci", "ana").send(&house).expect(202).text("/id");
    house.user("ana").export(&id).completed();
    let refused = acting("ci", "eve").send(&house).expect(403);
    assert_eq!(refused.code(), "FORBIDDEN");
    acting("robot", "eve").send(&house).expect(404);

    let path = format!("{EXPORTS}/{id}");
    Request::get(&house, "robot", &path).signed().send(&house).expect(200);
    Request::get(&house, "ci", &path).signed().send(&house).expect(403);
    let as_bob = Request::get(&house, "robot", &path).with("x-on-behalf-of", "bob").signed();
    as_bob.send(&house).expect(403);
}

#[test]
fn a_machine_gets_nothing_that_would_outlive_its_key() {
    let keys = KeyFile::new();
    let house = keys.house(|_| {});
    let token = serde_json::json!({"name": "t", "scopes": ["exports:read"]});
    for (path, body) in [("/api/v1/session", serde_json::json!({})), ("/api/v1/tokens", token)] {
        let asked = Request::new(&house, "ci", Method::POST, path).json(&body).signed();
        assert_eq!(asked.send(&house).expect(403).code(), "FORBIDDEN", "{path}");
        let acting = Request::new(&house, "ci", Method::POST, path).with("x-on-behalf-of", "ana").json(&body);
        acting.signed().send(&house).expect(403);
    }
}

#[test]
fn keys_come_and_go_with_their_file() {
    let keys = KeyFile::new();
    let house = keys.house(|_| {});
    let is_known = |key: &str, secret: &str| {
        Request::get(&house, key, EXPORTS).signed_with(secret).send(&house).status == 200
    };
    let new = "another secret, for the time after the first one";
    assert!(is_known("ci", SECRET) && !is_known("ci-2", new));
    let old_key = format!("[[key]]\nid = \"ci\"\nsecret = \"{SECRET}\"\nuser = \"ci\"\n");
    let new_key = format!("[[key]]\nid = \"ci-2\"\nsecret = \"{new}\"\nuser = \"ci\"\n");
    keys.write(&format!("{old_key}{new_key}"));
    eventually("the new key is known", || is_known("ci-2", new).then_some(()));
    assert!(is_known("ci", SECRET), "both, until every machine has the new one");
    keys.write(&new_key);
    eventually("the old key is forgotten", || (!is_known("ci", SECRET)).then_some(()));
    keys.write("[[key]]\nid = \"ci-2\"\nsecret = \"short\"\n");
    assert!(is_known("ci-2", new));
}

#[test]
fn what_is_signed_is_what_the_client_asked_for_whatever_stands_between() {
    let keys = KeyFile::new();
    let told = [("x-forwarded-proto", "https"), ("x-forwarded-host", "exports.example")];
    let through = |target: &str, house: &crate::support::house::House| {
        let request = Request::get(house, "ci", EXPORTS).saying("@target-uri", target);
        let request = told.iter().fold(request, |request, (name, value)| request.bare(name, value));
        request.signed().send(house).status
    };
    let house = keys.house(|_| {});
    assert_eq!(through("https://exports.example/api/v1/exports", &house), 200);
    assert_eq!(through(&format!("http://{}{EXPORTS}", house.address()), &house), 401);
    let distrusting = keys.house(|settings| settings.server.trusted_proxies.clear());
    assert_eq!(through("https://exports.example/api/v1/exports", &distrusting), 401);
    assert_eq!(through(&format!("http://{}{EXPORTS}", distrusting.address()), &distrusting), 200);
    let named =
        keys.house(|settings| settings.server.public_url = Some("https://Public.example:443/x".into()));
    assert_eq!(through("https://public.example/x/api/v1/exports", &named), 200);
}

#[test]
fn a_refusal_tells_the_ways_in_and_nothing_else() {
    let keys = KeyFile::new();
    let house = keys.house(|_| {});
    let refused = Request::get(&house, "ci", EXPORTS).signed_with(&"x".repeat(32)).send(&house).expect(401);
    assert_eq!(refused.code(), "SIGNATURE_INVALID");
    assert_eq!(refused.header("www-authenticate"), r#"Signature realm="exportd", Bearer realm="exportd""#);
    assert!(refused.header("accept-signature").starts_with(r#"sig=("@method" "@target-uri""#));
    let told = refused.json().to_string();
    assert!(!told.contains("forged") && !told.contains("\"ci\""), "{told}");
}
