//! The lines that programs which read the log wait for.

use std::io::Write;

use serde_json::{Value, json};

use crate::support::api::{eventually, wanted};
use crate::support::process::Site;
use crate::support::raw;

/// The log's lines with this `event`.
fn events(site: &Site, name: &str) -> Vec<Value> {
    let log = site.log();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["event"] == name).collect()
}

fn event(site: &Site, name: &str) -> Value {
    eventually(name, || events(site, name).pop())
}

#[test]
fn what_programs_wait_for_is_logged_with_its_figures() {
    let site = Site::new(&[("LIMITS__MAX_FILES", "2"), ("CLEANUP__INTERVAL", "1s")]);
    site.project("ada", "shop").file("a.txt", "1").file("b.txt", "2");
    site.project("ada", "many").file("a", "").file("b", "").file("c", "");
    let server = site.serve();
    let ada = server.user("ada");

    let export = ada.request("shop");
    let completed = export.completed();
    let told = event(&site, "export.job.completed");
    assert_eq!(told["jobId"], completed["id"]);
    assert_eq!((&told["projectId"], &told["userId"]), (&json!("shop"), &json!("ada")));
    assert_eq!((&told["fileCount"], &told["fileSizeBytes"]), (&json!(2), &completed["fileSize"]));
    assert!(told["durationMs"].is_u64() && told["correlation.id"].is_string(), "{told}");

    ada.post("/api/v1/exports", &wanted("many")).expect(202);
    let told = event(&site, "export.job.failed");
    assert_eq!((&told["projectId"], &told["userId"]), (&json!("many"), &json!("ada")));
    assert!(told["error"].as_str().is_some_and(|error| error.contains('2')), "{told}");
    assert!(told["error.code"].is_string() && told["durationMs"].is_u64(), "{told}");

    let whole = ada.get(&export.path("/download")).expect(200);
    let told = event(&site, "download.completed");
    assert_eq!((&told["jobId"], &told["userId"]), (&completed["id"], &json!("ada")));
    assert_eq!(told["bytesSent"], json!(whole.body.len()));

    let mut short = wanted("shop");
    short["retentionSeconds"] = json!(1);
    short["selector"]["paths"] = json!(["a.txt"]);
    ada.post("/api/v1/exports", &short).expect(202);
    let told = event(&site, "cleanup.swept");
    assert!(told["deletedFiles"].is_u64() && told["freedBytes"].is_u64(), "{told}");
    assert!(!site.log().contains(ada.token()), "no token is logged");
}

#[test]
fn a_download_that_breaks_off_is_logged_once_and_its_resume_completes_it() {
    let site = Site::new(&[]);
    site.project("ada", "large").noise("noise", 12_000_000);
    let server = site.serve();
    let ada = server.user("ada");
    let export = ada.request("large");
    let size = export.completed()["fileSize"].as_u64().expect("a size");

    let mut socket = raw::connect(ada.address());
    let path = export.path("/download");
    write!(socket, "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n", ada.token())
        .expect("the server reads");
    raw::read_some(&mut socket);
    drop(socket);
    let told = event(&site, "download.aborted");
    let sent = told["bytesSent"].as_u64().expect("a number");
    assert!(sent < size && told["fileSizeBytes"] == json!(size), "{told}");

    ada.get_with(&path, &[("range", "bytes=0-")]).expect(206);
    let told = event(&site, "download.completed");
    assert_eq!(told["downloadId"], events(&site, "download.aborted")[0]["downloadId"]);
    assert_eq!(events(&site, "download.aborted").len(), 1);
    assert_eq!(events(&site, "download.completed").len(), 1);
}
