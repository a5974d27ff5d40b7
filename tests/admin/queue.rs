//! A paused queue begins nothing, anywhere, and says so; resumed, it goes on at once.

use serde_json::json;

use super::{is_for_admins, told};
use crate::support::house::House;
use crate::support::postgres::OwnDatabase;
use crate::support::project::slow_text;

const QUEUE: &str = "/api/v1/admin/queue";

#[test]
fn paused_it_takes_requests_and_begins_none_until_it_is_resumed_also_after_a_restart() {
    let house = House::open();
    for user in ["ada", "bob"] {
        house.project(user, "shop").file("a", "a");
    }
    let paused = house.admin().act("/api/v1/admin/queue/pause").expect(200).json();
    assert_eq!((&paused["paused"], &paused["pausedBy"]), (&json!(true), &json!("root")));
    assert!(paused["pausedAt"].is_string(), "{paused}");
    let waiting = house.user("ada").request("shop");
    let object = waiting.show();
    assert_eq!((&object["status"], &object["position"]), (&json!("queued"), &json!(1)), "{object}");
    assert_eq!(object["progress"]["etaSeconds"], json!(null), "nobody knows when it goes on");

    let house = house.reopened();
    let ready = house.ops().get("/readyz").expect(200).json();
    let part = json!({"name": "queue", "ok": true, "detail": "paused"});
    assert!(ready["parts"].as_array().expect("parts").contains(&part), "{ready}");
    assert_eq!(house.metric("exportd_queue_paused"), 1.0);
    let waiting = house.user("ada").export(&waiting.id);
    house.user("bob").request("shop");
    // Each claim is asked now, as every node's would be.
    assert_eq!(house.beside(async |rows| claimed(rows).await), 0);
    let queue = told(&house.admin(), QUEUE);
    assert_eq!(queue["depth"], json!({"scheduled": 0, "queued": 2, "processing": 0, "cancelling": 0}));
    assert_eq!(
        queue["users"],
        json!([{"userId": "ada", "queued": 1, "running": 0}, {"userId": "bob", "queued": 1, "running": 0}])
    );
    assert_eq!(waiting.show()["attempt"], 0);

    let resumed = house.admin().act("/api/v1/admin/queue/resume").expect(200).json();
    assert_eq!((&resumed["paused"], &resumed["pausedBy"]), (&json!(false), &json!(null)));
    waiting.completed();
    assert_eq!(house.metric("exportd_queue_paused"), 0.0);
    let audit = told(&house.admin(), "/api/v1/admin/audit?action=queue.changed");
    let changes: Vec<_> =
        audit["items"].as_array().expect("entries").iter().map(|entry| &entry["detail"]["change"]).collect();
    assert_eq!(changes, ["resumed", "paused"], "{audit}");
}

async fn claimed(rows: &exportd::db::Database) -> usize {
    let now = exportd::clock::Clock::system().now();
    let claim = exportd::db::Claim {
        worker: "another".to_owned(),
        slots: 9,
        per_user: 9,
        lease_for: std::time::Duration::from_secs(60),
        now,
    };
    rows.exports().claim(&claim).await.expect("a claim").len()
}

#[test]
fn what_runs_goes_on_while_it_is_paused_and_is_told_with_its_worker() {
    let house = House::with(|settings| {
        settings.jobs.concurrency = 1;
        settings.packing.threads = 1;
        settings.packing.level = 9;
    });
    let words = slow_text(12);
    house.project("ada", "large").file("1.txt", &words).file("2.txt", &words);
    let running = house.user("ada").request("large");
    running.until("it is being packed", |export| export["progress"]["phase"] == "compressing");
    let queue = house.admin().act("/api/v1/admin/queue/pause").expect(200).json();
    let told = &queue["running"][0];
    assert_eq!((&told["export"]["id"], &told["userId"]), (&json!(running.id), &json!("ada")), "{queue}");
    assert!(told["heartbeatAt"].is_string());
    let worker = &queue["workers"][0];
    assert_eq!(
        (&worker["name"], &worker["slots"], &worker["running"], &worker["alive"]),
        (&told["worker"], &json!(1), &json!(1), &json!(true)),
        "{queue}"
    );
    running.completed();
    let again = house.admin().act("/api/v1/admin/queue/pause").expect(200).json();
    assert_eq!(again["pausedAt"], queue["pausedAt"], "it stays as it was");
    house.admin().act("/api/v1/admin/queue/resume").expect(200);
}

#[test]
fn one_server_pauses_both() {
    let database = OwnDatabase::create();
    let one = House::with(|settings| settings.database = database.config());
    let projects = one.settings().projects.root.clone();
    let other = House::with(|settings| {
        settings.database = database.config();
        settings.projects.root = projects;
    });
    one.project("ada", "shop").file("a", "a");
    one.admin().act("/api/v1/admin/queue/pause").expect(200);
    assert_eq!(told(&other.admin(), QUEUE)["paused"], true);
    let export = other.user("ada").request("shop");
    assert_eq!(one.beside(async |rows| claimed(rows).await), 0);
    assert_eq!(export.status(), "queued");
    other.admin().act("/api/v1/admin/queue/resume").expect(200);
    export.completed();
    assert_eq!(told(&one.admin(), QUEUE)["workers"].as_array().map(Vec::len), Some(2));
}

#[test]
fn the_queue_is_for_admins() {
    let house = House::open();
    let ada = house.user("ada");
    is_for_admins(&ada, |api| api.get(QUEUE));
    is_for_admins(&ada, |api| api.act("/api/v1/admin/queue/pause"));
    is_for_admins(&ada, |api| api.act("/api/v1/admin/queue/resume"));
    assert_eq!(told(&house.admin(), QUEUE)["paused"], false);
}
