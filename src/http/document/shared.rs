//! What many operations answer alike, told once.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Moves every response that is there several times to where it can be referred to: the document is a
/// fraction as long, and a generated client has one type for each.
pub fn share_responses(document: &mut Value) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    each_response(document, |status, response| *counts.entry(written(status, response)).or_default() += 1);
    let (mut shared, mut names) = (Map::new(), BTreeMap::new());
    each_response(document, |status, response| {
        let written = written(status, response);
        if counts[&written] < 2 {
            return;
        }
        let name = names.entry(written).or_insert_with(|| {
            let name = (1..).map(|number| name(status, number)).find(|name| !shared.contains_key(name));
            let name = name.expect("numbers do not run out");
            shared.insert(name.clone(), response.clone());
            name
        });
        *response = json!({"$ref": format!("#/components/responses/{name}")});
    });
    document["components"]["responses"] = shared.into();
}

fn written(status: &str, response: &Value) -> String {
    format!("{status} {response}")
}

/// The first of a status has its name, as most of them are the same.
fn name(status: &str, number: u32) -> String {
    if number == 1 { status.to_owned() } else { format!("{status}-{number}") }
}

fn each_response(document: &mut Value, mut see: impl FnMut(&str, &mut Value)) {
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
                see(status, response);
            }
        }
    }
}
