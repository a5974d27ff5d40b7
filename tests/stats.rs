//! Figures, formats and upkeep: what concerns the house as a whole.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::api::{Api, wanted};
use crate::support::house::House;

const DAY: Duration = Duration::from_secs(86_400);

fn stats(api: &Api, query: &str) -> Value {
    api.get(&format!("/api/v1/stats{query}")).expect(200).json()
}

#[test]
fn an_export_with_three_downloads_counts_once() {
    let house = House::open();
    house.project("ada", "shop").noise("n", 100_000);
    let ada = house.user("ada");
    let export = ada.request("shop");
    let size = export.completed()["fileSize"].clone();
    for _ in 0..3 {
        export.download(&[]).expect(200);
        // The same caller again within a quarter of an hour would still be another download: all of it.
        house.clock().advance(Duration::from_secs(3_600));
    }
    let told = stats(&ada, "");
    assert_eq!((&told["exports"], &told["completed"]), (&json!(1), &json!(1)), "{told}");
    assert_eq!((&told["bytes"], &told["downloads"]), (&size, &json!(3)), "{told}");
    let day = &told["byDay"][0];
    assert_eq!((&day["exports"], &day["bytes"], &day["downloads"]), (&json!(1), &size, &json!(3)), "{told}");
    assert_eq!(
        told["package"],
        json!({
            "averageBytes": size, "medianBytes": size, "largestBytes": size, "files": 1, "mostFiles": 1,
        })
    );
}

#[test]
fn figures_tell_how_exports_ended_by_kind_and_format_and_by_day() {
    let house = House::with(|settings| settings.limits.max_files = 1);
    let ada = house.user("ada");
    assert_eq!(stats(&ada, "")["successRate"], Value::Null, "of nothing there is no rate");
    house.project("ada", "good").noise("n", 1_000);
    house.project("ada", "bad").file("a", "a").file("b", "b");
    house.project("ada", "late").noise("n", 3_000);
    ada.request("good").completed();
    assert_eq!(ada.request("bad").ended()["status"], "failed");
    let mut other = wanted("good");
    other["format"] = json!("tar.zst");
    ada.export(&ada.post("/api/v1/exports", &other).expect(202).text("/id")).completed();
    house.clock().advance(2 * DAY);
    ada.request("late").completed();

    let told = stats(&ada, "");
    assert_eq!(told["byStatus"], json!({"completed": 3, "failed": 1}), "{told}");
    assert_eq!(
        (&told["exports"], &told["failed"], &told["successRate"]),
        (&json!(4), &json!(1), &json!(0.75))
    );
    let kinds: Vec<_> = told["byKindAndFormat"]
        .as_array()
        .expect("kinds")
        .iter()
        .map(|kind| {
            (
                kind["kind"].clone(),
                kind["format"].clone(),
                kind["exports"].clone(),
                kind["successRate"].clone(),
            )
        })
        .collect();
    let row = |format: &str, exports: u64, rate: f64| {
        (json!("project"), json!(format), json!(exports), json!(rate))
    };
    assert_eq!(kinds, [row("tar.zst", 1, 1.0), row("zip", 3, 2.0 / 3.0)]);
    let days: Vec<_> = told["byDay"]
        .as_array()
        .expect("days")
        .iter()
        .map(|day| (day["date"].clone(), day["exports"].clone()))
        .collect();
    let now = house.clock().now();
    assert_eq!(days, [(json!(now.minus(2 * DAY).date()), json!(3)), (json!(now.date()), json!(1))]);
    for member in ["averageMillis", "medianMillis", "p95Millis", "longestMillis"] {
        assert!(told["duration"][member].is_u64(), "{member} in {told}");
    }
    assert!(told["duration"]["p95Millis"].as_u64() <= told["duration"]["longestMillis"].as_u64(), "{told}");
    assert_eq!(stats(&ada, "?days=1")["exports"], 1, "today alone");
    assert_eq!(stats(&ada, "?days=3")["exports"], 4);

    house.clock().advance(6 * DAY);
    let told = stats(&ada, "");
    assert_eq!(
        told["byStatus"],
        json!({"completed": 1, "expired": 2, "failed": 1}),
        "expired at its instant"
    );
    assert_eq!(told["completed"], 3, "what has expired was completed");
}

#[test]
fn everyones_figures_are_for_admins() {
    let house = House::open();
    for (user, project) in [("ada", "shop"), ("bob", "blog")] {
        house.project(user, project).file("a", "a");
        house.user(user).request(project).completed();
    }
    assert_eq!(stats(&house.user("ada"), "")["exports"], 1);
    let refused = house.user("ada").get("/api/v1/stats?include_system=true").expect(403);
    assert_eq!(refused.code(), "FORBIDDEN");
    assert_eq!(stats(&house.admin(), "?include_system=true")["exports"], 2);
    assert_eq!(stats(&house.admin(), "?include_system=false")["exports"], 0, "an admin's own");
    house.user("ada").anonymous().get("/api/v1/stats").expect(401);
}

#[test]
fn formats_are_told_as_packages_then_have_them() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let told = ada.get("/api/v1/formats").expect(200).json();
    let kinds = told["items"].as_array().expect("kinds");
    let kinds: Vec<_> = kinds.iter().filter(|item| item["kind"] == "project").collect();
    assert_eq!(kinds.len(), 1);
    assert_eq!(kinds[0]["formats"][0]["format"], "zip", "the one that is meant when none is named");
    for format in kinds[0]["formats"].as_array().expect("formats") {
        let mut asked = wanted("shop");
        asked["format"] = format["format"].clone();
        let export = ada.export(&ada.post("/api/v1/exports", &asked).expect(202).text("/id"));
        let name = export.completed()["fileName"].as_str().expect("a name").to_owned();
        let extension = format["extension"].as_str().expect("an extension");
        assert!(name.ends_with(&format!(".{extension}")), "{name}");
        assert_eq!(export.download(&[]).expect(200).header("content-type"), format["mediaType"]);
    }
}

#[test]
fn an_admin_sweeps_now_and_is_told_what_was_done() {
    // The house's own sweeps come too late to be faster.
    let house = House::with(|settings| settings.cleanup.interval = DAY);
    house.project("ada", "shop").noise("n", 100_000);
    let export = house.user("ada").request("shop");
    export.completed();
    let admin = house.admin();
    let nothing = json!({
        "expired": 0, "deletedFiles": 0, "freedBytes": 0, "orphansRemoved": 0, "prunedRows": 0, "errors": 0
    });
    assert_eq!(admin.act("/api/v1/admin/cleanup").expect(200).json(), nothing);
    house.clock().advance(8 * DAY);
    assert_eq!(export.api.act("/api/v1/admin/cleanup").expect(403).code(), "FORBIDDEN");
    let swept = admin.act("/api/v1/admin/cleanup").expect(200).json();
    assert_eq!(
        (&swept["expired"], &swept["deletedFiles"], &swept["errors"]),
        (&json!(1), &json!(1), &json!(0))
    );
    assert!(swept["freedBytes"].as_u64().is_some_and(|bytes| bytes >= 100_000), "{swept}");
    assert!(house.stored_files().is_empty());
    assert_eq!(admin.act("/api/v1/admin/cleanup").expect(200).json(), nothing);
}
