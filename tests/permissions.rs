//! Who may ask for what, and what others are told.

use std::collections::HashSet;

use exportd::domain::{Format, Rule};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::support::api::{Answer, Api, wanted};
use crate::support::house::House;

const OWN: &str = "/api/v1/permissions";

fn of(user: &str) -> String {
    format!("/api/v1/admin/permissions/{user}")
}

fn rule(kind: &str, format: &str, allow: bool) -> Value {
    json!({"kind": kind, "format": format, "allow": allow})
}

/// A request for `project` as `format`.
fn wanted_as(project: &str, format: &str) -> Value {
    let mut wanted = wanted(project);
    wanted["format"] = format.into();
    wanted
}

#[track_caller]
fn is_refused(answer: Answer, format: &str) {
    let refused = answer.expect(403);
    assert_eq!(refused.code(), "FORBIDDEN");
    let (kind, told) = (refused.text("/kind"), refused.text("/format"));
    assert_eq!((kind.as_str(), told.as_str()), ("project", format));
    let detail = refused.text("/detail");
    assert!(detail.contains("project") && detail.contains(format), "{detail}");
}

#[test]
fn what_a_user_may_not_ask_for_is_refused_by_name_and_what_they_have_stays() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let (ada, root) = (house.user("ada"), house.admin());
    let before = ada.request("shop");
    before.completed();
    let failed = ada.post("/api/v1/exports", &wanted_as("shop", "tar.gz")).expect(202);
    ada.export(&failed.text("/id")).completed();
    ada.delete(&format!("/api/v1/exports/{}", failed.text("/id"))).expect(204);

    root.put(&of("ada"), &json!({"rules": [rule("*", "*", false), rule("project", "tar.zst", true)]}))
        .expect(200);
    for format in ["zip", "tar.gz"] {
        is_refused(ada.post("/api/v1/exports", &wanted_as("shop", format)), format);
        is_refused(ada.post("/api/v1/exports/estimate", &wanted_as("shop", format)), format);
        is_refused(ada.post("/api/v1/projects/shop/exports", &json!({"format": format})), format);
        // Whether there is such a project is not told either.
        is_refused(ada.post("/api/v1/exports", &wanted_as("nothing", format)), format);
    }
    is_refused(ada.act(&format!("/api/v1/exports/{}/retry", failed.text("/id"))), "tar.gz");
    ada.post("/api/v1/exports", &wanted_as("shop", "tar.zst")).expect(202);
    ada.post("/api/v1/exports", &wanted_as("nothing", "tar.zst")).expect(404);
    before.download(&[]).expect(200);
    assert_eq!(ada.get("/api/v1/exports").expect(200).json()["items"].as_array().map(Vec::len), Some(3));

    // The package would be ada's, whoever asks for it; what an admin asks for is their own affair.
    is_refused(root.act(&format!("/api/v1/exports/{}/retry", failed.text("/id"))), "tar.gz");
    root.put(&of("root"), &json!({"rules": [rule("*", "*", false)]})).expect(200);
    root.post("/api/v1/exports/estimate", &wanted("nothing")).expect(404);
    root.put(&of("ada"), &json!({"rules": []})).expect(200);
    ada.act(&format!("/api/v1/exports/{}/retry", failed.text("/id"))).expect(202);
}

#[test]
fn own_rules_come_before_everyone_s_and_everyone_sees_their_own() {
    let house = House::open();
    let (ada, bob, root) = (house.user("ada"), house.user("bob"), house.admin());
    root.put(&of("*"), &json!({"rules": [rule("project", "zip", false)]})).expect(200);
    root.put(&of("bob"), &json!({"rules": [rule("*", "*", true)]})).expect(200);
    let may = |api: &Api| {
        let own = api.get(OWN).expect(200).json();
        let all = own["effective"].as_array().expect("a list").iter();
        let all = all.filter(|rule| rule["kind"] == "project");
        all.filter(|rule| rule["allow"] == true)
            .map(|rule| rule["format"].to_string())
            .collect::<HashSet<_>>()
    };
    assert_eq!(may(&ada), HashSet::from(["\"tar.gz\"".to_owned(), "\"tar.zst\"".to_owned()]));
    assert_eq!((may(&bob).len(), may(&root).len()), (3, 3));
    let own = bob.get(OWN).expect(200).json();
    assert_eq!(own["rules"], json!([rule("*", "*", true)]));
    assert_eq!(own["defaultRules"], json!([rule("project", "zip", false)]));
    is_refused(ada.post("/api/v1/exports", &wanted("nothing")), "zip");
    bob.post("/api/v1/exports", &wanted("nothing")).expect(404);

    let said = root.get(&of("bob")).expect(200).json();
    assert_eq!((said["rules"][0]["allow"].as_bool(), said["updatedBy"].as_str()), (Some(true), Some("root")));
    assert!(said["updatedAt"].is_string(), "{said}");
    assert_eq!(
        root.get(&of("carol")).expect(200).json(),
        json!({"rules": [], "updatedAt": null, "updatedBy": null})
    );
}

#[test]
fn what_another_server_was_told_counts_from_the_next_request_on() {
    let house = House::open();
    let (ada, user) = (house.user("ada"), "ada".parse().expect("a user id"));
    ada.post("/api/v1/exports", &wanted("nothing")).expect(404);
    for allow in [false, true, false] {
        let rules = [Rule { kind: None, format: Some(Format::Zip), allow }];
        let now = house.clock().now();
        house.beside(async |database| {
            database.permissions().put(&user, &rules, None, "root", now).await.expect("written")
        });
        ada.post("/api/v1/exports", &wanted("nothing")).expect(if allow { 404 } else { 403 });
    }
}

#[test]
fn only_admins_say_what_others_may_and_none_overwrites_what_they_have_not_seen() {
    let house = House::open();
    let (ada, root) = (house.user("ada"), house.admin());
    let body = json!({"rules": [rule("*", "zip", false)]});
    assert_eq!(ada.get(&of("ada")).expect(403).code(), "FORBIDDEN");
    assert_eq!(ada.put(&of("ada"), &body).expect(403).code(), "FORBIDDEN");

    let put = |tag: &str| {
        let headers = [("content-type", "application/json"), ("if-match", tag)];
        root.send(Method::PUT, &of("ada"), &headers, Some(body.to_string().into_bytes()))
    };
    let unseen = root.get(&of("ada")).expect(200).header("etag");
    let first = put(&unseen).expect(200).header("etag");
    assert_ne!(unseen, first);
    assert_eq!(put(&unseen).expect(412).code(), "PRECONDITION_FAILED");
    let read = root.get(&of("ada")).expect(200);
    assert_eq!(read.header("etag"), first);
    root.get_with(&of("ada"), &[("if-none-match", &first)]).expect(304);
    // What was read may be sent back as it is.
    let second = root.put(&of("ada"), &read.json()).expect(200).header("etag");
    assert_eq!(put(&first).expect(412).code(), "PRECONDITION_FAILED");
    put(&format!("\"x\", {second}")).expect(200);
    put("*").expect(200);
}

#[test]
fn nonsense_is_told_in_full_and_changes_nothing() {
    let house = House::open();
    let root = house.admin();
    let body = json!({"rules": [
        rule("videos", "zip", true), rule("project", "rar", true), rule("*", "*", true), rule("*", "*", false),
        {"kind": "*", "allow": 1}
    ]});
    let refused = root.put(&of("ada"), &body).expect(400);
    assert_eq!(refused.code(), "VALIDATION_FAILED");
    let refused = refused.json();
    let pointers: Vec<_> =
        refused["errors"].as_array().expect("faults").iter().map(|fault| &fault["pointer"]).collect();
    assert_eq!(
        pointers,
        ["/rules/0/kind", "/rules/1/format", "/rules/3", "/rules/4/format", "/rules/4/allow"]
    );
    assert_eq!(root.get(&of("ada")).expect(200).json()["rules"], json!([]));
    assert_eq!(root.get(&of("a%2Fb")).expect(400).code(), "INVALID_ID");
}

/// Every way to ask after, or act on, one export.
fn ways(id: &str) -> Vec<(Method, String)> {
    let at = |rest: &str| format!("/api/v1/exports/{id}{rest}");
    let link = "/links/0198f2aa-0000-7000-8000-000000000000";
    let gets = [
        "",
        "/log",
        "/events",
        "/download",
        "/download?wait=true",
        "/manifest",
        "/entries",
        "/entries/a",
        "/downloads",
        "/links",
        link,
    ];
    let posts = ["/cancel", "/retry", "/verify", "/links"];
    let gets = gets.map(|rest| (Method::GET, at(rest)));
    let others = [(Method::DELETE, at("")), (Method::DELETE, at(link)), (Method::HEAD, at("/download"))];
    gets.into_iter().chain(posts.map(|rest| (Method::POST, at(rest)))).chain(others).collect()
}

/// What an answer tells, but for what every answer has of its own.
fn told(answer: &Answer, id: &str) -> String {
    let mut headers: Vec<_> = answer.headers.iter().collect();
    headers.retain(|(name, _)| !["date", "x-correlation-id"].contains(&name.as_str()));
    headers.sort_by_key(|(name, _)| name.as_str());
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    for member in ["timestamp", "correlationId"] {
        body[member] = Value::Null;
    }
    format!("{} {headers:?} {body}", answer.status).replace(id, "ID")
}

#[test]
fn a_hidden_export_cannot_be_told_from_one_that_never_was() {
    let house = House::with(|settings| settings.access.hide_foreign_jobs = true);
    house.project("ada", "shop").file("a", "a");
    let export = house.user("ada").request("shop");
    export.completed();
    // Also while its package is kept open for its owner.
    export.download(&[]).expect(200);
    let (eve, none) = (house.user("eve"), "0198f2aa-1111-7000-8000-000000000000");
    for ((method, theirs), (_, nothing)) in ways(&export.id).into_iter().zip(ways(none)) {
        let theirs = eve.send(method.clone(), &theirs, &[], None).expect(404);
        let missing = eve.send(method.clone(), &nothing, &[], None).expect(404);
        assert_eq!(told(&theirs, &export.id), told(&missing, none), "{method} {nothing}");
        if method != Method::HEAD {
            assert_eq!(theirs.code(), "JOB_NOT_FOUND", "{method} {nothing}");
        }
    }
    export.download(&[]).expect(200);
    house.admin().get(&export.path("")).expect(200);
    house.admin().get(&export.path("/manifest")).expect(200);
    assert_eq!(eve.get("/api/v1/exports").expect(200).json()["items"], json!([]));
}

#[test]
fn unless_told_to_hide_them_strangers_hear_that_an_export_is_not_theirs() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let export = house.user("ada").request("shop");
    export.completed();
    let eve = house.user("eve");
    for (method, path) in ways(&export.id) {
        let refused = eve.send(method.clone(), &path, &[], None).expect(403);
        if method != Method::HEAD {
            assert!(
                ["FORBIDDEN", "DOWNLOAD_UNAUTHORIZED"].contains(&refused.code().as_str()),
                "{method} {path}"
            );
        }
    }
    for (method, path) in ways("0198f2aa-1111-7000-8000-000000000000") {
        eve.send(method, &path, &[], None).expect(404);
    }
}

#[test]
fn when_an_admin_acts_on_another_s_export_its_log_names_both() {
    let house = House::open();
    for id in ["shop", "blog"] {
        house.project("ada", id).file("a", "a");
    }
    let (ada, root) = (house.user("ada"), house.admin_called("root"));
    let log =
        |api: &Api, id: &str| api.get(&format!("/api/v1/exports/{id}/log")).expect(200).json().to_string();

    let export = ada.request("shop");
    export.completed();
    let link = root.post(&export.path("/links"), &json!({})).expect(201);
    root.delete(&link.header("location")).expect(204);
    root.delete(&export.path("")).expect(204);
    let again = root.act(&export.path("/retry")).expect(202).text("/id");
    let of_old = log(&ada, &export.id);
    for line in [
        format!("link {} made by root for ada", link.text("/id")),
        format!("link {} revoked by root for ada", link.text("/id")),
        "deleted by root for ada".to_owned(),
        format!("asked for again by root for ada as {again}"),
    ] {
        assert!(of_old.contains(&line), "{line}: {of_old}");
    }
    assert!(log(&ada, &again).contains("requested by root for ada"), "{}", log(&ada, &again));
    assert_eq!(ada.get(&format!("/api/v1/exports/{again}")).expect(200).text("/id"), again, "it is ada's");

    let mut later = wanted("blog");
    later["runAt"] = json!(house.clock().now().plus(std::time::Duration::from_secs(3_600)).to_string());
    let scheduled = ada.post("/api/v1/exports", &later).expect(202).text("/id");
    assert!(!log(&ada, &scheduled).contains(" by "), "ada needs no telling");
    root.act(&format!("/api/v1/exports/{scheduled}/cancel")).expect(202);
    assert!(log(&ada, &scheduled).contains("cancelled by root for ada"), "{}", log(&ada, &scheduled));
}
