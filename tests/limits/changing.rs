//! Changing limits while the server runs.

use serde_json::{Value, json};
use ureq::http::Method;

use crate::support::api::{Answer, Api};
use crate::support::house::House;
use crate::support::process::Site;

use super::{ask, limited, own, refused};

fn patch(admin: &Api, changes: &Value) -> Answer {
    let body = Some(changes.to_string().into_bytes());
    admin.send(Method::PATCH, "/api/v1/admin/config", &[("content-type", "application/json")], body)
}

fn one_an_hour() -> House {
    let house = limited(|limits| limits.exports_per_hour = Some(1));
    for project in ["a", "b", "c", "d"] {
        house.project("ada", project).file("a", "a");
    }
    house
}

#[test]
fn a_user_s_limits_are_set_read_and_taken_back() {
    let house = one_an_hour();
    let (ada, admin) = (house.user("ada"), house.admin());
    let page = "/api/v1/admin/limits/ada";
    ask(&ada, "a").expect(202);
    refused(ask(&ada, "b"), "RATE_LIMITED", "exports-per-hour");
    let told = admin.put(page, &json!({"exportsPerHour": 2, "userStorage": null})).expect(200).json();
    assert_eq!(told["set"], json!({"exportsPerHour": 2, "userStorage": null}));
    assert_eq!((&told["inForce"]["exportsPerHour"], &told["inForce"]["jobsPerUser"]), (&json!(2), &json!(3)));
    ask(&ada, "b").expect(202);
    refused(ask(&ada, "c"), "RATE_LIMITED", "exports-per-hour");
    // A PUT says all there is to say.
    admin.put(page, &json!({"exportsPerDay": 40})).expect(200);
    assert_eq!(own(&ada, "exports-per-hour")["limit"], 1);
    admin.delete(page).expect(204);
    assert_eq!(admin.get(page).expect(200).json()["set"], json!({}));
}

#[test]
fn whoever_does_not_exist_yet_may_be_limited_and_nobody_but_admins_may_do_it() {
    let house = one_an_hour();
    let page = "/api/v1/admin/limits/zoe";
    house.admin().put(page, &json!({"exportsPerHour": 0})).expect(200);
    let zoe = house.user("zoe");
    house.project("zoe", "a").file("a", "a");
    refused(ask(&zoe, "a"), "RATE_LIMITED", "exports-per-hour");
    for answer in [
        zoe.get(page),
        zoe.put(page, &json!({})),
        zoe.delete(page),
        zoe.get("/api/v1/admin/config"),
        patch(&zoe, &json!({"exportsPerHour": 99})),
    ] {
        assert_eq!(answer.expect(403).code(), "FORBIDDEN");
    }
}

#[test]
fn nonsense_is_refused_with_its_place() {
    let house = one_an_hour();
    let admin = house.admin();
    let page = "/api/v1/admin/limits/ada";
    for (member, value) in [
        ("exportsPerHour", json!(-1)),
        ("exportsPerDay", json!(1.5)),
        ("downloadsPerMinute", json!("60")),
        ("downloadBytesPerDay", json!(1e30)),
        ("userStorage", json!(9_223_372_036_854_775_808_u64)),
        ("jobsPerUser", json!({})),
        ("perWeek", json!(3)),
    ] {
        for answer in [admin.put(page, &json!({member: value})), patch(&admin, &json!({member: value}))] {
            let problem = answer.expect(400);
            assert_eq!(problem.code(), "VALIDATION_FAILED");
            assert_eq!(problem.text("/errors/0/pointer"), format!("/{member}"));
        }
    }
    admin.put(page, &json!([])).expect(400);
    admin.put("/api/v1/admin/limits/a%2Fb", &json!({})).expect(400);
    assert_eq!(admin.get(page).expect(200).json()["set"], json!({}), "nothing was changed");
}

#[test]
fn what_is_everyone_s_changes_at_once_and_tells_where_it_comes_from() {
    let house = one_an_hour();
    let (ada, admin) = (house.user("ada"), house.admin());
    let item = |name: &str| {
        let config = admin.get("/api/v1/admin/config").expect(200).json();
        let items = config["items"].as_array().expect("a list").clone();
        items.into_iter().find(|item| item["name"] == name).expect("it may change")
    };
    assert_eq!(item("exportsPerHour")["origin"], "default");
    ask(&ada, "a").expect(202);
    refused(ask(&ada, "b"), "RATE_LIMITED", "exports-per-hour");
    patch(&admin, &json!({"exportsPerHour": 2})).expect(200);
    ask(&ada, "b").expect(202);
    let changed = item("exportsPerHour");
    assert_eq!((&changed["value"], &changed["origin"]), (&json!(2), &json!("run time")));
    assert_eq!(changed["configured"], 1);
    let house = house.reopened();
    assert_eq!(own(&house.user("ada"), "exports-per-hour")["limit"], 2, "for good");
    patch(&house.admin(), &json!({"exportsPerHour": "configured"})).expect(200);
    assert_eq!(own(&house.user("ada"), "exports-per-hour")["limit"], 1);
}

#[test]
fn settings_tell_whether_a_file_or_the_environment_has_them() {
    let site = Site::new(&[("LIMITS__EXPORTS_PER_HOUR", "7")]);
    std::fs::write(site.path().join("exportd.toml"), "[limits]\nuser_storage = \"1GiB\"\n").expect("a file");
    let server = site.serve();
    let token = site.exportd(&["token", "--user", "root", "--role", "admin"]).output().expect("a token");
    let token = String::from_utf8(token.stdout).expect("text").trim().to_owned();
    let admin = Api::new(server.user("ada").address(), Some(token));
    let config = admin.get("/api/v1/admin/config").expect(200).json();
    let told: Vec<_> = config["items"].as_array().expect("a list").iter().collect();
    let of = |name: &str| told.iter().find(|item| item["name"] == name).expect("it may change");
    assert_eq!(
        (&of("exportsPerHour")["origin"], &of("exportsPerHour")["value"]),
        (&json!("environment"), &json!(7))
    );
    assert_eq!(
        (&of("userStorage")["origin"], &of("userStorage")["value"]),
        (&json!("file"), &json!(1 << 30))
    );
    assert_eq!((&of("jobsPerUser")["origin"], &of("jobsPerUser")["value"]), (&json!("default"), &json!(3)));
}

#[test]
fn another_server_s_change_counts_here_at_once() {
    let house = one_an_hour();
    let ada = house.user("ada");
    ask(&ada, "a").expect(202);
    refused(ask(&ada, "b"), "RATE_LIMITED", "exports-per-hour");
    house.beside(async |database| {
        let mut set = exportd::domain::SetLimits::default();
        set[exportd::domain::Policy::ExportsPerHour] = Some(exportd::domain::Limit::AtMost(5));
        database.user_limits().set(&"ada".parse().expect("an id"), &set).await.expect("set");
    });
    ask(&ada, "b").expect(202);
}
