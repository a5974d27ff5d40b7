//! Examples of the document: right by their schemas, and taken by the server.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Value, json};
use ureq::http::Method;

use super::ground::Ground;
use crate::formats::python;

/// An operation that takes a body.
struct Taking<'d> {
    method: Method,
    path: &'d str,
    operation: &'d Value,
    /// What it may be sent, by name.
    examples: Vec<(&'d str, &'d Value)>,
}

fn taking_bodies(document: &Value) -> Vec<Taking<'_>> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let examples = operation.pointer("/requestBody/content/application~1json/examples");
            let Some(examples) = examples.and_then(Value::as_object) else { continue };
            let examples =
                examples.iter().map(|(name, example)| (name.as_str(), &example["value"])).collect();
            let method = method.to_uppercase().parse().expect("a method");
            found.push(Taking { method, path, operation, examples });
        }
    }
    found
}

#[test]
fn every_example_is_what_its_schema_says() {
    let document = Ground::new().document();
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), document.to_string()).expect("room");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract/examples.py");
    let ended = Command::new(python()).arg(script).arg(file.path()).output().expect("Python is there");
    let said =
        format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{said}");
    let counted = said.split_whitespace().next().and_then(|count| count.parse::<u32>().ok());
    assert!(counted.is_some_and(|count| count > 150), "{said}");
}

#[test]
fn every_example_of_a_request_is_taken_and_refused_with_a_word_too_many() {
    let ground = Ground::new();
    let document = ground.document();
    let (ada, root) = (ground.house.user("ada"), ground.house.admin());
    let mut tried = 0;
    for Taking { method, path, operation, examples } in taking_bodies(&document) {
        let caller = if path.starts_with("/api/v1/admin/") || path.ends_with("/bulk") { &root } else { &ada };
        let place = ground.place(path);
        let send = |body: &Value| {
            let headers = [("content-type", "application/json")];
            caller.send(method.clone(), &place, &headers, Some(body.to_string().into_bytes()))
        };
        for (name, example) in examples {
            let answer = send(&on_this_machine(&ground, example));
            let told = String::from_utf8_lossy(&answer.body).into_owned();
            // What is not there cannot be exported, however well it is asked for.
            let is_taken = answer.status < 300 || [404, 409, 422].contains(&answer.status);
            assert!(is_taken, "{method} {path}, {name}: {} {told}", answer.status);
            assert!(operation["responses"][answer.status.to_string()].is_object(), "{method} {path}: {told}");
            let mut strange = example.clone();
            strange["nobodyKnowsThis"] = json!(1);
            if operation["deprecated"] != true {
                let refused = send(&strange).expect(400);
                assert_eq!(refused.code(), "VALIDATION_FAILED", "{method} {path}, {name}");
                let errors = refused.json()["errors"].clone();
                let pointers: BTreeSet<_> = errors
                    .as_array()
                    .expect("errors")
                    .iter()
                    .filter_map(|error| error["pointer"].as_str().map(str::to_owned))
                    .collect();
                assert!(pointers.contains("/nobodyKnowsThis"), "{method} {path}, {name}: {errors}");
            }
            tried += 1;
        }
    }
    assert!(tried >= 20, "{tried}");
    // What was begun is seen to its end.
    let items = ada.get("/api/v1/exports?limit=200").expect(200).json();
    for export in items["items"].as_array().expect("items") {
        if export["status"] != "scheduled" {
            ada.export(export["id"].as_str().expect("an id")).ended();
        }
    }
}

/// `example`, whose folders are those of the house.
fn on_this_machine(ground: &Ground, example: &Value) -> Value {
    let folder = ground.house.settings().projects.root.join("ada/shop");
    let text = example.to_string();
    let folder = folder.to_str().expect("a path of text");
    let text = text.replace("/srv/projects/ada/shop", folder).replace("/srv/snapshots/shop-1.2.0", folder);
    serde_json::from_str(&text.replace("/srv/git/shop.git", folder)).expect("JSON")
}
