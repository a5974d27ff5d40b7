//! Exports in an hour and in a day.

use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::support::house::House;
use crate::support::process::Site;

use super::{HOUR, ask, limited, own, refused};

fn ten_an_hour() -> House {
    let house = limited(|limits| {
        limits.exports_per_hour = Some(10);
        limits.exports_per_day = Some(50);
    });
    for project in 0..30 {
        house.project("ada", &format!("p{project}")).file("a", project.to_string());
    }
    house
}

#[test]
fn the_eleventh_export_in_an_hour_is_refused_and_told_when_to_come_again() {
    let house = ten_an_hour();
    let ada = house.user("ada");
    for project in 0..10 {
        let answer = ask(&ada, &format!("p{project}")).expect(202);
        let policy = r#""exports-per-hour";q=10;w=3600, "exports-per-day";q=50;w=86400"#;
        assert_eq!(answer.header("ratelimit-policy"), policy);
        let left = answer.header("ratelimit");
        assert!(left.starts_with(&format!("\"exports-per-hour\";r={};t=", 9 - project)), "{left}");
        house.clock().advance(Duration::from_secs(60));
    }
    let problem = refused(ask(&ada, "p10"), "RATE_LIMITED", "exports-per-hour");
    assert_eq!((&problem["limit"], &problem["remaining"]), (&json!(10), &json!(0)));
    let wait = problem["retryAfterSeconds"].as_u64().expect("seconds");
    assert!((2990..=3000).contains(&wait), "ten minutes of the hour have gone: {wait}");
    assert_eq!(house.metric(r#"exportd_rate_limited_total{policy="exports_per_hour"}"#), 1.0);
    house.user("bob").get("/api/v1/limits").expect(200);
    assert_eq!(own(&ada, "exports-per-hour")["remaining"], 0);

    // Exactly one comes back with the oldest.
    house.clock().advance(Duration::from_secs(wait));
    ask(&ada, "p10").expect(202);
    refused(ask(&ada, "p11"), "RATE_LIMITED", "exports-per-hour");
}

#[test]
fn an_export_that_is_there_already_is_free_also_when_nothing_is_left() {
    let house = limited(|limits| limits.exports_per_hour = Some(1));
    house.project("ada", "shop").file("a", "a");
    house.project("ada", "other").file("b", "b");
    let ada = house.user("ada");
    let first = ask(&ada, "shop").expect(202);
    for _ in 0..3 {
        let again = ask(&ada, "shop").expect(200);
        assert_eq!(again.text("/id"), first.text("/id"));
        assert_eq!(again.header("ratelimit"), "", "it is charged to nothing");
    }
    refused(ask(&ada, "other"), "RATE_LIMITED", "exports-per-hour");
    ask(&ada, "nothing").expect(404);
    assert_eq!(own(&ada, "exports-per-hour")["used"], 1, "what is refused is free too");
}

#[test]
fn of_five_hundred_different_requests_at_once_ten_are_let_through() {
    let house = ten_an_hour();
    let ada = house.user("ada");
    let through: usize = thread::scope(|scope| {
        let askers: Vec<_> = (0..50)
            .map(|asker| {
                let ada = ada.clone();
                scope.spawn(move || {
                    let ask_one = |turn: i32| {
                        let priority = json!({"kind": "project", "selector": {"projectId": format!("p{}", asker % 30),
                            "paths": [format!("{asker}-{turn}*"), "a"]}});
                        loop {
                            let answer = ada.post("/api/v1/exports", &priority).expect_one_of(&[202, 429, 503]);
                            if answer.status != 503 {
                                return usize::from(answer.status == 202);
                            }
                        }
                    };
                    (0..10).map(ask_one).sum::<usize>()
                })
            })
            .collect();
        askers.into_iter().map(|asker| asker.join().expect("an asker")).sum()
    });
    assert_eq!(through, 10);
    assert_eq!(house.stored::<i64>("SELECT count(*) FROM exports"), 10);
    assert_eq!(house.metric(r#"exportd_rate_limited_total{policy="exports_per_hour"}"#), 490.0);
    let page = ada.get("/api/v1/exports").expect(200).json();
    for export in page["items"].as_array().expect("a list") {
        ada.export(export["id"].as_str().expect("an id")).completed();
    }
}

#[test]
fn neither_a_restart_nor_deleting_gives_anything_back() {
    let house = limited(|limits| limits.exports_per_hour = Some(2));
    for project in ["a", "b", "c"] {
        house.project("ada", project).file("a", "a");
    }
    for project in ["a", "b"] {
        let export = house.user("ada").request(project);
        export.completed();
        export.api.delete(&export.path("")).expect(204);
    }
    let house = house.reopened();
    refused(ask(&house.user("ada"), "c"), "RATE_LIMITED", "exports-per-hour");
    house.clock().advance(HOUR);
    ask(&house.user("ada"), "c").expect(202);
}

#[test]
fn a_server_that_is_killed_forgets_no_charge() {
    let limits = [("LIMITS__EXPORTS_PER_HOUR", "1"), ("LIMITS__EXPORTS_PER_DAY", "none")];
    let site = Site::new(&limits);
    site.project("ada", "shop").file("a", "a");
    site.project("ada", "other").file("b", "b");
    let server = site.serve();
    server.user("ada").request("shop").completed();
    server.kill();
    let server = site.serve();
    refused(ask(&server.user("ada"), "other"), "RATE_LIMITED", "exports-per-hour");
}

#[test]
fn a_retry_is_charged_to_whoever_asks_for_it_for_themselves() {
    let house = limited(|limits| limits.exports_per_hour = Some(2));
    house.project("ada", "shop").file("a", "a");
    house.project("root", "own").file("a", "a");
    let (ada, admin) = (house.user("ada"), house.admin());
    let deleted = |id: &str| {
        ada.export(id).completed();
        ada.delete(&ada.export(id).path("")).expect(204);
    };
    let first = ada.request("shop").id;
    deleted(&first);
    let second = ada.act(&ada.export(&first).path("/retry")).expect(202).text("/id");
    deleted(&second);
    refused(ada.act(&ada.export(&second).path("/retry")), "RATE_LIMITED", "exports-per-hour");
    let third = admin.act(&ada.export(&second).path("/retry")).expect(202).text("/id");
    ada.export(&third).completed();
    assert_eq!(own(&ada, "exports-per-hour")["used"], 2, "the admin's retry is not hers");
    // An admin's own exports are limited as anyone's.
    ask(&admin, "own").expect(202);
    assert_eq!(own(&admin, "exports-per-hour")["used"], 1);
}

#[test]
fn the_day_outlasts_the_hour() {
    let house = limited(|limits| {
        limits.exports_per_hour = Some(2);
        limits.exports_per_day = Some(3);
    });
    for project in ["a", "b", "c", "d"] {
        house.project("ada", project).file("a", "a");
    }
    let ada = house.user("ada");
    ask(&ada, "a").expect(202);
    ask(&ada, "b").expect(202);
    house.clock().advance(HOUR);
    ask(&ada, "c").expect(202);
    let problem = refused(ask(&ada, "d"), "RATE_LIMITED", "exports-per-day");
    let wait = problem["retryAfterSeconds"].as_u64().expect("seconds");
    assert!((82_700..=82_800).contains(&wait), "{wait}");
}
