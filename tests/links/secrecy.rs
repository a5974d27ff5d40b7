//! What nobody is to see: tokens and passwords, whoever looks where.

use std::process::Command;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use crate::support::house::House;
use crate::support::process::Site;

use super::{Given, packed};

const PASSWORD: &str = "open-sesame-4711";

#[test]
fn neither_tokens_nor_passwords_are_in_the_log_however_much_is_logged() {
    let site = Site::new(&[("LOG__LEVEL", "trace")]);
    site.project("ada", "shop").file("a", "a");
    let server = site.serve();
    let export = server.user("ada").request("shop");
    export.completed();
    let key = [("idempotency-key", "link-1")];
    let wanted = json!({"password": PASSWORD, "maxDownloads": 3});
    let made = export.api.post_with(&export.path("/links"), &wanted, &key).expect(201);
    let url = made.text("/url");
    let link = Given::of(&export, &json!({"password": PASSWORD}));
    let credentials = BASE64.encode(format!("ada:{PASSWORD}"));
    let wrong = BASE64.encode(format!("ada:wrong-{PASSWORD}"));
    for credentials in [&credentials, &wrong] {
        for http in ["--http1.1", "--http2-prior-knowledge"] {
            for url in
                [&url, &link.url, &format!("{url}/more"), &format!("{url}?q={}", &url[url.len() - 43..])]
            {
                let header = format!("Authorization: Basic {credentials}");
                let curl = Command::new("curl").args(["-sS", http, "-H", &header, url]).output();
                assert!(curl.expect("curl is installed").status.success());
            }
        }
    }
    link.get(&[("authorization", "Basic broken"), ("range", "bytes=0-0")]).expect(401);
    export.api.delete(&link.page).expect(204);
    link.get(&[]).expect(410);
    server.terminate();
    assert!(server.gone().success());

    let log = site.log();
    assert!(log.contains("TRACE") && log.contains("/d/{token}"), "it tells very much");
    let tokens = [&url, &link.url].map(|url| url.rsplit('/').next().expect("a path").to_owned());
    for secret in tokens.iter().map(String::as_str).chain([PASSWORD, &credentials, &wrong]) {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
}

#[test]
fn problems_and_metrics_tell_no_token() {
    let house = House::open();
    let export = packed(&house, 1_000);
    let link = Given::of(&export, &json!({"password": PASSWORD}));
    let token = link.path.trim_start_matches("/d/").to_owned();
    for answer in [link.get(&[]), link.api.get(&format!("{}/x", link.path)), link.api.delete(&link.path)] {
        assert_eq!(answer.text("/instance"), "/d/***");
        assert!(!String::from_utf8_lossy(&answer.body).contains(&token));
    }
    let metrics = String::from_utf8(house.ops().get("/metrics").expect(200).body).expect("text");
    assert!(metrics.contains(r#"route="/d/{token}""#) && !metrics.contains(&token), "{metrics}");
}

#[test]
fn a_reply_that_is_given_again_tells_the_address_again_and_the_rows_never_do() {
    let house = House::open();
    let export = packed(&house, 1_000);
    let make = |key: &str| {
        let wanted = json!({"password": PASSWORD});
        export.api.post_with(&export.path("/links"), &wanted, &[("idempotency-key", key)]).expect(201)
    };
    let (made, again) = (make("one"), make("one"));
    assert_eq!((again.json(), again.header("location")), (made.json(), made.header("location")));
    assert_eq!(
        export.api.get(&export.path("/links")).expect(200).json()["items"].as_array().map(Vec::len),
        Some(1)
    );
    let token = made.text("/url").rsplit('/').next().expect("a path").to_owned();
    let kept: String = house.stored("SELECT user_id || key || CAST(reply AS TEXT) FROM replies");
    for secret in [token.as_str(), PASSWORD, "one"] {
        assert!(!kept.contains(secret), "{secret} in {kept}");
    }
    let row: String = house.stored("SELECT token_hash || password_hash FROM links");
    assert!(!row.contains(&token) && row.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_ne!(make("two").text("/url"), made.text("/url"));
}

#[test]
fn wrong_tokens_by_the_thousand_find_nothing_and_disturb_nobody() {
    let house = House::open();
    let export = packed(&house, 1_000);
    let link = Given::of(&export, &json!({}));
    let strange = |token: &str| {
        let from = [("x-forwarded-for", "203.0.113.9")];
        link.api.get_with(&format!("/d/{token}"), &from).expect_one_of(&[404, 429])
    };
    let token = link.path.trim_start_matches("/d/").to_owned();
    let flipped = format!("{}{}", if token.starts_with('A') { 'B' } else { 'A' }, &token[1..]);
    for wrong in ["x", "%2e%2e", "..%2f..", &flipped, &token[1..], &format!("{token}A"), &"A".repeat(2_000)] {
        let answer = strange(wrong);
        assert_eq!((answer.status, answer.code()), (404, "LINK_NOT_FOUND".into()), "{wrong}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
    }
    let statuses: Vec<u16> = thread::scope(|scope| {
        let guessing = (0..8).map(|thread| {
            let strange = &strange;
            scope.spawn(move || {
                let tokens = (0..500).map(|number| format!("{thread:03}{number:040}"));
                tokens.map(|token| strange(&token).status).collect::<Vec<_>>()
            })
        });
        let guessing: Vec<_> = guessing.collect();
        // Meanwhile others are served, and whoever has a link also from that address.
        for from in ["198.51.100.7", "203.0.113.9"] {
            for _ in 0..20 {
                link.get(&[("x-forwarded-for", from)]).expect(200);
            }
        }
        guessing.into_iter().flat_map(|thread| thread.join().expect("a guesser")).collect()
    });
    let refused = statuses.iter().filter(|status| **status == 429).count();
    assert!(refused > 3_800, "only {refused} of 4,000 were told to wait");
    let slowed = strange(&flipped).expect(429);
    assert!(slowed.header("retry-after").parse::<u64>().is_ok_and(|seconds| (1..=60).contains(&seconds)));
    let from_elsewhere = [("x-forwarded-for", "198.51.100.7")];
    link.api.get_with(&format!("/d/{flipped}"), &from_elsewhere).expect(404);
    let told = ["unknown", "unknown_slowed"]
        .map(|reason| house.metric(&format!("exportd_link_refusals_total{{reason=\"{reason}\"}}")));
    assert_eq!(told.iter().sum::<f64>(), 4_009.0);
}
