//! Following one export: cheap polling, waiting, events that replay, the log.

use serde_json::Value;

use crate::support::house::House;

#[test]
fn polling_costs_nothing_while_nothing_changes() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let export = house.user("ada").request("shop");
    export.completed();
    let shown = export.api.get(&export.path("")).expect(200);
    let tag = shown.header("etag");
    let same = export.api.get_with(&export.path(""), &[("if-none-match", &tag)]).expect(304);
    assert!(same.body.is_empty());
    assert_eq!(same.header("etag"), tag);
    export.download(&[]).expect(200);
    let changed = export.api.get_with(&export.path(""), &[("if-none-match", &tag)]).expect(200);
    assert_ne!(changed.header("etag"), tag, "a download changes what is shown");
}

/// `(id, event, data)` of a whole stream.
fn events(text: &str) -> Vec<(Option<i64>, String, Value)> {
    let blocks = text.split("\n\n").filter(|block| block.contains("data:"));
    blocks
        .map(|block| {
            let field = |name: &str| {
                block
                    .lines()
                    .find_map(|line| line.strip_prefix(&format!("{name}:")))
                    .map(|value| value.trim().to_owned())
            };
            let data = serde_json::from_str(&field("data").expect("data")).expect("JSON");
            (field("id").map(|id| id.parse().expect("a number")), field("event").expect("a name"), data)
        })
        .collect()
}

#[test]
fn events_tell_every_state_and_replay_from_where_a_client_left() {
    let house = House::open();
    house.project("ada", "shop").sources(50);
    let export = house.user("ada").request("shop");
    let stream = export.api.get(&export.path("/events")).expect(200);
    assert_eq!(stream.header("content-type"), "text/event-stream");
    let all = events(&String::from_utf8(stream.body).expect("text"));
    let states: Vec<_> = all.iter().filter(|event| event.1 == "status").collect();
    let told: Vec<_> = states.iter().map(|event| event.2["status"].as_str().expect("a status")).collect();
    assert_eq!(told, ["queued", "processing", "completed"]);
    assert!(states.windows(2).all(|pair| pair[0].0 < pair[1].0), "ids grow");

    let second = states[1].0.expect("an id").to_string();
    let rest = export.api.get_with(&export.path("/events"), &[("last-event-id", &second)]).expect(200);
    let rest = events(&String::from_utf8(rest.body).expect("text"));
    let rest: Vec<_> = rest.iter().filter(|event| event.1 == "status").map(|event| event.0).collect();
    assert_eq!(rest, [states[2].0], "only what came after");

    // A browser comes back for ever unless it is told that there is nothing more.
    let last = states[2].0.expect("an id").to_string();
    export.api.get_with(&export.path("/events"), &[("last-event-id", &last)]).expect(204);
}

#[test]
fn the_log_tells_what_happened() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    std::os::unix::fs::symlink("/etc/passwd", house.settings().projects.root.join("ada/shop/link"))
        .expect("a link");
    let export = house.user("ada").request("shop");
    let warnings = export.completed()["warnings"].clone();
    assert_eq!(warnings[0]["code"], "SYMLINK_SKIPPED");
    assert_eq!(warnings[0]["path"], "link");
    export.download(&[]).expect(200);
    let log = crate::support::api::eventually("the download is in the log", || {
        let log = export.api.get(&export.path("/log")).expect(200).json().to_string();
        log.contains("download").then_some(log)
    });
    for word in ["queued", "processing", "completed", "warning"] {
        assert!(log.contains(word), "{word} in {log}");
    }
}

#[test]
fn the_manifest_tells_what_is_inside_and_what_was_left_out() {
    let house = House::open();
    house
        .project("ada", "shop")
        .file("src/tokenizer.rs", "fn t() {}")
        .file("apps/api/.env", "KEY=1")
        .file("node_modules/x/i.js", "1");
    let export = house.user("ada").request("shop");
    export.completed();
    let manifest = export.api.get(&export.path("/manifest")).expect(200).json();
    assert_eq!(manifest["entries"][0]["path"], "src/tokenizer.rs");
    assert_eq!(manifest["entries"].as_array().map(Vec::len), Some(1));
    for member in ["size", "compressedSize", "sha256", "mode"] {
        assert!(!manifest["entries"][0][member].is_null(), "{member}");
    }
    let excluded: Vec<_> = manifest["excluded"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|e| e["path"].as_str().expect("a path"))
        .collect();
    assert!(
        excluded.contains(&"apps/api/.env") && excluded.iter().any(|path| path.starts_with("node_modules")),
        "{excluded:?}"
    );
    assert!(manifest["excluded"].as_array().expect("a list").iter().all(|e| e["reason"].is_string()));
    assert!(manifest["totals"].is_object());
}
