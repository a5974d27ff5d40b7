//! What no owner of a key has sent, or not so, or not now.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use ureq::http::Method;

use super::EXPORTS;
use super::machine::{KeyFile, Request, SECRET, digest};
use crate::support::api::wanted;
use crate::support::house::House;
use crate::support::raw;

/// The code and the words of a refusal.
fn refused(house: &House, request: &Request) -> (String, String) {
    let answer = request.send(house).expect(401);
    (answer.code(), answer.text("/detail"))
}

fn changed(mut request: Request, name: &str, change: impl Fn(&str) -> String) -> Request {
    let header = request.headers.iter_mut().find(|(own, _)| own == name).expect("a header");
    header.1 = change(&header.1);
    request
}

#[test]
fn whatever_is_wrong_with_a_signature_is_refused_in_the_same_words() {
    let keys = KeyFile::new();
    let house = keys.house(|_| {});
    let get = || Request::get(&house, "ci", EXPORTS);
    let post = || Request::new(&house, "ci", Method::POST, EXPORTS).json(&wanted("shop"));
    let input = |change: &dyn Fn(&str) -> String| changed(get().signed(), "signature-input", change);
    let other_path = Request { path: format!("{EXPORTS}?limit=6"), ..get().signed() };
    let other_method = Request { method: Method::POST, ..get().signed() };
    let other_body = Request { body: json!({"kind": "project"}).to_string().into_bytes(), ..post().signed() };
    let no_body = Request { body: Vec::new(), ..post().signed() };
    let bare_body =
        Request { body: b"{}".to_vec(), ..Request::new(&house, "ci", Method::POST, EXPORTS).signed() };
    let swapped = changed(post().signed(), "content-digest", |_| digest(b"{}"));
    let uncovered = get().bare("x-on-behalf-of", "ana").signed();
    let two_users = get().with("x-on-behalf-of", "ana").bare("x-on-behalf-of", "bob").signed();
    let twice = get().signed().signed();
    let requests = [
        get().signed_with(&"x".repeat(40)),
        Request::get(&house, "nobody", EXPORTS).signed(),
        other_path,
        other_method,
        other_body,
        no_body,
        bare_body,
        swapped,
        uncovered,
        two_users,
        twice,
        get().bare("signature", "sig=:AAAA:"),
        get().bare("signature-input", "sig=(\"@method\");keyid=\"ci\""),
        get().bare("signature", "sig").bare("signature-input", "sig"),
        input(&|input| format!("{input};created=5")),
        input(&|input| input.replace("\"@target-uri\"", "\"@target-uri\" \"@target-uri\"")),
        input(&|input| input.replace("\"@target-uri\"", "\"@target-uri\";req")),
        input(&|input| input.replace("\"@method\"", "\"@method\";sf")),
        input(&|input| format!("{input};x=\"{}\"", "x".repeat(9_000))),
        get().parameter("alg", "\"hmac-sha512\"").signed(),
        get().parameter("alg", "\"none\"").signed(),
        get().parameter("nonce", "\"\"").signed(),
        get().parameter("expires", "1").signed(),
        get().parameter("created", "\"now\"").signed(),
        get().signed().bare("authorization", "Bearer x"),
        get().signed().bare("authorization", &format!("Bearer {}", house.user("ana").token())),
    ];
    let told: BTreeSet<_> = requests.iter().map(|request| refused(&house, request)).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told.first().map(|(code, _)| code.as_str()), Some("SIGNATURE_INVALID"));
    assert_eq!(house.stored::<i64>("SELECT COUNT(*) FROM nonces"), 0, "strangers fill no rows");
    get().signed().send(&house).expect(200);
    post().signed().send(&house).expect(404);
}

#[test]
fn a_clock_that_is_an_hour_off_signs_nothing() {
    let keys = KeyFile::new();
    let house = keys.house(|_| {});
    let now = house.clock().now().millis() / 1000;
    for (off, status) in [(-3600, 401), (3600, 401), (-310, 401), (310, 401), (-290, 200), (290, 200)] {
        let request =
            Request::get(&house, "ci", EXPORTS).parameter("created", &(now + off).to_string()).signed();
        assert_eq!(request.send(&house).status, status, "{off}");
    }
    let kept = Request::get(&house, "ci", EXPORTS).signed();
    house.clock().advance(Duration::from_secs(3600));
    assert_eq!(refused(&house, &kept).0, "SIGNATURE_INVALID");
}

#[test]
fn a_body_is_read_for_those_alone_who_signed_it() {
    let keys = KeyFile::new();
    let house = keys.house(|_| {});
    let address = house.address();
    // It waits for no body: a stranger's is not worth waiting for.
    let head = format!(
        "POST {EXPORTS} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 1000\r\nConnection: close\r\n\
         Signature-Input: sig=(\"@method\");keyid=\"ci\"\r\nSignature: sig=:AAAA:\r\n\r\n"
    );
    let answer = raw::exchange(address, &head);
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    let large = json!({"kind": "x".repeat(1 << 20)});
    let request = Request::new(&house, "ci", Method::POST, EXPORTS).json(&large).signed();
    assert_eq!(request.send(&house).expect(413).code(), "PAYLOAD_TOO_LARGE");
}

#[test]
fn two_lines_of_a_header_are_one_value_for_both_sides() {
    let keys = KeyFile::new();
    let house = keys.house(|_| {});
    let request = Request::get(&house, "ci", EXPORTS)
        .covering("x-part", "a, b")
        .bare("x-part", "a")
        .bare("x-part", " b ")
        .signed_with(SECRET);
    request.send(&house).expect(200);
    changed(request, "x-part", |_| "c".to_owned()).send(&house).expect(401);
}
