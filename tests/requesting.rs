//! Asking for exports.

use std::collections::HashSet;
use std::thread;

use serde_json::json;

use crate::support::api::wanted;
use crate::support::house::House;

#[test]
fn a_project_in_its_folder_becomes_a_package_without_registering() {
    let house = House::open();
    house.project("ada", "shop").file("src/main.rs", "fn main() {}").file("README.md", "# Shop");
    let ada = house.user("ada");

    let answer = ada.post("/api/v1/exports", &wanted("shop")).expect(202);
    assert_eq!(answer.header("location"), format!("/api/v1/exports/{}", answer.text("/id")));
    assert!(!answer.header("retry-after").is_empty());
    let export = ada.export(&answer.text("/id")).completed();

    assert_eq!(export["fileCount"], 2);
    assert_eq!(export["progress"]["percent"], 100);
    assert_eq!(export["progress"]["bytesRead"], "fn main() {}# Shop".len());
    assert_eq!(export["progress"]["bytesWritten"], export["fileSize"]);
    assert_eq!(export["warnings"], json!([]));
    assert_eq!(export["attempt"], 1);
    let name = export["fileName"].as_str().expect("a name");
    assert!(name.starts_with("shop-") && name.ends_with(".zip"), "{name}");
    assert_eq!(export["checksum"].as_str().map(str::len), Some(64));
    assert!(export["expiresAt"].is_string() && export["snapshotAt"].is_string());
}

#[test]
fn the_object_has_every_member_the_contract_names() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let export = house.user("ada").request("shop").completed();
    assert_eq!(export["userId"], "ada");
    for member in [
        "id",
        "kind",
        "status",
        "format",
        "selector",
        "options",
        "priority",
        "progress",
        "position",
        "attempt",
        "maxAttempts",
        "warnings",
        "fileName",
        "fileSize",
        "fileCount",
        "checksum",
        "downloadCount",
        "firstDownloadedAt",
        "lastDownloadedAt",
        "createdAt",
        "startedAt",
        "snapshotAt",
        "completedAt",
        "expiresAt",
        "error",
        "links",
    ] {
        assert!(export.get(member).is_some(), "no {member} in {export}");
    }
    for member in [
        "phase",
        "percent",
        "filesDone",
        "filesTotal",
        "bytesRead",
        "bytesWritten",
        "currentFile",
        "etaSeconds",
    ] {
        assert!(export["progress"].get(member).is_some(), "no progress.{member} in {export}");
    }
    assert_eq!(
        export["selector"],
        json!({"projectId": "shop", "versionId": null, "exportType": "source_code"})
    );
}

#[test]
fn a_thousand_identical_requests_at_once_make_one_job() {
    let house = House::open();
    house.project("ada", "shop").sources(200);
    let ada = house.user("ada");
    let answers: Vec<_> = thread::scope(|scope| {
        let callers: Vec<_> = (0..50)
            .map(|_| {
                let ada = ada.clone();
                scope.spawn(move || {
                    (0..20).map(|_| ada.post("/api/v1/exports", &wanted("shop"))).collect::<Vec<_>>()
                })
            })
            .collect();
        callers.into_iter().flat_map(|caller| caller.join().expect("a caller")).collect()
    });

    let ids: HashSet<_> = answers.iter().map(|answer| answer.text("/id")).collect();
    assert_eq!(ids.len(), 1, "one id for all");
    assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 1, "one was new");
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 999);
    assert!(answers.iter().filter(|answer| answer.status == 200).all(|a| a.json()["deduplicated"] == true));
    let export = ada.export(ids.iter().next().expect("one")).completed();
    assert_eq!(export["attempt"], 1);
    assert_eq!(house.metric(r#"exportd_job_attempts_total{outcome="completed"}"#) as u64, 1);
}

#[test]
fn a_completed_twin_answers_until_it_expires_and_then_a_new_one_is_made() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let first = ada.request("shop");
    first.completed();
    let again = ada.post("/api/v1/exports", &wanted("shop")).expect(200);
    assert_eq!(again.text("/id"), first.id);
    assert_eq!(again.json()["deduplicated"], true);

    for (member, wrong) in [("retentionSeconds", json!(99 * 86_400)), ("priority", json!(5))] {
        let mut again = wanted("shop");
        again[member] = wrong;
        assert!(ada.post("/api/v1/exports", &again).status >= 400, "{member} is wrong also of what is there");
    }

    house.clock().advance(std::time::Duration::from_secs(8 * 86_400));
    let new = ada.post("/api/v1/exports", &wanted("shop")).expect(202);
    assert_ne!(new.text("/id"), first.id, "expired, though no sweep has seen it");
    assert_eq!(first.status(), "expired");
    ada.export(&new.text("/id")).completed();
}

#[test]
fn whoever_wants_it_fresh_gets_the_source_as_it_is_now_and_keeps_what_was_made_before() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a").noise("large", 400_000);
    let ada = house.user("ada");
    let old = ada.request("shop");
    let before = old.completed()["checksum"].clone();
    let taken_over =
        || house.metric("exportd_cache_requests_total{cache=\"previous_packages\",outcome=\"hit\"}");
    assert_eq!(taken_over() as u64, 0);

    house.project("ada", "shop").file("b", "b");
    let mut fresh = wanted("shop");
    fresh["fresh"] = json!(true);
    let new = ada.export(&ada.post("/api/v1/exports", &fresh).expect(202).text("/id"));
    assert_ne!(new.completed()["checksum"], before);
    assert_eq!(new.show()["fileCount"], 3);
    assert_eq!(taken_over() as u64, 1, "what did not change is taken from the package before");
    assert_eq!(old.status(), "completed");
    old.download(&[]).expect(200);
    let again = ada.post("/api/v1/exports", &wanted("shop")).expect(200);
    assert_eq!(again.text("/id"), new.id, "the newest is what is there already");
}

#[test]
fn what_has_not_begun_is_fresh_enough() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let (ada, admin) = (house.user("ada"), house.admin());
    admin.act("/api/v1/admin/queue/pause").expect(200);
    let waiting = ada.request("shop");
    let mut fresh = wanted("shop");
    fresh["fresh"] = json!(true);
    let twin = ada.post("/api/v1/exports", &fresh).expect(200);
    assert_eq!((twin.text("/id"), &twin.json()["deduplicated"]), (waiting.id.clone(), &json!(true)));
    admin.act("/api/v1/admin/queue/resume").expect(200);
    waiting.completed();
}

#[test]
fn another_user_another_selection_is_another_export() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a").file("b", "b");
    house.project("bob", "shop").file("a", "a");
    let one = house.user("ada").request("shop");
    let other = house.user("bob").request("shop");
    assert_ne!(one.id, other.id);
    let part = json!({"kind": "project", "selector": {"projectId": "shop", "paths": ["a"]}});
    let part = house.user("ada").post("/api/v1/exports", &part).expect(202);
    assert_ne!(part.text("/id"), one.id);
    assert_eq!(house.user("ada").export(&part.text("/id")).completed()["fileCount"], 1);
    one.completed();
    other.completed();
}

#[test]
fn every_fault_of_a_body_is_named_with_its_place() {
    let house = House::open();
    let ada = house.user("ada");
    let body = json!({
        "kind": "project", "format": 7, "surprise": 1, "retentionSeconds": "long", "priority": "1",
        "selector": {"projectId": "../etc", "exportType": "everything", "extra": true}
    });
    let answer = ada.post("/api/v1/exports", &body).expect(400);
    assert_eq!(answer.code(), "VALIDATION_FAILED");
    let errors = answer.json()["errors"].as_array().expect("errors").clone();
    let mut pointers: Vec<_> =
        errors.iter().map(|error| error["pointer"].as_str().expect("a pointer")).collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "/format",
            "/priority",
            "/retentionSeconds",
            "/selector/exportType",
            "/selector/extra",
            "/selector/projectId",
            "/surprise"
        ]
    );
    assert!(errors.iter().all(|error| error["message"].as_str().is_some_and(|message| message.len() > 5)));
}

#[test]
fn what_cannot_be_exported_is_refused_with_a_reason() {
    let house = House::with(|settings| settings.retention.max = std::time::Duration::from_secs(3600));
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let with = |change: serde_json::Value| {
        let mut body = wanted("shop");
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        ada.post("/api/v1/exports", &body)
    };
    assert_eq!(ada.post("/api/v1/exports", &wanted("nothing")).expect(404).code(), "PROJECT_NOT_FOUND");
    assert_eq!(with(json!({"format": "csv"})).expect(422).code(), "UNSUPPORTED_FORMAT");
    assert_eq!(with(json!({"format": "rar"})).expect(422).code(), "UNSUPPORTED_FORMAT");
    assert_eq!(with(json!({"kind": "horoscope"})).expect(400).code(), "VALIDATION_FAILED");
    assert_eq!(with(json!({"retentionSeconds": 7200})).expect(400).code(), "VALIDATION_FAILED");
    assert_eq!(with(json!({"retentionSeconds": 0})).expect(400).code(), "VALIDATION_FAILED");
    assert_eq!(with(json!({"priority": 5})).expect(403).code(), "FORBIDDEN");
    let glob = json!({"selector": {"projectId": "shop", "paths": ["src/[z-a]"]}});
    assert_eq!(with(glob).expect(400).text("/errors/0/pointer"), "/selector/paths");
    let version = json!({"selector": {"projectId": "shop", "versionId": "v1"}});
    with(version).expect_one_of(&[400, 404]);
    with(json!({"retentionSeconds": 60})).expect(202);
}

#[test]
fn an_estimate_tells_what_there_would_be_and_writes_nothing() {
    let house = House::open();
    house
        .project("ada", "shop")
        .file("src/a.rs", "x".repeat(1_000))
        .file("node_modules/m/i.js", "y")
        .file(".env", "K=1");
    let ada = house.user("ada");
    let estimate = ada.post("/api/v1/exports/estimate", &wanted("shop")).expect(200).json();
    assert_eq!(estimate["files"], 1);
    assert_eq!(estimate["bytes"], 1_000);
    assert!(estimate["estimatedSeconds"].is_u64());
    assert!(estimate["excluded"].is_u64() || estimate["excluded"].is_array());
    assert_eq!(ada.get("/api/v1/exports").expect(200).json()["items"], json!([]));
    assert!(house.stored_files().is_empty());
}

#[test]
fn a_request_can_wait_for_its_end() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let answer = ada.post_with("/api/v1/exports", &wanted("shop"), &[("prefer", "wait=20")]).expect(202);
    assert_eq!(answer.header("preference-applied"), "wait=20");
    assert_eq!(answer.text("/status"), "completed");
}

#[test]
fn an_export_of_the_future_is_scheduled_and_can_be_cancelled() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let mut body = wanted("shop");
    body["runAt"] = json!(house.clock().now().plus(std::time::Duration::from_secs(3_600)).to_string());
    let export = ada.export(&ada.post("/api/v1/exports", &body).expect(202).text("/id"));
    assert_eq!(export.status(), "scheduled");
    ada.act(&export.path("/cancel")).expect(202);
    assert_eq!(export.ended()["status"], "cancelled");
}

#[test]
fn what_is_wanted_later_is_another_wish_than_what_is_wanted_now() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let mut later = wanted("shop");
    later["runAt"] = json!(house.clock().now().plus(std::time::Duration::from_secs(3_600)).to_string());
    let scheduled = ada.post("/api/v1/exports", &later).expect(202).text("/id");
    let now = ada.request("shop");
    assert_ne!(now.id, scheduled);
    now.completed();
    assert_eq!(ada.post("/api/v1/exports", &later).expect(200).text("/id"), scheduled, "the same wish");
    later["runAt"] = json!(house.clock().now().plus(std::time::Duration::from_secs(7_200)).to_string());
    let at_another_time = ada.post("/api/v1/exports", &later).expect(202).text("/id");
    assert!(![&scheduled, &now.id].contains(&&at_another_time));
    for id in [scheduled, at_another_time] {
        ada.act(&ada.export(&id).path("/cancel")).expect(202);
    }
}

#[test]
fn an_empty_project_is_an_empty_package() {
    let house = House::open();
    house.project("ada", "empty");
    let export = house.user("ada").request("empty");
    assert_eq!(export.completed()["fileCount"], 0);
    assert!(export.download(&[]).expect(200).body.starts_with(b"PK"));
}

#[test]
fn the_same_key_gives_the_same_reply_and_another_body_is_refused() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    house.project("ada", "blog").file("a", "a");
    let ada = house.user("ada");
    let key = [("idempotency-key", "nightly-1")];
    let first = ada.post_with("/api/v1/exports", &wanted("shop"), &key).expect(202);
    ada.export(&first.text("/id")).completed();
    let again = ada.post_with("/api/v1/exports", &wanted("shop"), &key).expect(202);
    assert_eq!(again.body, first.body, "the reply of then, not a new look");
    assert_eq!(again.header("location"), first.header("location"));
    let other = ada.post_with("/api/v1/exports", &wanted("blog"), &key).expect(422);
    assert_eq!(other.code(), "IDEMPOTENCY_KEY_REUSED");

    let house = house.reopened();
    let ada = house.user("ada");
    let after = ada.post_with("/api/v1/exports", &wanted("shop"), &key).expect(202);
    assert_eq!(after.body, first.body, "a restart forgets no reply");
    house.clock().advance(std::time::Duration::from_secs(25 * 3_600));
    ada.post_with("/api/v1/exports", &wanted("blog"), &key).expect(202);
    assert_eq!(ada.get("/api/v1/exports").json()["items"].as_array().map(Vec::len), Some(2));
    ada.request("blog").completed();
}

#[test]
fn a_failed_export_can_be_retried_as_a_new_one() {
    let house = House::with(|settings| settings.limits.max_files = 1);
    let folder = house.project("ada", "shop").file("a", "a").file("b", "b");
    let ada = house.user("ada");
    let failed = ada.request("shop");
    let export = failed.ended();
    assert_eq!(export["status"], "failed");
    assert_eq!(export["error"]["code"], "TOO_MANY_FILES");
    assert!(house.stored_files().is_empty(), "nothing left behind");

    std::fs::remove_file(folder.path.join("b")).expect("b is there");
    let new = ada.act(&failed.path("/retry")).expect(202);
    assert_ne!(new.text("/id"), failed.id);
    let completed = ada.export(&new.text("/id"));
    completed.completed();
    assert_eq!(ada.act(&completed.path("/retry")).expect(409).code(), "CONFLICT");
}
