//! Two servers on one PostgreSQL are one to their users.

use std::thread;

use serde_json::json;
use ureq::http::Method;

use crate::support::api::Api;
use crate::support::house::House;
use crate::support::postgres::OwnDatabase;

use super::{ask, own, refused};

/// Two servers that read the same projects and keep packages of their own.
fn two(database: &OwnDatabase) -> [House; 2] {
    let change = |settings: &mut exportd::config::Settings| {
        settings.database = database.config();
        settings.user_limits.exports_per_hour = Some(10);
        settings.user_limits.downloads_per_minute = Some(1);
    };
    let one = House::with(change);
    let projects = one.settings().projects.root.clone();
    let other = House::with(|settings| {
        change(settings);
        settings.projects.root = projects;
    });
    [one, other]
}

#[test]
fn of_five_hundred_at_once_through_both_ten_are_let_through() {
    let database = OwnDatabase::create();
    let houses = two(&database);
    for project in 0..50 {
        houses[0].project("ada", &format!("p{project}")).file("a", project.to_string());
    }
    let callers: Vec<Api> = houses.iter().map(|house| house.user("ada")).collect();
    let through: usize = thread::scope(|scope| {
        let askers: Vec<_> = (0..50)
            .map(|asker| {
                let caller = callers[asker % 2].clone();
                let one = move |turn| {
                    let paths = json!([format!("{turn}*"), "a"]);
                    let selector = json!({"projectId": format!("p{asker}"), "paths": paths});
                    let wanted = json!({"kind": "project", "selector": selector});
                    loop {
                        let answer = caller.post("/api/v1/exports", &wanted).expect_one_of(&[202, 429, 503]);
                        if answer.status != 503 {
                            return usize::from(answer.status == 202);
                        }
                    }
                };
                scope.spawn(move || (0..10).map(one).sum::<usize>())
            })
            .collect();
        askers.into_iter().map(|asker| asker.join().expect("an asker")).sum()
    });
    assert_eq!(through, 10);
    assert_eq!(houses[0].stored::<i64>("SELECT count(*) FROM exports"), 10);
    for caller in &callers {
        refused(ask(caller, "p0"), "RATE_LIMITED", "exports-per-hour");
    }
    let page = callers[0].get("/api/v1/exports").expect(200).json();
    for export in page["items"].as_array().expect("a list") {
        callers[0].export(export["id"].as_str().expect("an id")).completed();
    }
}

#[test]
fn what_one_is_told_counts_at_the_other_at_once() {
    let database = OwnDatabase::create();
    let [one, other] = two(&database);
    for project in ["a", "b"] {
        one.project("ada", project).file("a", "a");
    }
    one.admin().put("/api/v1/admin/limits/ada", &json!({"exportsPerHour": 1})).expect(200);
    ask(&other.user("ada"), "a").expect(202);
    refused(ask(&one.user("ada"), "b"), "RATE_LIMITED", "exports-per-hour");
    let body = Some(br#"{"exportsPerHour": 2}"#.to_vec());
    let headers = [("content-type", "application/json")];
    other.admin().send(Method::PATCH, "/api/v1/admin/config", &headers, body).expect(200);
    assert_eq!(own(&one.user("ada"), "exports-per-hour")["limit"], 1, "her own goes before everyone's");
    one.admin().delete("/api/v1/admin/limits/ada").expect(204);
    ask(&other.user("ada"), "b").expect(202);
    for export in
        other.user("ada").get("/api/v1/exports").expect(200).json()["items"].as_array().expect("a list")
    {
        one.user("ada").export(export["id"].as_str().expect("an id")).completed();
    }
}
