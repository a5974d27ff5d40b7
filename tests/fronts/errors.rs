//! What nginx answers by itself looks as if exportd had.

use ureq::http::Method;

use super::packed;
use crate::support::api::eventually;
use crate::support::house::House;
use crate::support::raw::{connect, exchange, read_some, send};

/// The problem that `answer` tells, whose status line has to begin with `status`.
fn problem(answer: &str, status: u16) -> serde_json::Value {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    let head = answer.to_lowercase();
    assert!(head.contains("content-type: application/problem+json"), "{answer}");
    assert!(
        head.contains("x-content-type-options: nosniff") && head.contains("x-correlation-id: "),
        "{answer}"
    );
    let body = answer.split_once("\r\n\r\n").expect("a body").1;
    let problem: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {answer}"));
    assert_eq!(problem["status"], status, "{problem}");
    problem
}

#[test]
fn what_cannot_be_read_is_a_problem_as_everywhere() {
    let house = House::behind_nginx(|_| {});
    let at = house.user("ada").address();
    let long = "x".repeat(64 << 10);
    for (request, status, code) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400, "VALIDATION_FAILED"),
        ("GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n".to_owned(), 400, "VALIDATION_FAILED"),
        ("GE T / HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(), 400, "VALIDATION_FAILED"),
        ("\u{1}\u{2}\r\n\r\n".to_owned(), 400, "VALIDATION_FAILED"),
        (format!("GET /{long} HTTP/1.1\r\nhost: a\r\n\r\n"), 414, "URI_TOO_LONG"),
        (format!("GET / HTTP/1.1\r\nhost: a\r\nx: {long}\r\n\r\n"), 431, "HEADERS_TOO_LARGE"),
        (
            "POST /api/v1/exports HTTP/1.1\r\nhost: a\r\ncontent-length: 1048577\r\n\r\n".to_owned(),
            413,
            "PAYLOAD_TOO_LARGE",
        ),
        ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n".to_owned(), 501, "NOT_IMPLEMENTED"),
        ("TRACE / HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(), 405, "METHOD_NOT_ALLOWED"),
        ("GET / HTTP/3.0\r\nhost: a\r\n\r\n".to_owned(), 505, "VERSION_NOT_SUPPORTED"),
        ("GET /metrics?a=\"\\ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".to_owned(), 404, "NOT_FOUND"),
        ("GET /metrics/\"\\ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".to_owned(), 404, "NOT_FOUND"),
    ] {
        let problem = problem(&exchange(at, &request), status);
        assert_eq!(problem["code"], code, "{}", &request[..request.len().min(80)]);
    }
    let kept = exchange(
        at,
        "GET /metrics HTTP/1.1\r\nhost: a\r\nx-correlation-id: mine-1\r\nconnection: close\r\n\r\n",
    );
    assert_eq!(problem(&kept, 404)["correlationId"], "mine-1");
    assert_eq!(problem(&kept, 404)["instance"], "/metrics");
    assert!(problem(&kept, 404)["timestamp"].as_str().is_some_and(|at| at.contains('T')), "{kept}");
}

#[test]
fn a_head_of_nearly_32_kib_passes_and_a_body_of_one_mib_too() {
    let house = House::behind_nginx(|_| {});
    let ada = house.user("ada");
    ada.get_with("/api/v1/exports", &[("x-long", &"x".repeat(30 << 10))]).expect(200);
    let lines: Vec<_> = (0..40).map(|i| (format!("x-{i}"), "x".repeat(900))).collect();
    let many: Vec<_> = lines.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    ada.get_with("/api/v1/exports", &many[..30]).expect(200);
    assert_eq!(ada.get_with("/api/v1/exports", &many).expect(431).code(), "HEADERS_TOO_LARGE");
    let post = |size| {
        let kind = [("content-type", "application/json")];
        ada.send(Method::POST, "/api/v1/exports", &kind, Some(vec![b' '; size]))
    };
    assert_eq!(post(1 << 20).expect(400).code(), "INVALID_JSON");
    assert_eq!(post((1 << 20) + 1).expect(413).code(), "PAYLOAD_TOO_LARGE");
}

#[test]
fn metrics_and_packages_are_not_reached_through_it() {
    let house = House::behind_nginx(|_| {});
    let export = packed(&house, 1_000);
    house.ops().get("/metrics").expect(200);
    let admin = house.admin();
    for path in ["/metrics", "//metrics", "/x/../metrics", "/%6Detrics", "/metrics/", "/METRICS"] {
        admin.get(path).expect(404);
    }
    let stored = house.stored_files();
    let root = &house.settings().storage.root;
    for file in stored {
        let place = file.strip_prefix(root).expect("below the root").display().to_string();
        assert_eq!(admin.get(&format!("/_packages/{place}")).expect(404).code(), "NOT_FOUND");
    }
    admin.get("/_packages/manifest.key").expect(404);
    export.download(&[]).expect(200);
}

#[test]
fn events_come_while_they_happen() {
    let house = House::behind_nginx(|_| {});
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let mut body = crate::support::api::wanted("shop");
    let later = house.clock().now().plus(std::time::Duration::from_secs(60));
    body["runAt"] = serde_json::json!(later.to_string());
    let export = ada.export(&ada.post("/api/v1/exports", &body).expect(202).text("/id"));

    let mut socket = connect(ada.address());
    let (path, token) = (export.path("/events"), ada.token());
    send(&mut socket, &format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"));
    let mut told = String::new();
    while !told.contains("event: ") {
        let some = read_some(&mut socket);
        assert!(!some.is_empty(), "{told}");
        told += &some;
    }
    // The job has not even begun, and the first event is here.
    assert_eq!(export.status(), "scheduled");
    ada.act(&export.path("/cancel")).expect(202);
    while !told.contains("cancelled") {
        let some = read_some(&mut socket);
        assert!(!some.is_empty(), "{told}");
        told += &some;
    }
}

#[test]
fn too_much_from_one_address_waits() {
    let house = House::with(|_| {});
    let nginx = crate::support::nginx::Nginx::before(&house.told(), &["--connections", "2"]);
    let ada = house.user("ada").at(nginx.address());
    house.project("ada", "shop").file("a", "a");
    let export = ada.request("shop");
    export.completed();
    // A body that does not come: the request is under way.
    let head =
        "POST /api/v1/exports HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\nexpect: 100-continue\r\n\r\n";
    // nginx forgets a request a little later than its client has the answer.
    let begin = || {
        let mut socket = connect(nginx.address());
        send(&mut socket, head);
        read_some(&mut socket).starts_with("HTTP/1.1 100").then_some(socket)
    };
    let waiting = [(); 2].map(|()| eventually("there is room", begin));
    let answer = ada.get("/api/v1/exports").expect(429);
    assert_eq!((answer.code().as_str(), answer.header("retry-after").as_str()), ("RATE_LIMITED", "1"));
    assert_eq!(answer.json()["retryAfterSeconds"], 1);
    drop(waiting);
    eventually("they are gone", || (ada.get("/api/v1/exports").status == 200).then_some(()));
}
