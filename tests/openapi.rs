//! The document and the server say the same.

use serde_json::Value;
use ureq::http::Method;

use crate::support::api::Answer;
use crate::support::house::House;

const ID: &str = "0198f2aa-0000-7000-8000-000000000000";

#[test]
fn every_documented_call_is_served_and_wants_a_caller() {
    let house = House::open();
    let ada = house.user("ada");
    let document = ada.anonymous().get("/api/openapi.json").expect(200).json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{document}");
    let paths = document["paths"].as_object().expect("paths");
    assert!(paths.len() >= 12, "{:?}", paths.keys());
    for (path, calls) in paths {
        let calls = calls.as_object().expect("calls");
        for method in
            calls.keys().filter(|key| ["get", "put", "post", "delete", "patch"].contains(&key.as_str()))
        {
            let method: Method = method.to_uppercase().parse().expect("a method");
            let place = path.replace("{id}", ID).replace("{projectId}", "nothing");
            let place = place.replace("{versionId}", "v1").replace("{path}", "a/b");
            let place = place.replace("{linkId}", ID).replace("{token}", "nothing").replace("{tokenId}", ID);
            let file = if path.starts_with("/api-docs") { "docs.js" } else { "page.css" };
            let place = place.replace("{file}", file);
            let answer = ada.send(
                method.clone(),
                &place,
                &[("content-type", "application/json")],
                Some(b"{}".to_vec()),
            );
            assert_ne!(answer.status, 405, "{method} {path}");
            let is_older = is_older(path);
            let code = |answer: &Answer| if is_older { answer.older_code() } else { answer.code() };
            let is_served = answer.status < 400 || code(&answer) != "NOT_FOUND";
            assert!(is_served, "{method} {path} is documented and not there");
            if is_older || path.starts_with("/api/v1") && path != "/api/v1/keys" {
                let answer = ada.anonymous().send(method.clone(), &place, &[], None);
                assert_eq!(code(&answer.expect(401)), "UNAUTHENTICATED", "{method} {path}");
            }
        }
    }
}

/// Whether `path` is an earlier system's, whose clients know another envelope.
fn is_older(path: &str) -> bool {
    ["/v1/", "/api/exports", "/api/tool-registry/"].iter().any(|root| path.starts_with(root))
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    let house = House::open();
    let document = house.user("ada").get("/api/openapi.json").expect(200).json();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 10);
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("a reference into this document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect(member, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}
