//! What can be found out before anything is asked for.

use serde_json::{Value, json};

use crate::support::forum::{self, POSTS};
use crate::support::house::House;

#[test]
fn the_data_sets_are_listed_for_whoever_may_ask_for_them() {
    let house = House::with(forum::declared);
    let names = |listed: &Value| {
        let items = listed["items"].as_array().expect("items");
        items.iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let listed = house.user("ada").get("/api/v1/datasets").expect(200).json();
    assert_eq!(names(&listed), ["user_data", "conversations", "scores", "usage"]);
    assert_eq!(names(&house.admin().get("/api/v1/datasets").expect(200).json()).len(), 5);
    let scores = &listed["items"][2];
    assert_eq!(scores["parameters"][0]["name"], "least");
    assert_eq!(
        (&scores["parameters"][0]["type"], &scores["parameters"][0]["required"]),
        (&json!("number"), &json!(true))
    );
    assert_eq!(scores["sections"][0]["columns"][1]["personal"], true);
    assert_eq!(listed["items"][3]["report"], "usage");
    let told = listed.to_string();
    assert!(!told.contains("SELECT") && !told.contains("sqlite"), "{told}");
}

#[test]
fn an_estimate_counts_rows_and_writes_nothing() {
    let house = House::with(forum::declared);
    let ada = house.user("ada");
    let wanted = json!({"kind": "conversation", "format": "csv"});
    let estimate = ada.post("/api/v1/exports/estimate", &wanted).expect(200).json();
    assert_eq!((&estimate["rows"], &estimate["files"]), (&json!(POSTS), &json!(1)));
    let bytes = estimate["bytes"].as_f64().expect("bytes");
    let made = super::exported(&ada, json!({"kind": "conversation"}), "csv").1.body.len() as f64;
    assert!(bytes > made / 2.0 && bytes < made * 2.0, "{bytes} were foretold, {made} came");
}

#[test]
fn every_kind_tells_its_formats_and_what_they_may_be_compressed_with() {
    let house = House::open();
    let formats = house.user("ada").get("/api/v1/formats").expect(200).json();
    let kinds: Vec<_> = formats["items"].as_array().expect("items").iter().collect();
    let first = |kind: &str| {
        let found = kinds.iter().find(|item| item["kind"] == kind).expect(kind);
        found["formats"][0]["format"].as_str().expect("a format").to_owned()
    };
    let own = ["project", "user_data", "conversation", "analytics", "trace", "custom", "bulk"].map(first);
    assert_eq!(own, ["zip", "json", "json", "csv", "jsonl", "csv", "zip"]);
    let trace = kinds.iter().find(|item| item["kind"] == "trace").expect("traces");
    let gzip = &trace["formats"][0]["compressions"][1];
    assert_eq!((&gzip["extension"], &gzip["mediaType"]), (&json!("jsonl.gz"), &json!("application/gzip")));
}
