//! Every path of the contract's table of older paths, with the members that its clients read.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ask, completed, count, download, ended, house_with, status};
use crate::support::api::{Api, wanted};
use crate::support::house::House;
use crate::support::sha256;

const ID: &str = "0198f2aa-0000-7000-8000-000000000000";
const DAY: Duration = Duration::from_secs(86_400);

/// Every older path, with the method it answers.
const PATHS: [(&str, &str); 14] = [
    ("POST", "/v1/projects/shop/export"),
    ("GET", "/v1/export-jobs/ID/status"),
    ("GET", "/v1/export-jobs/ID/download"),
    ("GET", "/api/tool-registry/export-jobs/ID/download"),
    ("GET", "/api/exports/ID/download"),
    ("POST", "/api/exports/user"),
    ("POST", "/api/exports/bulk"),
    ("GET", "/api/exports/ID/status"),
    ("GET", "/api/exports"),
    ("POST", "/api/exports/ID/verify"),
    ("GET", "/api/exports/stats"),
    ("POST", "/api/exports/cleanup"),
    ("POST", "/api/exports/schedule"),
    ("POST", "/api/exports/process-scheduled"),
];

#[test]
fn every_path_of_the_contract_is_there_and_wants_a_caller() {
    let house = House::open();
    let ada = house.user("ada");
    for (method, path) in PATHS {
        let path = path.replace("ID", ID);
        let method = method.parse().expect("a method");
        let answer = ada.anonymous().send(method, &path, &[], None).expect(401);
        assert_eq!(answer.older_code(), "UNAUTHENTICATED", "{path}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{path}");
    }
}

#[test]
fn a_project_is_asked_for_followed_and_downloaded_by_export_jobs() {
    let house = house_with("shop", 50_000);
    let ada = house.user("ada");
    let asked = ada.post("/v1/projects/shop/export", &json!({"exportType": "full_project"})).expect(202);
    let job = asked.text("/jobId");
    assert_eq!(asked.text("/message"), "Export job queued successfully");
    assert_eq!(asked.text("/estimatedTime"), "30-60 seconds");
    assert_eq!(asked.header("location"), format!("/v1/export-jobs/{job}/status"));

    let told = ended(&ada, &job);
    assert_eq!(told["status"], "completed", "{told}");
    for member in ["progress", "downloadUrl", "expiresAt", "snapshotAt", "fileSize", "fileCount", "error"] {
        assert!(told.get(member).is_some(), "no {member} in {told}");
    }
    assert_eq!(told.as_object().map(serde_json::Map::len), Some(8), "{told}");
    assert_eq!(told["progress"]["phase"], "completed");
    assert_eq!((&told["progress"]["filesScanned"], &told["fileCount"]), (&json!(2), &json!(2)));
    assert!(told["progress"]["bytesWritten"].as_u64().is_some_and(|bytes| bytes >= 50_000), "{told}");
    assert_eq!(told["error"], Value::Null);
    for time in ["expiresAt", "snapshotAt"] {
        let time = told[time].as_str().expect("a time");
        assert!(time.ends_with('Z') && exportd::domain::Timestamp::parse(time).is_ok(), "{time}");
    }
    let url = told["downloadUrl"].as_str().expect("a URL");
    let path = url.strip_prefix(&format!("http://{}", ada.address())).expect("an address of this server");
    let package = ada.get(path).expect(200).body;
    assert_eq!(told["fileSize"], package.len());
    let ours = ada.export(&job).show();
    assert_eq!(ours["checksum"], sha256(&package), "it is the same export");
    assert_eq!(ours["selector"]["exportType"], "full_project");
}

#[test]
fn what_is_under_way_or_cancelled_is_told_in_words_that_its_clients_know() {
    let house = house_with("shop", 1_000);
    let ada = house.user("ada");
    let mut later = wanted("shop");
    later["runAt"] = json!(house.clock().now().plus(DAY).to_string());
    let export = ada.export(&ada.post("/api/v1/exports", &later).expect(202).text("/id"));
    let told = status(&ada, &export.id);
    assert_eq!((&told["status"], &told["progress"]["phase"]), (&json!("queued"), &json!("queued")));
    assert_eq!((&told["downloadUrl"], &told["fileSize"]), (&Value::Null, &Value::Null));
    let data = ada.get(&format!("/api/exports/{}/status", export.id)).expect(200).json();
    assert_eq!(data["export"]["status"], "pending");

    ada.act(&export.path("/cancel")).expect(202);
    let told = ended(&ada, &export.id);
    assert_eq!((&told["status"], &told["error"]), (&json!("failed"), &json!("the export was cancelled")));
}

#[test]
fn the_package_is_the_same_by_every_name_it_ever_had() {
    let house = house_with("shop", 20_000);
    let ada = house.user("ada");
    let job = completed(&ada, "shop");
    let ours = ada.get(&format!("/api/v1/exports/{job}/download")).expect(200);
    for path in [
        format!("/v1/export-jobs/{job}/download"),
        format!("/api/tool-registry/export-jobs/{job}/download"),
        format!("/api/exports/{job}/download"),
    ] {
        let theirs = ada.get(&path).expect(200);
        assert_eq!(theirs.body, ours.body, "{path}");
        for name in
            ["etag", "content-length", "content-disposition", "repr-digest", "last-modified", "sunset"]
        {
            assert_eq!(theirs.header(name), ours.header(name), "{name} at {path}");
        }
        let head = ada.head(&path, &[]).expect(200);
        assert_eq!((head.header("etag"), head.body.len()), (ours.header("etag"), 0));
        ada.get_with(&path, &[("if-none-match", &ours.header("etag"))]).expect(304);
        let part = ada.get_with(&path, &[("range", "bytes=5-9")]).expect(206);
        assert_eq!(part.body, ours.body[5..10]);
        let past = ada.get_with(&path, &[("range", "bytes=99999999-")]).expect(416);
        assert_eq!(
            (past.body.len(), past.header("content-range")),
            (0, format!("bytes */{}", ours.body.len()))
        );
        let other = ada.get_with(&path, &[("if-match", "\"x\"")]).expect(412);
        assert_eq!(other.older_code(), "PRECONDITION_FAILED");
        assert_eq!(other.header("etag"), ours.header("etag"));
    }
}

/// What an earlier client sends for data, and what it gets until this server exports that kind.
#[test]
fn data_that_nobody_has_declared_are_said_not_to_be_there() {
    let house = House::open();
    let options = json!({
        "includeMetadata": true, "compression": true, "dateRange": {"start": "2024-01-01", "end": "2024-12-31"}
    });
    let asked = json!({"format": "json", "options": options});
    for (path, api, kind) in
        [("/api/exports/user", house.user("ada"), "user_data"), ("/api/exports/bulk", house.admin(), "bulk")]
    {
        let answer = api.post(path, &asked).expect(422);
        assert_eq!(answer.older_code(), "UNSUPPORTED_KIND", "{path}");
        assert_eq!(
            answer.text("/message"),
            format!("this server exports no {kind}: no data set is declared for it")
        );
        let ours = api.post("/api/v1/exports", &json!({"kind": kind, "selector": {}})).expect(422);
        assert_eq!(ours.code(), "UNSUPPORTED_KIND", "the same by our own path");
        assert_eq!(api.act(path).expect(422).older_code(), "UNSUPPORTED_KIND", "without a body, too");
        let planned = json!({"exportType": kind, "format": "csv", "scheduledAt": "2030-01-01T02:00:00Z"});
        assert_eq!(api.post("/api/exports/schedule", &planned).expect(422).older_code(), "UNSUPPORTED_KIND");
    }
    assert_eq!(house.admin().get("/api/v1/exports").json()["items"], json!([]), "nothing was made");
}

#[test]
fn an_export_is_followed_with_its_log_and_verified() {
    let house = house_with("shop", 1_000);
    let ada = house.user("ada");
    let job = completed(&ada, "shop");
    let told = ada.get(&format!("/api/exports/{job}/status")).expect(200).json();
    let export = &told["export"];
    assert_eq!((&export["id"], &export["status"]), (&json!(job), &json!("completed")));
    assert_eq!((&export["exportType"], &export["format"]), (&json!("project"), &json!("zip")));
    for member in ["fileName", "fileSize", "fileCount", "checksum", "createdAt", "completedAt", "expiresAt"] {
        assert!(!export[member].is_null(), "no {member} in {export}");
    }
    let logs = told["logs"].as_array().expect("a log");
    assert!(logs.len() >= 3 && logs.iter().all(|line| line["message"].is_string()), "{told}");
    assert!(logs.iter().any(|line| line["status"] == "completed"), "{told}");

    let verified = ada.act(&format!("/api/exports/{job}/verify")).expect(200).json();
    assert_eq!(verified["ok"], true, "{verified}");
    let file = house.stored_files().into_iter().find(|file| file.extension().is_some_and(|e| e == "zip"));
    let file = file.expect("a package");
    let mut bytes = std::fs::read(&file).expect("its bytes");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).expect("written");
    let verified = ada.act(&format!("/api/exports/{job}/verify")).expect(200).json();
    assert_eq!(verified["ok"], false, "{verified}");
}

#[test]
fn lists_are_paged_by_counting_and_narrowed() {
    let house = House::open();
    let ada = house.user("ada");
    let mut asked: Vec<_> = (0..5)
        .map(|i| {
            house.project("ada", &format!("p{i}")).file("a", "a");
            completed(&ada, &format!("p{i}"))
        })
        .collect();
    house.project("bob", "other").file("a", "a");
    completed(&house.user("bob"), "other");
    let mut later = wanted("p0");
    later["runAt"] = json!(house.clock().now().plus(DAY).to_string());
    later["options"] = json!({"profile": "small"});
    asked.push(ada.post("/api/v1/exports", &later).expect(202).text("/id"));
    asked.reverse();

    let page = |api: &Api, query: &str| api.get(&format!("/api/exports{query}")).expect(200).json();
    let ids = |page: &Value| -> Vec<String> {
        let exports = page["exports"].as_array().expect("exports").iter();
        exports.map(|export| export["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(ids(&page(&ada, "")), asked, "newest first, nobody else's");
    let second = page(&ada, "?limit=4&offset=4");
    assert_eq!(ids(&second), asked[4..]);
    assert_eq!(second["pagination"], json!({"total": 6, "limit": 4, "offset": 4, "hasMore": false}));
    assert_eq!(page(&ada, "?limit=4")["pagination"]["hasMore"], true);
    assert_eq!(ids(&page(&ada, "?offset=6")), Vec::<String>::new());
    for word in ["pending", "queued"] {
        assert_eq!(ids(&page(&ada, &format!("?status={word}"))), asked[..1], "{word} is what waits");
    }
    assert_eq!(page(&ada, "?status=completed&format=zip")["pagination"]["total"], 5);
    assert_eq!(page(&ada, "?format=tar.gz")["pagination"]["total"], 0);
    assert_eq!(page(&house.admin(), "")["pagination"]["total"], 0, "an admin's own");

    house.clock().advance(8 * DAY);
    ada.export(&asked[0]).completed();
    assert_eq!(page(&ada, "?status=expired")["pagination"]["total"], 5);
    assert_eq!(page(&ada, "?status=completed")["pagination"]["total"], 1, "the later one has run by now");
}

#[test]
fn an_export_is_scheduled_once_and_what_is_due_can_be_hurried() {
    let house = house_with("shop", 1_000);
    let (ada, admin) = (house.user("ada"), house.admin());
    let at = house.clock().now().plus(DAY);
    let plan = json!({
        "exportType": "source_code", "projectId": "shop", "format": "tar.gz", "scheduledAt": at.to_string(),
        "options": {"compression": true},
    });
    let told = ada.post("/api/exports/schedule", &plan).expect(202).json();
    let request = &told["request"];
    assert_eq!((&request["status"], &request["scheduledAt"]), (&json!("pending"), &json!(at.to_string())));
    assert_eq!((&request["exportType"], &request["format"]), (&json!("project"), &json!("tar.gz")));
    let id = request["id"].as_str().expect("an id");
    let again = ada.post("/api/exports/schedule", &plan).expect(202).json();
    assert_eq!(again["request"]["id"], id, "the same plan is the same export");

    let hurried = admin.act("/api/exports/process-scheduled").expect(200).json();
    assert_eq!(hurried["processed"], 0, "it is not due: {hurried}");
    assert_eq!(ada.export(id).status(), "scheduled");
    house.clock().advance(DAY);
    let hurried = admin.act("/api/exports/process-scheduled").expect(200).json();
    // The engine looks by itself: it may have been faster.
    assert!(hurried["processed"].as_u64().is_some_and(|n| n <= 1), "{hurried}");
    assert_eq!(hurried["requests"].as_array().map(|n| n.len() as u64), hurried["processed"].as_u64());
    ada.export(id).completed();
    let refused = ada.act("/api/exports/process-scheduled").expect(403);
    assert_eq!(refused.older_code(), "FORBIDDEN");
}

#[test]
fn figures_are_told_and_everyones_only_to_admins() {
    let house = house_with("shop", 1_000);
    let (ada, admin) = (house.user("ada"), house.admin());
    let job = completed(&ada, "shop");
    download(&ada, &job, &[]).expect(200);
    assert_eq!(count(&ada, &job), 1);
    let told = ada.get("/api/exports/stats").expect(200).json();
    assert_eq!((&told["user"]["exports"], &told["user"]["downloads"]), (&json!(1), &json!(1)), "{told}");
    assert!(told.get("system").is_none());
    assert_eq!(ada.get("/api/exports/stats?include_system=true").expect(403).older_code(), "FORBIDDEN");
    let told = admin.get("/api/exports/stats?include_system=true").expect(200).json();
    assert_eq!((&told["user"]["exports"], &told["system"]["exports"]), (&json!(0), &json!(1)), "{told}");
}

#[test]
fn an_admin_has_what_expired_cleaned_up() {
    let house = house_with("shop", 50_000);
    let ada = house.user("ada");
    let job = completed(&ada, "shop");
    house.clock().advance(8 * DAY);
    assert_eq!(ada.act("/api/exports/cleanup").expect(403).older_code(), "FORBIDDEN");
    let done = house.admin().act("/api/exports/cleanup").expect(200).json();
    // The house sweeps by itself, too: what it was faster with is not done twice.
    assert!(done["deletedFiles"].as_u64().is_some_and(|n| n <= 1) && done["errors"] == 0, "{done}");
    assert!(house.stored_files().is_empty());
    let gone = download(&ada, &job, &[]).expect(410);
    assert_eq!(gone.older_code(), "PACKAGE_EXPIRED");
}

#[test]
fn a_second_request_is_the_first_jobs() {
    let house = house_with("shop", 1_000);
    let ada = house.user("ada");
    let first = ask(&ada, "shop");
    assert_eq!(ask(&ada, "shop"), first);
    ended(&ada, &first);
    assert_eq!(ask(&ada, "shop"), first, "also when it is done");
    assert_eq!(ada.request("shop").id, first, "and by our own path");
}
