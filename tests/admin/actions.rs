//! The same to many exports at once.

use std::time::Duration;

use serde_json::{Value, json};

use super::told;
use crate::support::api::{Answer, Api};
use crate::support::house::House;

const DAY: Duration = Duration::from_secs(86_400);

fn act(api: &Api, body: &Value) -> Answer {
    api.post("/api/v1/exports/actions", body)
}

/// A house with a paused queue, where ada waits for five exports and bob for one.
fn crowded() -> (House, Vec<String>) {
    let house = House::open();
    house.admin().act("/api/v1/admin/queue/pause").expect(200);
    let ada = house.user("ada");
    let ask = |i: usize| {
        house.project("ada", &format!("p{i}")).file("a", "a");
        ada.request(&format!("p{i}")).id
    };
    let ids = (0..5).map(ask).collect();
    house.project("bob", "p0").file("a", "a");
    house.user("bob").request("p0");
    (house, ids)
}

#[test]
fn a_dry_run_tells_and_the_run_does_to_all_that_match_and_to_nobody_else_s() {
    let (house, ids) = crowded();
    let ada = house.user("ada");
    let mut wanted = json!({"action": "cancel", "filter": {"status": "queued", "q": "p"}, "dryRun": true});
    let preview = act(&ada, &wanted).expect(200).json();
    assert_eq!((&preview["matching"], &preview["done"]), (&json!(5), &json!(0)), "{preview}");
    assert_eq!(
        (&preview["dryRun"], &preview["sample"][0]["id"]),
        (&json!(true), &json!(ids[0])),
        "oldest first"
    );
    assert_eq!(preview["sample"][0]["status"], "queued");
    wanted["dryRun"] = json!(false);
    let done = act(&ada, &wanted).expect(200).json();
    assert_eq!((&done["matching"], &done["done"], &done["remaining"]), (&json!(5), &json!(5), &json!(0)));
    assert_eq!((&done["sample"][4]["status"], &done["failed"]), (&json!("cancelled"), &json!([])));
    let again = act(&ada, &wanted).expect(200).json();
    assert_eq!((&again["matching"], &again["done"]), (&json!(0), &json!(0)), "there are none left");
    assert_eq!(told(&house.user("bob"), "/api/v1/exports")["items"][0]["status"], "queued");

    let foreign = json!({"action": "cancel", "filter": {"userId": "bob"}});
    assert_eq!(act(&ada, &foreign).expect(403).code(), "FORBIDDEN");
    let done = act(&house.admin(), &foreign).expect(200).json();
    assert_eq!(done["done"], 1, "an admin's are everyone's");

    let audit = told(&house.admin(), "/api/v1/admin/audit?action=export.cancelled,export.bulk_action");
    let entries = audit["items"].as_array().expect("entries");
    let of = |action: &str, actor: &str| {
        let is = |entry: &&Value| entry["action"] == action && entry["actor"] == actor;
        entries.iter().filter(is).collect::<Vec<_>>()
    };
    let each = of("export.cancelled", "ada");
    let mut subjects: Vec<_> =
        each.iter().map(|entry| entry["subject"]["id"].as_str().expect("an id")).collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ids, "one for each");
    assert!(each.iter().all(|entry| entry["detail"]["bulk"] == true && entry["correlationId"].is_string()));
    assert_eq!(of("export.cancelled", "root").len(), 1);
    let whole = of("export.bulk_action", "ada");
    assert_eq!(
        whole[2]["detail"],
        json!({"action": "cancel", "matching": 5, "done": 5, "failed": 0, "dryRun": false})
    );
    assert_eq!(whole[0]["outcome"], "refused", "{whole:?}");
}

#[test]
fn what_cannot_be_done_to_one_is_told_and_keeps_no_other() {
    let (house, ids) = crowded();
    let ada = house.user("ada");
    let of_bob = told(&house.user("bob"), "/api/v1/exports")["items"][0]["id"].clone();
    let unknown = "01987b3e-5d1c-7c3a-9f5e-0123456789ab";
    ada.act(&format!("/api/v1/exports/{}/cancel", ids[0])).expect(202);
    let wanted = json!({"action": "cancel", "ids": [ids[0], of_bob, unknown, ids[1], ids[1]]});
    let done = act(&ada, &wanted).expect(200).json();
    assert_eq!((&done["matching"], &done["done"]), (&json!(1), &json!(1)), "{done}");
    let failed: Vec<_> = done["failed"].as_array().expect("a list").iter().collect();
    let codes: Vec<_> =
        failed.iter().map(|one| (one["id"].clone(), one["code"].as_str().expect("a code"))).collect();
    assert_eq!(
        codes,
        [(json!(ids[0]), "NOT_CANCELLABLE"), (of_bob, "FORBIDDEN"), (json!(unknown), "JOB_NOT_FOUND")]
    );
    assert!(failed.iter().all(|one| one["detail"].is_string()));
}

#[test]
fn failures_of_one_cause_are_retried_once_and_a_key_makes_it_once() {
    let house = House::with(|settings| settings.limits.max_files = 1);
    let ada = house.user("ada");
    for i in 0..3 {
        house.project("ada", &format!("p{i}")).file("a", "a").file("b", "b");
        assert_eq!(ada.request(&format!("p{i}")).ended()["status"], "failed");
    }
    for i in 0..3 {
        std::fs::remove_file(house.settings().projects.root.join(format!("ada/p{i}/b"))).expect("removed");
    }
    let wanted = json!({"action": "retry", "filter": {"status": "failed", "errorCode": "TOO_MANY_FILES"}});
    let key = [("idempotency-key", "again")];
    let once = ada.post_with("/api/v1/exports/actions", &wanted, &key).expect(200);
    assert_eq!(once.json()["done"], 3, "{}", once.json());
    let twice = ada.post_with("/api/v1/exports/actions", &wanted, &key).expect(200);
    assert_eq!((twice.header("idempotency-replayed"), twice.json()), ("true".to_owned(), once.json()));
    let more = act(&ada, &wanted).expect(200).json();
    assert_eq!(more["matching"], 0, "what was asked for again is not failed any more: {more}");
    let page = told(&ada, "/api/v1/exports?status=queued,processing,completed");
    let new: Vec<_> = page["items"].as_array().expect("items").iter().collect();
    assert_eq!(new.len(), 3);
    for export in new {
        ada.export(export["id"].as_str().expect("an id")).completed();
    }
    let by_id = told(&ada, "/api/v1/exports?status=failed")["items"][0]["id"].clone();
    let more = act(&ada, &json!({"action": "retry", "ids": [by_id]})).expect(200).json();
    assert_eq!(more["done"], 1, "whoever names it means it");
}

#[test]
fn packages_are_kept_for_longer_and_deleted_together() {
    let house = House::open();
    let ada = house.user("ada");
    let export = |project: &str| {
        house.project("ada", project).file("a", "a");
        let export = ada.request(project);
        export.completed();
        export
    };
    let (old, young) = (export("old"), export("young"));
    let end = |export: &crate::support::api::ExportHandle| {
        export.show()["expiresAt"].as_str().expect("an end").to_owned()
    };
    let before = end(&old);
    house.clock().advance(DAY);
    let single = ada.act(&old.path("/extend")).expect(200);
    assert!(single.text("/expiresAt") > before, "a week from now, as when nothing is said");
    let wanted = json!({"action": "extend", "filter": {"q": "old"}, "retentionSeconds": 86_400 * 14});
    assert_eq!(act(&ada, &wanted).expect(200).json()["done"], 1);
    let later = end(&old);
    assert!(later > single.text("/expiresAt"));
    ada.post(&old.path("/extend"), &json!({"retentionSeconds": 60})).expect(200);
    assert_eq!(end(&old), later, "never for less time");
    house.clock().advance(10 * DAY);
    old.download(&[]).expect(200);
    young.download(&[]).expect(410);
    let month = json!({"retentionSeconds": 86_400 * 30});
    ada.post(&old.path("/extend"), &month).expect(200);
    let longest = house.clock().now().plus(19 * DAY + Duration::from_secs(60)).to_string();
    assert!(end(&old) < longest, "no longer than retention.max after its completion");
    assert_eq!(ada.post(&young.path("/extend"), &month).expect(409).code(), "CONFLICT");
    let too_long = json!({"action": "extend", "filter": {}, "retentionSeconds": 86_400 * 31});
    assert_eq!(act(&ada, &too_long).expect(400).text("/errors/0/pointer"), "/retentionSeconds");
    house.user("eve").post(&old.path("/extend"), &month).expect(403);

    let deleted = act(&ada, &json!({"action": "delete", "filter": {}})).expect(200).json();
    assert_eq!(
        (&deleted["done"], &deleted["sample"][0]["status"]),
        (&json!(1), &json!("expired")),
        "{deleted}"
    );
    old.download(&[]).expect(410);
    house.sweep();
    assert!(house.stored_files().is_empty());
}

#[test]
fn a_call_does_a_thousand_and_tells_how_many_are_left() {
    let (house, ids) = crowded();
    let columns =
        "owner, kind, format, title, project_id, data_selector, options, metadata, status, priority,
        max_attempts, progress, warnings, retention_ms, correlation_id, words";
    house.change(&format!(
        "INSERT INTO exports (id, dedup_key, rank_at, run_at, created_at, updated_at, {columns})
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1030)
         SELECT replace(id, substr(id, 1, 8), substr('00000000' || i, length('00000000' || i) - 7)),
            dedup_key || i, rank_at + i, run_at + i, created_at + i, updated_at, {columns}
         FROM n, (SELECT * FROM exports WHERE id = '{}') AS first",
        ids[4]
    ));
    let (ada, wanted) = (house.user("ada"), json!({"action": "cancel", "filter": {}}));
    let first = act(&ada, &wanted).expect(200).json();
    let told = |answer: &Value| ["matching", "done", "remaining"].map(|member| answer[member].as_u64());
    assert_eq!(told(&first), [Some(1035), Some(1000), Some(35)]);
    assert_eq!(first["sample"].as_array().map(Vec::len), Some(20));
    let second = act(&ada, &wanted).expect(200).json();
    assert_eq!(told(&second), [Some(35), Some(35), Some(0)]);
}
