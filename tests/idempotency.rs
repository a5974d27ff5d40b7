//! `Idempotency-Key`: a request that is sent again is answered again, and done once.

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::support::api::{Answer, Api, ExportHandle, eventually, wanted};
use crate::support::house::House;
use crate::support::postgres::OwnDatabase;
use crate::support::process::Site;
use crate::support::raw;

const HOUR: Duration = Duration::from_secs(3_600);

/// A completed export. Links to its package are made anew by every request that is carried out.
fn packed(house: &House) -> ExportHandle {
    house.project("ada", "shop").file("a", "a");
    let export = house.user("ada").request("shop");
    export.completed();
    export
}

fn links_of(export: &ExportHandle) -> usize {
    let links = export.api.get(&export.path("/links")).expect(200).json();
    links["items"].as_array().expect("links").len()
}

fn was_replayed(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == "true"
}

/// Sends one request with one key a hundred times at once, in turn to each of `doors`; what was
/// answered.
fn a_hundred_at_once(doors: &[Api], path: &str, body: &Value) -> Vec<Answer> {
    thread::scope(|scope| {
        let sent: Vec<_> = (0..100)
            .map(|i| {
                let door = &doors[i % doors.len()];
                scope.spawn(move || door.post_with(path, body, &[("idempotency-key", "one")]))
            })
            .collect();
        sent.into_iter().map(|sent| sent.join().expect("an answer")).collect()
    })
}

/// Of a hundred, one was carried out, with this status; the others were told its reply, or that it is
/// under way.
#[track_caller]
fn one_was_carried_out(answers: &[Answer], status: u16) {
    let (waiting, answered): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 409);
    assert!(answered.iter().all(|answer| answer.status == status), "{answered:?}");
    assert_eq!(answered.iter().filter(|answer| !was_replayed(answer)).count(), 1, "one was carried out");
    let bodies: HashSet<_> = answered.iter().map(|answer| &answer.body).collect();
    assert_eq!(bodies.len(), 1, "one reply for all");
    for answer in waiting {
        assert_eq!(answer.code(), "IDEMPOTENCY_IN_PROGRESS");
        assert_eq!(answer.header("retry-after"), "1");
    }
}

#[test]
fn a_hundred_at_once_are_carried_out_once_and_told_the_same() {
    let house = House::open();
    let export = packed(&house);
    let answers = a_hundred_at_once(std::slice::from_ref(&export.api), &export.path("/links"), &json!({}));
    one_was_carried_out(&answers, 201);
    assert_eq!(links_of(&export), 1);
    let later =
        export.api.post_with(&export.path("/links"), &json!({}), &[("idempotency-key", "one")]).expect(201);
    assert!(was_replayed(&later));
    assert_eq!(links_of(&export), 1);
}

/// A request that was carried out twice would be answered with the live export, as its own reply.
#[test]
fn through_two_servers_on_one_database_it_is_carried_out_once() {
    let database = OwnDatabase::create();
    let one = House::with(|settings| settings.database = database.config());
    let projects = one.settings().projects.root.clone();
    one.project("ada", "shop").file("a", "a");
    let other = House::with(|settings| {
        settings.database = database.config();
        settings.projects.root = projects;
    });
    let doors = [one.user("ada"), other.user("ada")];
    let path = "/api/v1/exports";
    one_was_carried_out(&a_hundred_at_once(&doors, path, &wanted("shop")), 202);
    for door in &doors {
        let told = door.post_with(path, &wanted("shop"), &[("idempotency-key", "one")]).expect(202);
        assert!(was_replayed(&told));
        door.export(&told.text("/id")).completed();
        let reused = door.post_with(path, &wanted("blog"), &[("idempotency-key", "one")]);
        assert_eq!(reused.expect(422).code(), "IDEMPOTENCY_KEY_REUSED");
    }
    drop(other);
    drop(one);
}

#[test]
fn a_key_belongs_to_one_request_byte_by_byte_and_to_one_user() {
    let house = House::open();
    let export = packed(&house);
    let key = [("idempotency-key", "k"), ("content-type", "application/json")];
    let links = export.path("/links");
    let post =
        |path: &str, body: &str| export.api.send(Method::POST, path, &key, Some(body.as_bytes().to_vec()));
    let first = post(&links, r#"{"maxDownloads":3}"#).expect(201);
    assert!(!was_replayed(&first));
    assert!(was_replayed(&post(&links, r#"{"maxDownloads":3}"#).expect(201)));
    for other in [r#"{"maxDownloads": 3}"#, r#"{"maxDownloads":3} "#, r#"{"maxDownloads":4}"#, ""] {
        assert_eq!(post(&links, other).expect(422).code(), "IDEMPOTENCY_KEY_REUSED", "{other:?}");
    }
    for path in [export.path("/verify"), format!("{links}?x=1")] {
        assert_eq!(
            post(&path, r#"{"maxDownloads":3}"#).expect(422).code(),
            "IDEMPOTENCY_KEY_REUSED",
            "{path}"
        );
    }
    let theirs = house.admin().send(Method::POST, &links, &key, Some(b"{}".to_vec())).expect(201);
    assert!(!was_replayed(&theirs), "another user's key is another key");
    assert_eq!(links_of(&export), 2);
    export.api.get_with(&export.path(""), &[("idempotency-key", "k")]).expect(200);
}

#[test]
fn a_restart_forgets_nothing_and_a_day_does() {
    let house = House::open();
    let export = packed(&house);
    let (id, key) = (export.id.clone(), [("idempotency-key", "k")]);
    let first = export.api.post_with(&export.path("/links"), &json!({}), &key).expect(201);

    let house = house.reopened();
    let export = house.user("ada").export(&id);
    let after = export.api.post_with(&export.path("/links"), &json!({}), &key).expect(201);
    assert!(was_replayed(&after));
    assert_eq!((&after.body, after.header("location")), (&first.body, first.header("location")));
    house.clock().advance(23 * HOUR);
    assert!(was_replayed(&export.api.post_with(&export.path("/links"), &json!({}), &key).expect(201)));
    house.clock().advance(2 * HOUR);
    let new = export.api.post_with(&export.path("/links"), &json!({}), &key).expect(201);
    assert!(!was_replayed(&new));
    assert_ne!(new.body, first.body);
    assert_eq!(links_of(&export), 2);
}

/// Whoever lost the line before the answer came is the very one who asks again.
#[test]
fn a_client_that_went_away_is_told_what_came_of_it() {
    let house = House::open();
    let export = packed(&house);
    let (path, token) = (export.path("/links"), export.api.token().to_owned());
    let head = "HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\nidempotency-key: one\r\n";
    for _ in 0..5 {
        let mut socket = raw::connect(export.api.address());
        raw::send(&mut socket, &format!("POST {path} {head}authorization: Bearer {token}\r\n\r\n{{}}"));
    }
    one_was_carried_out_or_is(&export);
    assert_eq!(links_of(&export), 1);
}

/// Asks until there is a reply.
fn one_was_carried_out_or_is(export: &ExportHandle) {
    eventually("there is a reply", || {
        let path = export.path("/links");
        let answer = export.api.post_with(&path, &json!({}), &[("idempotency-key", "one")]);
        (answer.expect_one_of(&[201, 409]).status == 201).then_some(())
    });
}

/// What died with its server is under way for two minutes more, to all that is known; then it is carried
/// out again. An export is not made twice by that: its live twin is the answer.
#[test]
fn killed_in_the_middle_a_key_is_free_again_after_a_while_and_no_export_is_made_twice() {
    let site = Site::new(&[]);
    site.project("ada", "shop").file("a", "a");
    let server = site.serve();
    let ada = server.user("ada");
    let mut later = wanted("shop");
    later["runAt"] = json!("2099-01-01T00:00:00Z");
    let body = later.to_string();
    let mut socket = raw::connect(ada.address());
    let head =
        "POST /api/v1/exports HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nprefer: wait=30\r\n";
    let token = ada.token();
    raw::send(
        &mut socket,
        &format!(
            "{head}idempotency-key: k\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ),
    );
    let id = eventually("it is being answered", || {
        let page = ada.get("/api/v1/exports").expect(200).json();
        page["items"][0]["id"].as_str().map(str::to_owned)
    });
    server.kill();

    let server = site.serve();
    let ada = server.user("ada");
    let again = || ada.post_with("/api/v1/exports", &later, &[("idempotency-key", "k")]);
    assert_eq!(again().expect(409).code(), "IDEMPOTENCY_IN_PROGRESS");
    let other = ada.post_with("/api/v1/exports", &wanted("shop"), &[("idempotency-key", "k")]).expect(422);
    assert_eq!(other.code(), "IDEMPOTENCY_KEY_REUSED");
    change(&site, "UPDATE replies SET begun_at = begun_at - 121000");
    let done = again().expect(200);
    assert!(!was_replayed(&done), "carried out again");
    assert_eq!((done.text("/id"), &done.json()["deduplicated"]), (id.clone(), &json!(true)));
    assert!(was_replayed(&again().expect(200)));
    assert_eq!(ada.get("/api/v1/exports").json()["items"].as_array().map(Vec::len), Some(1));
    ada.act(&format!("/api/v1/exports/{id}/cancel")).expect(202);
}

/// Changes rows behind the back of a site.
fn change(site: &Site, text: &str) {
    let url = site.database().map_or_else(
        || format!("sqlite://{}", site.path().join("exportd.db").display()),
        |database| database.url.clone(),
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let rows = sea_orm::Database::connect(&url).await.expect("a connection");
        rows.execute_raw(Statement::from_string(rows.get_database_backend(), text)).await.expect("a change");
        rows.close().await.expect("it closes");
    });
}

/// A refusal that would come out the same is told again; one that may pass is not held against the key.
#[test]
fn what_may_pass_is_tried_again_and_what_will_not_is_told_again() {
    let house = House::open();
    let export = packed(&house);
    let ada = &export.api;
    let with =
        |key: &'static str, body: &Value| ada.post_with("/api/v1/exports", body, &[("idempotency-key", key)]);

    let missing = with("404", &wanted("later")).expect(404);
    house.project("ada", "later").file("a", "a");
    let again = with("404", &wanted("later")).expect(404);
    assert!(was_replayed(&again) && again.body == missing.body, "as it was told: a new try has a new key");
    ada.export(&with("404-again", &wanted("later")).expect(202).text("/id")).completed();

    with("400", &json!({"kind": "project"})).expect(400);
    assert!(was_replayed(&with("400", &json!({"kind": "project"})).expect(400)));
    house.project("ada", "important").file("a", "a");
    let mut first = wanted("important");
    first["priority"] = json!(5);
    with("403", &first).expect(403);
    assert!(!was_replayed(&with("403", &first).expect(403)), "a permission may be given");
    with("403", &wanted("shop")).expect(200);

    let nobody = ada.anonymous();
    let key = [("idempotency-key", "401")];
    nobody.post_with("/api/v1/exports", &wanted("shop"), &key).expect(401);
    assert!(!was_replayed(&with("401", &wanted("shop")).expect(200)));
    let huge = vec![b' '; (1 << 20) + 1];
    ada.send(Method::POST, "/api/v1/exports", &[("idempotency-key", "413")], Some(huge)).expect(413);
    with("413", &wanted("shop")).expect(200);
}

#[test]
fn a_full_disk_is_not_held_against_a_key() {
    let house = House::with(|settings| settings.storage.reserve = u64::MAX / 4);
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    for _ in 0..2 {
        let full = ada.post_with("/api/v1/exports", &wanted("shop"), &[("idempotency-key", "k")]).expect(507);
        assert!(!was_replayed(&full));
    }
}

#[test]
fn keys_that_are_none_are_refused_on_every_kind_of_path() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let long = "x".repeat(256);
    for keys in [&[""][..], &["a b"], &["a", "b"], &["a", "a"], &[long.as_str()], &["ü"]] {
        let headers: Vec<_> = keys.iter().map(|key| ("idempotency-key", *key)).collect();
        let refused = ada.post_with("/api/v1/exports", &wanted("shop"), &headers).expect(400);
        assert_eq!(refused.code(), "VALIDATION_FAILED", "{keys:?}");
        let refused = ada.post_with("/v1/projects/shop/export", &json!({}), &headers).expect(400);
        assert_eq!(refused.older_code(), "VALIDATION_FAILED", "{keys:?}");
    }
    assert_eq!(ada.get("/api/v1/exports").json()["items"], json!([]));
    let longest = "x".repeat(255);
    let asked =
        ada.post_with("/v1/projects/shop/export", &json!({}), &[("idempotency-key", &longest)]).expect(202);
    ada.export(&asked.text("/jobId")).completed();
}

/// Whatever can be asked for by `POST` can be asked for again, those paths too that clients of earlier
/// systems know; the document tells which there are.
#[test]
fn every_post_there_is_gives_the_same_reply_again() {
    let house = House::open();
    let export = packed(&house);
    let admin = house.admin();
    house.project("root", "shop").file("a", "a");
    let document = admin.get("/api/openapi.json").expect(200).json();
    let posts: Vec<String> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .filter(|(_, calls)| calls.get("post").is_some())
        .map(|(path, _)| path.clone())
        .collect();
    assert!(posts.len() >= 15, "{posts:?}");
    for (number, path) in posts.iter().enumerate() {
        let place = path.replace("{id}", &export.id).replace("{projectId}", "shop");
        let place = place.replace(['{', '}'], "");
        let key = format!("key-{number}");
        let headers = [("idempotency-key", key.as_str())];
        let body = if path.ends_with("/exports") { wanted("shop") } else { json!({}) };
        let first = admin.post_with(&place, &body, &headers);
        let again = admin.post_with(&place, &body, &headers);
        let may_pass = [401, 403, 429].contains(&first.status) || first.status >= 500;
        assert_eq!(was_replayed(&again), !may_pass, "{path}: {} then {}", first.status, again.status);
        assert!(!was_replayed(&first), "{path}");
        if !may_pass {
            assert_eq!((again.status, &again.body), (first.status, &first.body), "{path}");
            for header in ["content-type", "location", "retry-after"] {
                assert_eq!(again.header(header), first.header(header), "{header} of {path}");
            }
            let other = admin.post_with(&place, &json!({"other": 1}), &headers).expect(422);
            assert!(String::from_utf8_lossy(&other.body).contains("IDEMPOTENCY_KEY_REUSED"), "{path}");
        }
        let described = document["paths"][path]["post"]["parameters"].to_string();
        assert!(described.contains("Idempotency-Key"), "{path}");
    }
    for asked in admin.get("/api/v1/exports?userId=root").json()["items"].as_array().expect("items") {
        admin.export(asked["id"].as_str().expect("an id")).ended();
    }
}

#[test]
fn an_older_path_tells_of_its_keys_in_its_own_envelope() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let key = [("idempotency-key", "k")];
    let first = ada.post_with("/v1/projects/shop/export", &json!({}), &key).expect(202);
    let again = ada.post_with("/v1/projects/shop/export", &json!({}), &key).expect(202);
    assert!(was_replayed(&again) && again.body == first.body);
    let other = json!({"exportType": "full_project"});
    let reused = ada.post_with("/v1/projects/shop/export", &other, &key).expect(422);
    assert_eq!(reused.older_code(), "IDEMPOTENCY_KEY_REUSED");
    let elsewhere = ada.post_with("/api/v1/projects/shop/exports", &json!({}), &key).expect(422);
    assert_eq!(elsewhere.code(), "IDEMPOTENCY_KEY_REUSED");
    let form = [("idempotency-key", "form"), ("content-type", "multipart/form-data; boundary=x")];
    for replayed in [false, true] {
        let body = Some(b"--x\r\n\r\n--x--".to_vec());
        let refused = ada.send(Method::POST, "/v1/projects/shop/export", &form, body).expect(415);
        assert_eq!(
            (refused.text("/code"), was_replayed(&refused)),
            ("UNSUPPORTED_MEDIA_TYPE".into(), replayed)
        );
    }
    ada.export(&first.text("/jobId")).completed();
}
