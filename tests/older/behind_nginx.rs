//! Through nginx, older paths are what they are without it.

use serde_json::json;

use super::{completed, ended, status, tool_path};
use crate::support::front::{Front, through_both_fronts};
use crate::support::house::House;
use crate::support::nginx::Nginx;
use crate::support::raw::exchange;
use crate::support::sha256;

through_both_fronts! {
    packages_come_whole_in_parts_and_with_everything_by_every_name,
    what_goes_wrong_is_told_in_the_envelope_of_then,
}

fn packages_come_whole_in_parts_and_with_everything_by_every_name(front: Front) {
    let house = front.house();
    house.project("ada", "shop").noise("noise.bin", 300_000);
    let ada = house.user("ada");
    let job = completed(&ada, "shop");
    let ours = ada.export(&job);
    for (number, path) in
        [format!("/v1/export-jobs/{job}/download"), tool_path(&job), format!("/api/exports/{job}/download")]
            .into_iter()
            .enumerate()
    {
        let name = format!("older-{number}");
        let whole = ada.get_with(&path, &[("x-correlation-id", &name)]).expect(200);
        assert_eq!(ours.show()["checksum"], sha256(&whole.body), "{path}");
        if matches!(front, Front::Nginx) {
            assert!(house.nginx().sent(&name), "nginx sends it by itself: {path}");
        }
        let part = ada.get_with(&path, &[("range", "bytes=100-199")]).expect(206);
        assert_eq!(part.body, whole.body[100..200]);
        assert_eq!(part.header("content-range"), format!("bytes 100-199/{}", whole.body.len()));
        let resumed = [("range", "bytes=1000-"), ("if-range", &whole.header("etag"))];
        assert_eq!(ada.get_with(&path, &resumed).expect(206).body, whole.body[1000..]);
        assert_eq!(ada.head(&path, &[]).expect(200).header("etag"), whole.header("etag"));
        let headers =
            ["accept-ranges", "cache-control", "content-disposition", "repr-digest", "x-package-size"];
        for header in headers {
            assert_ne!(whole.header(header), "", "{header} at {path}");
        }
    }
    let url = status(&ada, &job)["downloadUrl"].as_str().expect("a URL").to_owned();
    assert_eq!(url, ada.url(&format!("/v1/export-jobs/{job}/download")), "the address that clients know");
}

fn what_goes_wrong_is_told_in_the_envelope_of_then(front: Front) {
    let house = front.house_with(|settings| settings.limits.max_files = 1);
    house.project("ada", "shop").file("a", "a").file("b", "b");
    let ada = house.user("ada");
    let job = ada.post("/v1/projects/shop/export", &json!({})).expect(202).text("/jobId");
    let told = ended(&ada, &job);
    assert_eq!(told["status"], "failed");
    assert!(told["error"].as_str().is_some_and(|text| !text.is_empty()), "{told}");
    let refused = ada.get(&tool_path(&job)).expect(404);
    assert_eq!(refused.older_code(), "PACKAGE_NOT_READY");
    assert_eq!(refused.text("/message"), "Export package not ready. Job status: failed");
    assert_eq!(ada.anonymous().get(&tool_path(&job)).expect(401).older_code(), "UNAUTHENTICATED");
    assert_eq!(ada.get("/v1/nothing").expect(404).older_code(), "NOT_FOUND");
}

/// What exportd never gets to see, nginx tells in the same envelope.
#[test]
fn what_nginx_answers_by_itself_has_the_envelope_too() {
    let house = House::behind_nginx(|_| {});
    let at = house.user("ada").address();
    let head = "HTTP/1.1\r\nhost: a\r\nx-correlation-id: mine-1\r\nconnection: close\r\n";
    for (request, status, code) in [
        (
            format!("POST /v1/projects/shop/export {head}content-length: 1048577\r\n\r\n"),
            413,
            "PAYLOAD_TOO_LARGE",
        ),
        (format!("POST /api/exports/user {head}content-length: 1048577\r\n\r\n"), 413, "PAYLOAD_TOO_LARGE"),
        (format!("TRACE /api/exports?limit=1 {head}\r\n"), 405, "METHOD_NOT_ALLOWED"),
        (format!("POST /api/tool-registry/x {head}transfer-encoding: gzip\r\n\r\n"), 501, "NOT_IMPLEMENTED"),
    ] {
        let answer = exchange(at, &request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert!(answer.to_lowercase().contains("content-type: application/json\r\n"), "{answer}");
        let body = answer.split_once("\r\n\r\n").expect("a body").1;
        let told: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {answer}"));
        assert_eq!((&told["status"], &told["code"]), (&json!("error"), &json!(code)), "{told}");
        assert!(told["message"].as_str().is_some_and(|text| text.len() > 10), "{told}");
        assert!(told["timestamp"].is_string(), "{told}");
    }
    let ours = exchange(at, &format!("POST /api/v1/exports {head}content-length: 1048577\r\n\r\n"));
    assert!(ours.to_lowercase().contains("application/problem+json"), "{ours}");
}

#[test]
fn a_server_that_is_away_is_told_of_with_when_to_come_back() {
    let house = House::open();
    let (told, ada) = (house.told(), house.user("ada"));
    let nginx = Nginx::before(&told, &[]);
    drop(house);
    let answer = ada.at(nginx.address()).get("/v1/export-jobs/17/status").expect(503);
    assert_eq!((answer.older_code().as_str(), answer.header("retry-after").as_str()), ("UNAVAILABLE", "5"));
    assert_eq!(answer.json()["retryAfter"], 5);
}
