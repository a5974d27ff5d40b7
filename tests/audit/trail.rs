//! What is written when something is done.

use std::io::Write;
use std::net::TcpStream;

use serde_json::json;
use ureq::http::Method;

use super::{entries, entries_are, the_only};
use crate::support::api::{eventually, wanted};
use crate::support::house::House;

#[test]
fn whoever_asks_shares_and_deletes_is_in_the_audit_before_they_have_their_answer() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let (ada, root) = (house.user("ada"), house.admin());
    let headers = [("x-correlation-id", "build-7"), ("user-agent", "tester/1")];
    let asked = ada.post_with("/api/v1/exports", &wanted("shop"), &headers).expect(202);
    let id = asked.text("/id");
    let entry = the_only(&root, "action=export.requested");
    assert_eq!(entry["actor"], "ada");
    assert_eq!(entry["user"], "ada");
    assert_eq!(entry["way"], "jwt");
    assert_eq!(entry["outcome"], "done");
    assert_eq!(entry["status"], 202);
    assert_eq!(entry["subject"], json!({"kind": "export", "id": id}));
    assert_eq!(entry["address"], "127.0.0.1");
    assert_eq!(entry["correlationId"], "build-7");
    assert_eq!(entry["agent"], "tester/1");
    assert_eq!(entry["detail"], json!({"format": "zip", "kind": "project", "project": "shop"}));

    let export = ada.export(&id);
    export.completed();
    let made = ada.post(&export.path("/links"), &json!({"password": "open sesame"})).expect(201);
    let link = the_only(&root, "action=link.made");
    assert_eq!(link["subject"], json!({"kind": "link", "id": made.text("/id")}));
    assert_eq!(link["detail"]["export"], id);
    ada.delete(&export.path(&format!("/links/{}", made.text("/id")))).expect(204);
    assert_eq!(the_only(&root, "action=link.revoked")["subject"]["id"], made.text("/id"));
    root.delete(&export.path("")).expect(204);
    let deleted = the_only(&root, "action=export.deleted");
    assert_eq!((&deleted["actor"], &deleted["subject"]["id"]), (&json!("root"), &json!(id)));

    let everything = format!("{:?}", entries(&root, ""));
    let token = made.text("/url").rsplit('/').next().expect("a token").to_owned();
    for secret in [
        ada.token(),
        &token,
        "open sesame",
        "Bearer",
        house.settings().projects.root.to_str().expect("a path"),
    ] {
        assert!(!everything.contains(secret), "{secret} is in the audit");
    }
}

#[test]
fn what_an_admin_changes_is_told_with_what_it_was_changed_to() {
    let house = House::open();
    let root = house.admin();
    let of_ada = json!({"kind": "user", "id": "ada"});
    root.put("/api/v1/admin/limits/ada", &json!({"exportsPerHour": 3, "userStorage": null})).expect(200);
    let limits = the_only(&root, "action=limits.changed");
    assert_eq!((&limits["actor"], &limits["subject"]), (&json!("root"), &of_ada));
    assert_eq!(limits["detail"], json!({"exportsPerHour": 3, "userStorage": "unlimited"}));

    let rules = json!([{"kind": "*", "format": "zip", "allow": false}]);
    root.put("/api/v1/admin/permissions/ada", &json!({"rules": rules})).expect(200);
    let permission = the_only(&root, "action=permission.changed");
    assert_eq!((&permission["actor"], &permission["subject"]), (&json!("root"), &of_ada));
    assert_eq!(permission["detail"], json!({"rules": "deny * zip"}));

    let body = br#"{"exportsPerDay": 7, "jobsPerUser": "configured"}"#.to_vec();
    let headers = [("content-type", "application/json")];
    root.send(Method::PATCH, "/api/v1/admin/config", &headers, Some(body)).expect(200);
    let config = the_only(&root, "action=config.changed");
    assert_eq!(config["detail"], json!({"exportsPerDay": 7, "jobsPerUser": "configured"}));

    // Both who acts and in whose name.
    let acting = [("x-on-behalf-of", "ada")];
    root.post_with("/api/v1/tokens", &json!({"name": "t", "scopes": ["exports:read"]}), &acting).expect(201);
    let token = the_only(&root, "action=token.made");
    assert_eq!((&token["actor"], &token["user"]), (&json!("root"), &json!("ada")));
}

#[test]
fn a_project_a_cancellation_a_retry_and_a_twin_are_told_apart() {
    let house = House::open();
    let folder = house.project("ada", "shop").file("a", "a").path;
    let (ada, root) = (house.user("ada"), house.admin());
    let source = json!({"type": "directory", "path": folder});
    ada.put("/api/v1/projects/m%C3%BCsli", &json!({"name": "M", "source": source})).expect(200);
    assert_eq!(the_only(&root, "action=project.registered")["subject"]["id"], "müsli");
    ada.delete("/api/v1/projects/m%C3%BCsli").expect(204);
    the_only(&root, "action=project.forgotten&actor=ada");

    let export = ada.request("shop");
    export.completed();
    ada.post("/api/v1/exports", &wanted("shop")).expect(200);
    let twin = entries_are(&root, "action=export.deduplicated", 1).remove(0);
    assert_eq!(twin["subject"]["id"], export.id);
    ada.act(&export.path("/cancel")).expect(409);
    let failed = entries_are(&root, "action=export.cancelled", 1).remove(0);
    assert_eq!((&failed["outcome"], &failed["code"]), (&json!("failed"), &json!("NOT_CANCELLABLE")));
    ada.delete(&export.path("")).expect(204);
    let again = ada.act(&export.path("/retry")).expect(202).text("/id");
    let retried = the_only(&root, "action=export.retried");
    assert_eq!(
        (&retried["subject"]["id"], &retried["detail"]["retried"]),
        (&json!(again), &json!(export.id))
    );
    ada.export(&again).completed();
    ada.act(&ada.export(&again).path("/verify")).expect(200);
    entries_are(&root, &format!("action=export.verified&subject={again}"), 1);
}

#[test]
fn a_request_that_is_answered_from_memory_says_so() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let (ada, root) = (house.user("ada"), house.admin());
    for _ in 0..2 {
        ada.post_with("/api/v1/exports", &wanted("shop"), &[("idempotency-key", "k")]).expect(202);
    }
    let told = entries_are(&root, "action=export.requested", 2);
    assert_eq!(told[0]["detail"]["givenAgain"], json!(null));
    assert_eq!(told[1]["detail"]["givenAgain"], true);
    assert_eq!(told[0]["subject"], told[1]["subject"]);
}

#[test]
fn a_download_is_told_once_when_it_begins_and_once_when_it_is_whole() {
    let house = House::open();
    house.project("ada", "shop").noise("n", 50_000);
    let (ada, root) = (house.user("ada"), house.admin());
    let export = ada.request("shop");
    let size = export.completed()["fileSize"].as_u64().expect("a size");
    let half = size / 2;
    let rest = format!("bytes={half}-");
    let first = [("range", format!("bytes=0-{}", half - 1)), ("x-correlation-id", "first".into())];
    export.download(&first.each_ref().map(|(name, value)| (*name, value.as_str()))).expect(206);
    let began = entries_are(&root, "action=package.downloaded", 1).remove(0);
    assert_eq!((&began["actor"], &began["correlationId"]), (&json!("ada"), &json!("first")));
    assert_eq!(began["subject"]["id"], export.id);
    assert_eq!(entries(&root, "action=package.download_completed").len(), 0);
    export.download(&[("range", &rest)]).expect(206);
    let whole = entries_are(&root, "action=package.download_completed", 1).remove(0);
    assert_eq!(whole["detail"]["bytes"], size);
    assert_eq!(whole["detail"]["download"], began["detail"]["download"]);
    ada.head(&export.path("/download"), &[]).expect(200);

    let link = ada.post(&export.path("/links"), &json!({})).expect(201);
    let path = link.text("/url").split_once("/d/").map(|(_, token)| format!("/d/{token}")).expect("a link");
    ada.anonymous().get(&path).expect(200);
    let by_link =
        entries_are(&root, &format!("action=package.downloaded&subject={}", export.id), 2).remove(1);
    assert_eq!((&by_link["way"], &by_link["key"]), (&json!("link"), &json!(link.text("/id"))));
    assert_eq!(by_link["actor"], json!(null), "whoever has the link");

    let entry = ada.get(&export.path("/entries/n")).expect(200);
    ada.get_with(&export.path("/entries/n"), &[("range", "bytes=5-9")]).expect(206);
    assert_eq!(entry.body.len(), 50_000);
    let read = entries_are(&root, "action=entry.downloaded", 1).remove(0);
    assert_eq!(read["detail"]["entry"], "n");
}

#[test]
fn what_was_done_behind_nginx_is_told_the_same() {
    let house = House::behind_nginx(|_| {});
    house.project("ada", "shop").noise("n", 50_000);
    let (ada, root) = (house.user("ada"), house.admin());
    let export = ada.request("shop");
    export.completed();
    export.download(&[]).expect(200);
    let whole = entries_are(&root, "action=package.download_completed", 1).remove(0);
    assert_eq!((&whole["detail"]["mode"], &whole["actor"]), (&json!("accel"), &json!("ada")));
    assert!(whole["correlationId"].is_string());
    the_only(&root, "action=package.downloaded");
}

#[test]
fn what_waits_is_written_when_the_house_closes_and_there_when_it_opens_again() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let export = house.user("ada").request("shop");
    export.completed();
    for _ in 0..5 {
        house.user("ada").get(&export.path("/entries/a")).expect(200);
    }
    let house = house.reopened();
    assert_eq!(entries(&house.admin(), "action=entry.downloaded").len(), 5);
}

/// The audit is away while the rest of the database is not: the worst moment for an act.
#[test]
fn what_was_done_while_the_audit_could_not_be_written_is_written_when_it_can() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let (ada, root) = (house.user("ada"), house.admin());
    house.change("ALTER TABLE audit_head RENAME TO away");
    let id = ada.post("/api/v1/exports", &wanted("shop")).expect(202).text("/id");
    assert_eq!(house.metric("exportd_audit_late_total"), 1.0);
    ada.export(&id).completed();
    house.change("ALTER TABLE away RENAME TO audit_head");
    let asked = entries_are(&root, "action=export.requested", 1).remove(0);
    assert_eq!(asked["subject"]["id"], id);
    assert_eq!(house.metric("exportd_audit_dropped_total"), 0.0);
}

#[test]
fn a_client_that_goes_away_does_not_take_its_entry_along() {
    let house = House::with(|settings| settings.jobs.concurrency = 0);
    house.project("ada", "shop").file("a", "a");
    let (ada, root) = (house.user("ada"), house.admin());
    let body = wanted("shop").to_string();
    // It waits for the end of the export, and the client does not.
    let mut socket = TcpStream::connect(ada.address()).expect("a connection");
    let head = format!(
        "POST /api/v1/exports HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nprefer: wait=30\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        ada.token(),
        body.len()
    );
    socket.write_all(head.as_bytes()).expect("room to write");
    let id = eventually("it is asked for", || {
        let listed = ada.get("/api/v1/exports").expect(200).json();
        listed["items"][0]["id"].as_str().map(str::to_owned)
    });
    drop(socket);
    // By the time that it has answered these, the server knows that the other one is gone.
    (0..50).for_each(|_| drop(ada.get("/api/v1/exports").expect(200)));
    assert_eq!(entries(&root, "action=export.requested").len(), 0, "it has not ended yet");
    ada.act(&ada.export(&id).path("/cancel")).expect(202);
    entries_are(&root, "action=export.requested&actor=ada", 1);
}

#[test]
fn entries_past_their_retention_go_with_the_deep_sweep_and_the_rest_is_unbroken() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let (ada, root) = (house.user("ada"), house.admin());
    ada.request("shop").completed();
    let before = entries(&root, "").len();
    house.clock().advance(std::time::Duration::from_secs(731 * 86_400));
    house.sweep();
    let left = entries(&root, "");
    assert_eq!(left[0]["action"], "audit.cut");
    assert_eq!(left[0]["detail"]["entries"], before + 1, "those, and who read them");
    assert_eq!(left[0]["way"], "server");
    // Dropping the house verifies the rest.
}
