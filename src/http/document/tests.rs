use std::collections::BTreeSet;

use serde_json::Value;

use super::document;
use crate::http::api;
use crate::http::kit::{Earlier, Route};
use crate::http::shared::Shared;

fn json() -> Value {
    document(Some("https://exports.example"))
}

/// Every operation of the document, as `GET /path`.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &'_ Value)| {
        let item = item.as_object().expect("an item").clone();
        item.into_iter().map(|(method, _)| (method, path.clone())).collect::<Vec<_>>()
    };
    let names = paths.iter().flat_map(of_path);
    names
        .map(|(method, path)| (format!("{} {path}", method.to_uppercase()), &paths[&path][&method]))
        .collect()
}

#[test]
fn what_is_documented_is_what_is_routed() {
    let document = json();
    let documented: BTreeSet<_> = operations(&document).into_iter().map(|(name, _)| name).collect();
    let routed: BTreeSet<_> =
        api::routes().iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    // Forms are for people whose browsers run no scripts, and for no program.
    let routed = routed.into_iter().filter(|name| !name.contains(" /plain")).collect();
    assert_eq!(documented, routed);
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn whoever_is_not_known_gets_no_further_than_health_this_document_and_the_page() {
    let open = |routes: Vec<Route<Shared>>| {
        let open = routes.into_iter().filter(|route| !route.proves_caller);
        open.map(|route| format!("{} {}", route.method, route.path)).collect::<Vec<_>>()
    };
    assert_eq!(
        open(api::routes()),
        [
            "GET /d/{token}",
            "GET /healthz",
            "GET /readyz",
            "GET /api/openapi.json",
            "GET /api/v1/keys",
            "GET /api-docs",
            "GET /api-docs/{file}",
            "GET /",
            "GET /assets/{file}",
            "GET /favicon.ico",
        ]
    );
    assert_eq!(open(api::ops_routes()), ["GET /metrics", "GET /healthz", "GET /readyz"]);
    for (name, operation) in operations(&json()) {
        let open = open(api::routes()).contains(&name);
        assert_eq!(operation["security"] == Value::Array(Vec::new()), open, "{name}");
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_and_tells_its_problems() {
    let document = json();
    let operations = operations(&document);
    let names: BTreeSet<_> =
        operations.iter().map(|(_, operation)| &operation["operationId"]).map(Value::to_string).collect();
    assert_eq!(names.len(), operations.len(), "{names:?}");
    for (name, operation) in operations {
        let is_older = name.split_once(' ').is_some_and(|(_, path)| Earlier::of(path).is_some());
        let (media_type, schema) =
            if is_older { ("json", "OlderProblem") } else { ("problem+json", "Problem") };
        let problem = format!("/content/application~1{media_type}/schema/$ref");
        let refused = resolved(&document, &operation["responses"]["400"]);
        let reference = format!("#/components/schemas/{schema}");
        assert_eq!(refused.pointer(&problem).and_then(Value::as_str), Some(reference.as_str()), "{name}");
        assert_eq!(operation["deprecated"] == true, is_older, "{name}");
    }
}

/// What `value` refers to, if it is a reference.
fn resolved<'v>(document: &'v Value, value: &'v Value) -> &'v Value {
    let reference = value["$ref"].as_str();
    reference.map_or(value, |to| document.pointer(to.trim_start_matches('#')).expect("it leads somewhere"))
}

/// Every part of what an operation should tell, and does not.
fn untold(document: &Value, operation: &Value) -> Vec<&'static str> {
    let tags = document["tags"].as_array().expect("tags");
    let has_tag = |tag: &Value| tags.iter().any(|known| known["name"] == *tag);
    let bodies =
        operation["responses"].as_object().expect("responses").values().chain([&operation["requestBody"]]);
    let contents = bodies
        .map(|body| resolved(document, body))
        .flat_map(|body| body["content"].as_object().into_iter().flatten());
    let is_shown =
        |content: &Value| content["examples"].is_object() || !content["schema"]["$ref"].is_string();
    let told = [
        ("a summary of one sentence", operation["summary"].as_str().is_some_and(|text| !text.contains(". "))),
        ("a description", operation["description"].as_str().is_some_and(|text| text.len() > 20)),
        (
            "a tag that is described",
            operation["tags"].as_array().is_some_and(|tags| tags.iter().all(has_tag)),
        ),
        (
            "its problems",
            operation["responses"]["400"].is_object() && operation["responses"]["500"].is_object(),
        ),
        ("examples of its bodies", contents.into_iter().all(|(_, content)| is_shown(content))),
    ];
    told.into_iter().filter(|(_, is_told)| !is_told).map(|(what, _)| what).collect()
}

#[test]
fn every_operation_says_what_it_does_what_may_go_wrong_and_what_its_bodies_look_like() {
    let document = json();
    let lacking: Vec<_> = operations(&document)
        .into_iter()
        .map(|(name, operation)| (name, untold(&document, operation)))
        .filter(|(_, untold)| !untold.is_empty())
        .collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
}

#[test]
fn every_parameter_has_a_form_and_every_answer_the_headers_that_all_have() {
    let document = json();
    for (name, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().expect("parameters") {
            let is_told = parameter["$ref"].is_string() || parameter["description"].is_string();
            assert!(is_told && !parameter["schema"]["type"].is_array(), "{name}: {parameter}");
        }
        for (status, response) in operation["responses"].as_object().expect("responses") {
            let response = resolved(&document, response);
            assert!(response["headers"]["X-Correlation-Id"].is_object(), "{name} {status}");
        }
    }
}

#[test]
fn what_a_request_does_not_know_is_refused_but_by_earlier_systems() {
    let document = json();
    for (name, operation) in operations(&document) {
        let Some(reference) = operation.pointer("/requestBody/content/application~1json/schema/$ref") else {
            continue;
        };
        let schema =
            reference.as_str().and_then(|to| document.pointer(to.trim_start_matches('#'))).expect("a schema");
        assert_eq!(schema["additionalProperties"] == false, operation["deprecated"] != true, "{name}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let document = json();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 10, "{found:?}");
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}
