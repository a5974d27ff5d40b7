//! What each user may use: told, kept, and changed while the server runs.

mod changing;
mod downloads;
mod exports;
mod storage;
mod two_servers;

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::api::{Answer, Api, ExportHandle};
use crate::support::house::House;

const HOUR: Duration = Duration::from_secs(3600);

/// A house whose users may use so much.
fn limited(change: impl FnOnce(&mut exportd::app::LimitsConfig)) -> House {
    House::with(|settings| change(&mut settings.user_limits))
}

/// An export of a project of its own, completed.
fn packed(house: &House, user: &str, project: &str, bytes: usize) -> ExportHandle {
    house.project(user, project).noise("noise.bin", bytes);
    let export = house.user(user).request(project);
    export.completed();
    export
}

/// What is told of one of the caller's own limits.
fn own(caller: &Api, policy: &str) -> Value {
    let limits = caller.get("/api/v1/limits").expect(200).json();
    let items = limits["items"].as_array().expect("a list");
    items
        .iter()
        .find(|item| item["policy"] == policy)
        .unwrap_or_else(|| panic!("no {policy}: {limits}"))
        .clone()
}

/// A refusal, whose headers and body say the same.
#[track_caller]
fn refused(answer: Answer, code: &str, policy: &str) -> Value {
    let answer = answer.expect(429);
    assert_eq!(answer.code(), code);
    let problem = answer.json();
    assert_eq!(problem["policy"], policy, "{problem}");
    assert_eq!(answer.header("retry-after"), problem["retryAfterSeconds"].to_string());
    let told = |header: &str| format!("\"{policy}\";{header}");
    assert!(answer.header("ratelimit").contains(&told(&format!("r={}", problem["remaining"]))), "{answer:?}");
    assert!(
        answer.header("ratelimit-policy").contains(&told(&format!("q={}", problem["limit"]))),
        "{answer:?}"
    );
    problem
}

fn ask(caller: &Api, project: &str) -> Answer {
    caller.post("/api/v1/exports", &json!({"kind": "project", "selector": {"projectId": project}}))
}
