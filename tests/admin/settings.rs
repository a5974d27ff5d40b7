//! Settings are told with where they come from, and some change while the server runs.

use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::Method;

use super::{is_for_admins, told};
use crate::support::api::{Answer, Api, eventually};
use crate::support::house::House;
use crate::support::process::Site;
use crate::support::project::slow_text;

const CONFIG: &str = "/api/v1/admin/config";
const DAY: Duration = Duration::from_secs(86_400);

fn patch(admin: &Api, settings: &Value) -> Answer {
    let body = json!({"settings": settings}).to_string().into_bytes();
    admin.send(Method::PATCH, CONFIG, &[("content-type", "application/json")], Some(body))
}

fn setting(admin: &Api, key: &str) -> Value {
    let config = told(admin, CONFIG);
    let all = config["settings"].as_array().expect("settings");
    all.iter().find(|setting| setting["key"] == key).unwrap_or_else(|| panic!("no {key}")).clone()
}

#[test]
fn more_jobs_at_a_time_begin_at_once_and_a_restart_forgets_it() {
    let house = House::with(|settings| {
        settings.jobs.concurrency = 1;
        settings.jobs.heartbeat = Duration::from_millis(50);
        settings.packing.threads = 1;
        settings.packing.level = 9;
    });
    let words = slow_text(90);
    house.project("ada", "large").file("1.txt", &words).file("2.txt", &words);
    house.project("bob", "small").file("a", "a");
    let large = house.user("ada").request("large");
    large.until("it is being packed", |export| export["progress"]["phase"] == "compressing");
    let small = house.user("bob").request("small");
    assert_eq!(small.status(), "queued");
    let admin = house.admin();
    let config = patch(&admin, &json!({"jobs.concurrency": 2})).expect(200).json();
    small.completed();
    assert_eq!(large.status(), "processing", "there are two slots now");
    let now = setting(&admin, "jobs.concurrency");
    let told_now = (&now["value"], &now["origin"], &now["changeable"]);
    assert_eq!(told_now, (&json!("2"), &json!("run time"), &json!(true)), "{config}");
    eventually("other servers hear of it", || {
        (told(&admin, "/api/v1/admin/queue")["workers"][0]["slots"] == 2).then_some(())
    });
    let audit = told(&admin, "/api/v1/admin/audit?action=config.changed");
    assert_eq!(audit["items"][0]["detail"], json!({"jobs.concurrency": "2"}));
    large.api.act(&large.path("/cancel")).expect(202);
    large.ended();
    let house = house.reopened();
    assert_eq!(setting(&house.admin(), "jobs.concurrency")["origin"], "default");
}

#[test]
fn packages_are_kept_as_long_as_it_is_said_now() {
    let house = House::open();
    let admin = house.admin();
    patch(&admin, &json!({"retention.default": "2h", "retention.max": "3h"})).expect(200);
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let export = ada.request("shop");
    let object = export.completed();
    let instant = |member: &str| {
        let text = object[member].as_str().expect("an instant");
        exportd::domain::Timestamp::parse(text).expect("an instant")
    };
    assert_eq!(instant("expiresAt"), instant("completedAt").plus(Duration::from_secs(7_200)));
    let longer = ada.post(&export.path("/extend"), &json!({"retentionSeconds": 4 * 3_600})).expect(400);
    assert_eq!(longer.text("/errors/0/pointer"), "/retentionSeconds");
    let refused = patch(&admin, &json!({"retention.max": "1h"})).expect(400);
    assert_eq!(refused.text("/errors/0/pointer"), "/settings/retention.default");
    assert_eq!(setting(&admin, "retention.max")["value"], "3h", "nothing was changed");
    patch(&admin, &json!({"retention.default": "configured", "retention.max": "configured"})).expect(200);
    assert_eq!(setting(&admin, "retention.default")["origin"], "default");
    ada.post(&export.path("/extend"), &json!({"retentionSeconds": 4 * 3_600})).expect(200);
}

#[test]
fn a_shorter_wait_between_sweeps_counts_at_once() {
    let house = House::with(|settings| settings.cleanup.interval = DAY);
    house.project("ada", "shop").file("a", "a");
    house.user("ada").request("shop").completed();
    house.clock().advance(8 * DAY);
    assert!(!house.stored_files().is_empty());
    patch(&house.admin(), &json!({"cleanup.interval": "20ms"})).expect(200);
    eventually("it is swept", || house.stored_files().is_empty().then_some(()));
}

#[test]
fn limits_are_everyone_s_by_their_settings_names_too_and_all_or_nothing_changes() {
    let house = House::with(|settings| settings.user_limits.exports_per_hour = Some(1));
    let (ada, admin) = (house.user("ada"), house.admin());
    for project in ["a", "b", "c"] {
        house.project("ada", project).file("a", "a");
    }
    ada.request("a");
    ada.post("/api/v1/exports", &crate::support::api::wanted("b")).expect(429);
    let wrong = patch(
        &admin,
        &json!({"limits.exports_per_hour": 2, "jobs.lease": "5s", "eaten": 1, "jobs.concurrency": "many"}),
    );
    let wrong = wrong.expect(400).json();
    let pointers: Vec<_> =
        wrong["errors"].as_array().expect("errors").iter().map(|error| &error["pointer"]).collect();
    assert_eq!(pointers, ["/settings/eaten", "/settings/jobs.concurrency", "/settings/jobs.lease"]);
    ada.post("/api/v1/exports", &crate::support::api::wanted("b")).expect(429);
    patch(&admin, &json!({"limits.exports_per_hour": 2, "jobs.per_user": 7})).expect(200);
    ada.request("b");
    let limit = setting(&admin, "limits.exports_per_hour");
    assert_eq!((&limit["value"], &limit["origin"]), (&json!("2"), &json!("run time")));
    assert_eq!(setting(&admin, "jobs.per_user")["value"], "7");
    patch(&admin, &json!({"limits.exports_per_hour": null})).expect(200);
    ada.request("c");
    assert_eq!(setting(&admin, "limits.exports_per_hour")["value"], json!(null));
    is_for_admins(&ada, |api| api.get(CONFIG));
    is_for_admins(&ada, |api| patch(api, &json!({"jobs.concurrency": 9})));
    admin
        .send(
            Method::PATCH,
            CONFIG,
            &[("content-type", "application/json")],
            Some(b"{\"settings\":[]}".to_vec()),
        )
        .expect(400);
}

#[test]
fn a_limit_that_is_said_twice_and_differently_changes_nothing_nor_does_one_that_nobody_could_live_with() {
    let house = House::open();
    let admin = house.admin();
    let both = |settings: &Value, beside: &Value| {
        let mut body = beside.clone();
        body["settings"] = settings.clone();
        let body = Some(body.to_string().into_bytes());
        admin.send(Method::PATCH, CONFIG, &[("content-type", "application/json")], body)
    };
    for (settings, beside, pointer) in [
        (json!({"jobs.per_user": 4}), json!({"jobsPerUser": 5}), "/settings/jobs.per_user"),
        (
            json!({"limits.user_storage": "1GiB"}),
            json!({"userStorage": null}),
            "/settings/limits.user_storage",
        ),
        (json!({"jobs.per_user": "configured"}), json!({"jobsPerUser": 3}), "/settings/jobs.per_user"),
        (json!({}), json!({"jobsPerUser": 0}), "/jobsPerUser"),
        (json!({"jobs.per_user": 0}), json!({}), "/settings/jobs.per_user"),
        (json!({"log.level": "inof"}), json!({}), "/settings/log.level"),
    ] {
        let refused = both(&settings, &beside).expect(400);
        assert_eq!(refused.code(), "VALIDATION_FAILED");
        assert_eq!(refused.text("/errors/0/pointer"), pointer);
    }
    let refused = both(&json!({"jobs.per_user": 4}), &json!({"jobsPerUser": 5})).expect(400);
    assert_eq!(refused.text("/errors/0/message"), "4 here, and 5 beside `settings`; say it once");
    assert_eq!(setting(&admin, "jobs.per_user")["origin"], "default", "nothing was changed");
    admin.put("/api/v1/admin/limits/ada", &json!({"jobsPerUser": 0})).expect(400);
    both(&json!({"jobs.per_user": 4, "limits.user_storage": "1KiB"}), &json!({"userStorage": 1_024}))
        .expect(200);
    assert_eq!(setting(&admin, "jobs.per_user")["value"], "4");
}

#[test]
fn a_server_tells_its_settings_without_its_secrets_and_logs_more_when_it_is_told_to() {
    let site = Site::new(&[("LOG__FORMAT", "json"), ("LOG__LEVEL", "error"), ("JOBS__ATTEMPTS", "2")]);
    std::fs::write(site.path().join("exportd.toml"), "[jobs]\ndeadline = \"5m\"\n").expect("a file");
    let server = site.serve();
    let token = site.exportd(&["token", "--user", "root", "--role", "admin"]).output().expect("a token");
    let token = String::from_utf8(token.stdout).expect("text").trim().to_owned();
    let admin = Api::new(server.user("ada").address(), Some(token));
    for (key, value, origin, changeable) in [
        ("jobs.attempts", json!("2"), "environment", false),
        ("jobs.deadline", json!("5m"), "file", false),
        ("jobs.per_user", json!("3"), "default", true),
        ("auth.jwt.secret", json!("***"), "environment", false),
        ("log.level", json!("error"), "environment", true),
    ] {
        let told = setting(&admin, key);
        let now = (&told["value"], &told["origin"], &told["changeable"]);
        assert_eq!(now, (&value, &json!(origin), &json!(changeable)), "{key}");
    }
    let whole = String::from_utf8(admin.get(CONFIG).expect(200).body).expect("text");
    assert!(!whole.contains("a secret for tests") && !whole.contains("exportd.toml"), "{whole}");
    let refused =
        patch(&admin, &json!({"auth.jwt.secret": "another one that is long enough, by far"})).expect(400);
    assert!(!String::from_utf8_lossy(&refused.body).contains("another one"));

    admin.act("/api/v1/admin/queue/pause").expect(200);
    assert!(!site.log().contains("the queue is paused"), "{}", site.log());
    patch(&admin, &json!({"log.level": "info"})).expect(200);
    admin.act("/api/v1/admin/queue/resume").expect(200);
    eventually("it is logged", || site.log().contains("the queue goes on").then_some(()));
    server.terminate();
    assert!(server.gone().success());
}
