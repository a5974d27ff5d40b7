//! What is wrong on an older path is told in its envelope, and nothing that is echoed can be bent.

use serde_json::json;
use ureq::http::Method;

use super::{ask, completed, download, house_with, tool_download};
use crate::support::api::wanted;
use crate::support::house::House;
use crate::support::raw::exchange;

const ID: &str = "0198f2aa-0000-7000-8000-000000000000";

#[test]
fn ids_that_are_none_are_refused_before_anything_is_looked_up() {
    let house = House::open();
    let ada = house.user("ada");
    for id in ["17", "job_1", &ID.to_uppercase(), &format!("%7B{ID}%7D"), "..%2f..", "';--", "%00", "%ff"] {
        for path in [
            format!("/v1/export-jobs/{id}/status"),
            format!("/v1/export-jobs/{id}/download"),
            format!("/api/tool-registry/export-jobs/{id}/download"),
            format!("/api/exports/{id}/status"),
            format!("/api/exports/{id}/download"),
        ] {
            assert_eq!(ada.get(&path).expect(400).older_code(), "INVALID_ID", "{path}");
        }
        let verified = ada.act(&format!("/api/exports/{id}/verify")).expect(400);
        assert_eq!(verified.older_code(), "INVALID_ID");
    }
    for id in ["..", "%2e%2e", "a%2fb", "a%5cb", "%0d%0a"] {
        let asked = ada.post(&format!("/v1/projects/{id}/export"), &json!({})).expect_one_of(&[400, 404]);
        assert!(["INVALID_ID", "NOT_FOUND"].contains(&asked.older_code().as_str()), "{id}");
    }
}

#[test]
fn methods_and_paths_that_do_not_exist_are_told_as_they_were() {
    let house = House::open();
    let ada = house.user("ada");
    for (method, path, allowed) in [
        (Method::PUT, "/v1/projects/shop/export", "POST"),
        (Method::GET, "/v1/projects/shop/export", "POST"),
        (Method::DELETE, "/api/exports", "GET"),
        (Method::POST, "/api/exports/stats", "GET"),
        (Method::GET, "/api/exports/cleanup", "POST"),
    ] {
        let answer = ada.send(method, path, &[], None).expect(405);
        assert_eq!(answer.older_code(), "METHOD_NOT_ALLOWED", "{path}");
        assert!(answer.header("allow").contains(allowed), "{path}: {}", answer.header("allow"));
        let options = ada.send(Method::OPTIONS, path, &[], None).expect(204);
        assert!(options.header("allow").contains(allowed), "{path}");
    }
    for path in ["/v1", "/v1/", "/v1/nothing", "/api/exports/", "/api/exports/a/b", "/api/tool-registry"] {
        assert_eq!(ada.get(path).expect(404).older_code(), "NOT_FOUND", "{path}");
    }
    assert_eq!(ada.get("/api/exportsx").expect(404).code(), "NOT_FOUND", "not theirs");
}

#[test]
fn bodies_that_cannot_be_read_are_told_apart() {
    let house = house_with("shop", 10);
    let ada = house.user("ada");
    let send = |kind: &str, body: &[u8]| {
        ada.send(Method::POST, "/v1/projects/shop/export", &[("content-type", kind)], Some(body.to_vec()))
    };
    assert_eq!(send("application/json", b"{\"exportType\":").expect(400).older_code(), "INVALID_JSON");
    assert_eq!(send("application/json", b"[]").expect(400).older_code(), "VALIDATION_FAILED");
    let multipart = b"--x\r\ncontent-disposition: form-data; name=\"exportType\"\r\n\r\nsource_code\r\n--x--";
    let answer = send("multipart/form-data; boundary=x", multipart).expect(415);
    assert_eq!(answer.older_code(), "UNSUPPORTED_MEDIA_TYPE");
    assert_eq!(send("text/plain", b"{}").expect(415).older_code(), "UNSUPPORTED_MEDIA_TYPE");
    let huge = vec![b' '; (1 << 20) + 1];
    assert_eq!(send("application/json", &huge).expect(413).older_code(), "PAYLOAD_TOO_LARGE");
    let faulty =
        ada.post("/v1/projects/shop/export", &json!({"exportType": "all", "versionId": 7})).expect(400);
    assert_eq!(faulty.older_code(), "VALIDATION_FAILED");
    let faulty: Vec<_> = faulty.json()["errors"].as_array().expect("errors").clone();
    assert_eq!([&faulty[0]["pointer"], &faulty[1]["pointer"]], ["/versionId", "/exportType"]);
    let unplanned = ada.post("/api/exports/schedule", &json!({"format": "zip"})).expect(400);
    assert_eq!(unplanned.older_code(), "VALIDATION_FAILED");
    let pointers: Vec<_> = unplanned.json()["errors"].as_array().expect("errors").clone();
    assert_eq!([&pointers[0]["pointer"], &pointers[1]["pointer"]], ["/exportType", "/scheduledAt"]);
}

/// Their servers took what they knew of a body and passed over the rest.
#[test]
fn members_that_are_not_known_are_passed_over_and_name_nobody_else() {
    let house = house_with("shop", 10);
    house.project("bob", "shop").file("secret", "bob's");
    let ada = house.user("ada");
    let more = json!({"exportType": "source_code", "userId": "bob", "role": "admin", "client": {"v": 1}});
    let job = ada.post("/v1/projects/shop/export", &more).expect(202).text("/jobId");
    super::ended(&ada, &job);
    assert_eq!(ada.export(&job).show()["fileCount"], 2, "her own");
    assert_eq!(house.user("bob").get("/api/exports").json()["pagination"]["total"], 0);
    ada.get("/api/exports?_=1763683200&userId=bob").expect(200);
    download(&ada, &job, &[]).expect(200);
    ada.get(&format!("/v1/export-jobs/{job}/download?token=x&utm_source=mail")).expect(200);
}

#[test]
fn pages_that_are_none_are_refused() {
    let house = House::open();
    let ada = house.user("ada");
    for query in [
        "limit=0",
        "limit=-1",
        "limit=201",
        "limit=ten",
        "offset=-1",
        "offset=1e3",
        "offset=18446744073709551616",
        "offset=1000001",
        "limit=1&limit=2",
        "status=done",
        "status=",
        "format=rar",
    ] {
        let answer = ada.get(&format!("/api/exports?{query}")).expect(400);
        assert_eq!(answer.older_code(), "VALIDATION_FAILED", "{query}");
    }
    for query in ["days=0", "days=367", "days=x", "include_system=maybe"] {
        assert_eq!(
            ada.get(&format!("/api/exports/stats?{query}")).expect(400).older_code(),
            "VALIDATION_FAILED"
        );
        assert_eq!(ada.get(&format!("/api/v1/stats?{query}")).expect(400).code(), "VALIDATION_FAILED");
    }
}

/// Bytes that would begin a header of their own, end a quoted text, or are of no character set.
#[test]
fn nothing_that_is_echoed_begins_a_header_of_its_own() {
    let house = House::open();
    let ada = house.user("ada");
    let nasty = "x\"; filename=evil.exe; é日本 'q'";
    house.project("ada", nasty).file("a", "a");
    let mut asked = wanted(nasty);
    asked["format"] = json!("tar.gz");
    let id = ada.post("/api/v1/exports", &asked).expect(202).text("/id");
    ada.export(&id).completed();
    for answer in [download(&ada, &id, &[]).expect(200), tool_download(&ada, &id, &[]).expect(200)] {
        let disposition = answer.header("content-disposition");
        assert_eq!(disposition.matches("filename=").count(), 1, "{disposition}");
        assert_eq!(disposition.matches("filename*=").count(), 1, "{disposition}");
        assert_eq!(disposition.matches('"').count(), 2, "{disposition}");
        assert!(disposition.is_ascii() && !disposition.contains('\\'), "{disposition}");
        assert!(disposition.contains("%E6%97%A5%E6%9C%AC"), "{disposition}");
    }

    let token = ada.token();
    for id in ["a%0d%0aset-cookie:%20x=1", "a\tb", "a\u{e9}", "<script>", &"x".repeat(129)] {
        let head = format!("host: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n");
        let asked = format!("GET /v1/export-jobs/17/status HTTP/1.1\r\n{head}x-correlation-id: {id}\r\n\r\n");
        let answer = exchange(ada.address(), &asked);
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        let lower = answer.to_lowercase();
        assert!(!lower.contains("set-cookie") && !lower.contains("<script>"), "{answer}");
    }
    // A project's id stands in the address that `Location` tells, and in no header as it was sent.
    for id in ["a%0d%0aset-cookie:%20x=1", "%22%3e", "%e2%80%a8"] {
        let answer = ada.post(&format!("/v1/projects/{id}/export"), &json!({})).expect_one_of(&[400, 404]);
        assert!(!answer.headers.contains_key("set-cookie"), "{id}");
        answer.older_code();
    }
    let listed =
        ada.get("/api/v1/exports?limit=1&kind=project&createdAfter=2020-01-01T00:00:00Z").expect(200);
    assert!(!listed.headers.contains_key("set-cookie"));
}

/// What is sent in a query comes back in `Link`, encoded.
#[test]
fn a_link_to_the_next_page_carries_no_line_of_its_own() {
    let house = House::open();
    let ada = house.user("ada");
    for i in 0..2 {
        house.project("ada", &format!("p{i}")).file("a", "a");
        completed(&ada, &format!("p{i}"));
    }
    let narrowed =
        ada.get("/api/v1/exports?limit=1&createdAfter=2020-01-01T00%3A00%3A00%2B00%3A00").expect(200);
    let link = narrowed.header("link");
    assert!(
        link.starts_with("</api/v1/exports?limit=1&createdAfter=2020-01-01T00%3A00%3A00%2B00%3A00&cursor="),
        "{link}"
    );
    let bent =
        ada.get("/api/v1/exports?limit=1&createdAfter=2020-01-01T00:00:00Z%0d%0aset-cookie:x=1").expect(400);
    assert!(bent.header("link").is_empty() && !bent.headers.contains_key("set-cookie"));
}

#[test]
fn no_older_answer_tells_of_the_servers_inside() {
    let house = house_with("shop", 10);
    let ada = house.user("ada");
    let job = ask(&ada, "shop");
    super::ended(&ada, &job);
    for file in house.stored_files() {
        if file.extension().is_some_and(|e| e == "zip") {
            std::fs::remove_file(file).expect("it is there");
        }
    }
    let told = [
        download(&ada, &job, &[]).expect(404),
        ada.post("/v1/projects/nothing/export", &json!({})).expect(404),
        ada.get("/api/exports/';%20DROP%20TABLE%20exports;--/status").expect(400),
        ada.post("/api/exports/schedule", &json!({"exportType": "/etc/passwd"})).expect(400),
    ];
    for answer in told {
        let text = String::from_utf8_lossy(&answer.body).to_lowercase();
        for inside in ["/tmp", "select ", "sqlx", "sqlite", "panicked", ".rs:"] {
            assert!(!text.contains(inside), "{inside} in {text}");
        }
        answer.older_code();
    }
}
