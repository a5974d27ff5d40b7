//! Bad input gets a clear problem, never a hang, a panic or a look inside.

use crate::support::api::wanted;
use crate::support::house::House;
use crate::support::raw::{connect, exchange, read_some, send};
use ureq::http::Method;

#[test]
fn malformed_bodies_are_told_apart() {
    let house = House::open();
    let ada = house.user("ada");
    let send = |kind: &str, body: &[u8]| {
        ada.send(Method::POST, "/api/v1/exports", &[("content-type", kind)], Some(body.to_vec()))
    };
    assert_eq!(send("application/json", b"{\"kind\":").expect(400).code(), "INVALID_JSON");
    assert_eq!(send("application/json", b"\xff\xfe").expect(400).code(), "INVALID_JSON");
    assert_eq!(send("application/json", b"[]").expect(400).code(), "VALIDATION_FAILED");
    assert_eq!(send("application/json", b"").expect(400).code(), "INVALID_JSON");
    assert_eq!(send("text/plain", b"{}").expect(415).code(), "UNSUPPORTED_MEDIA_TYPE");
    let deep = "[".repeat(100_000);
    assert_eq!(send("application/json", deep.as_bytes()).expect(400).code(), "INVALID_JSON");
    let huge = vec![b' '; (1 << 20) + 1];
    assert_eq!(send("application/json", &huge).expect(413).code(), "PAYLOAD_TOO_LARGE");
}

#[test]
fn paths_and_methods_that_do_not_exist_are_told() {
    let house = House::open();
    let ada = house.user("ada");
    assert_eq!(ada.get("/api/v1/nothing").expect(404).code(), "NOT_FOUND");
    let answer = ada.send(Method::PATCH, "/api/v1/exports", &[], None).expect(405);
    let allow = answer.header("allow");
    assert!(["GET", "HEAD", "POST", "OPTIONS"].iter().all(|method| allow.contains(method)), "{allow}");
    let options = ada.send(Method::OPTIONS, "/api/v1/exports", &[], None);
    assert!(matches!(options.status, 200 | 204) && options.header("allow").contains("POST"));
    assert_eq!(ada.get("/api/v1/exports/17").expect(400).code(), "INVALID_ID");
    assert_eq!(ada.get("/api/v1/exports?cursor=%00").expect(400).code(), "INVALID_CURSOR");
    assert_eq!(ada.get("/api/v1/exports?cursor=bm9uc2Vuc2U").expect(400).code(), "INVALID_CURSOR");
    for query in ["limit=0", "limit=201", "limit=x", "status=done", "createdAfter=yesterday", "surprise=1"] {
        assert_eq!(
            ada.get(&format!("/api/v1/exports?{query}")).expect(400).code(),
            "VALIDATION_FAILED",
            "{query}"
        );
    }
}

#[test]
fn a_correlation_id_is_echoed_or_made() {
    let house = House::open();
    let ada = house.user("ada");
    let sent = ada.get_with("/api/v1/exports", &[("x-correlation-id", "nightly.run-7_a")]).expect(200);
    assert_eq!(sent.header("x-correlation-id"), "nightly.run-7_a");
    for bad in ["with space", &"x".repeat(129), "quote\""] {
        let made = ada.get_with("/api/v1/exports/17", &[("x-correlation-id", bad)]).expect(400);
        assert_ne!(made.header("x-correlation-id"), bad);
        assert_eq!(made.code(), "INVALID_ID");
    }
}

#[test]
fn a_request_needs_exactly_one_host() {
    let house = House::open();
    let at = house.user("ada").address();
    for hosts in ["", "host: a\r\nhost: b\r\n", "host: a b\r\n", "host: a, b\r\n", "host: u@a\r\n"] {
        let answer = exchange(at, &format!("GET /healthz HTTP/1.1\r\n{hosts}connection: close\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    assert!(
        exchange(at, "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            .starts_with("HTTP/1.1 200")
    );
    assert!(exchange(at, "GET /healthz HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 200"));
}

#[test]
fn heads_without_measure_are_refused() {
    let house = House::open();
    let at = house.user("ada").address();
    let long = "x".repeat(40_000);
    let answer = exchange(at, &format!("GET /healthz HTTP/1.1\r\nhost: a\r\nx-long: {long}\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 431") || answer.starts_with("HTTP/1.1 400"), "{answer}");
    let answer = exchange(at, &format!("GET /{long} HTTP/1.1\r\nhost: a\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 414") || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[test]
fn a_client_that_never_ends_its_head_is_cut_and_disturbs_nobody() {
    let house = House::open();
    let ada = house.user("ada");
    let mut idle: Vec<_> = (0..50).map(|_| connect(ada.address())).collect();
    for socket in &mut idle {
        send(socket, "GET /healthz HTTP/1.1\r\nhost: a\r\nx-slow: ");
    }
    ada.get("/api/v1/exports").expect(200);
    let told = read_some(&mut idle[0]);
    assert!(told.is_empty() || told.starts_with("HTTP/1.1 408"), "{told}");
}

#[test]
fn no_answer_tells_of_the_servers_inside() {
    let house = House::open();
    let ada = house.user("ada");
    let folder = house.project("ada", "shop").file("a", "a");
    std::fs::remove_dir_all(&folder.path).expect("it is there");
    let mut told = vec![
        ada.post("/api/v1/exports", &wanted("shop")),
        ada.get("/api/v1/projects/shop"),
        ada.put("/api/v1/projects/p", &serde_json::json!({"source": {"type": "directory", "path": "/etc"}})),
        ada.get("/api/v1/exports/';%20DROP%20TABLE%20exports;--"),
        ada.get("/api/v1/exports?cursor=';--"),
    ];
    told.push(ada.anonymous().get("/api/v1/exports"));
    for answer in told {
        assert!(answer.status >= 400, "{answer:?}");
        let text = String::from_utf8_lossy(&answer.body).to_lowercase();
        for inside in ["/tmp", "select ", "sqlx", "sqlite", "panicked", ".rs:"] {
            assert!(!text.contains(inside), "{inside} in {text}");
        }
    }
}
