//! Examples: of every body that is sent, and of what is answered.
//!
//! They stand in `examples.json`, by the schemas that they are of; a test sends those of requests to a real
//! server, and holds all of them against their schemas.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::http::kit::problem::{CODES, Code};

const EXAMPLES: &str = include_str!("examples.json");

/// A problem of each code, in our envelope and in that of earlier systems (`older.…`), to be referred to.
pub fn of_problems() -> Value {
    let ours = CODES.iter().map(|code| (code.word.to_owned(), json!({"value": ours(code)})));
    let older = CODES.iter().map(|code| (format!("older.{}", code.word), json!({"value": older(code)})));
    Value::Object(ours.chain(older).collect::<Map<_, _>>())
}

fn ours(code: &Code) -> Value {
    let mut problem = json!({
        "type": "about:blank",
        "title": code.status.canonical_reason(),
        "status": code.status.as_u16(),
        "detail": code.meaning,
        "instance": "/api/v1/exports",
        "code": code.word,
        "timestamp": "2026-11-20T09:30:00.000Z",
        "correlationId": "01987b3e-5d1c-7c3a-9f5e-0123456789ab",
    });
    add(&mut problem, more(code.word));
    problem
}

fn older(code: &Code) -> Value {
    let mut problem = json!({
        "status": "error",
        "message": code.meaning,
        "code": code.word,
        "timestamp": "2026-11-20T09:30:00.000Z",
        "correlationId": "01987b3e-5d1c-7c3a-9f5e-0123456789ab",
    });
    add(&mut problem, more(code.word));
    problem
}

fn add(problem: &mut Value, more: Value) {
    if let (Some(problem), Value::Object(more)) = (problem.as_object_mut(), more) {
        problem.extend(more);
    }
}

/// What else a problem of this code tells.
fn more(word: &str) -> Value {
    match word {
        "VALIDATION_FAILED" => {
            json!({"errors": [{"pointer": "/selector/projectId", "message": "is required"}]})
        }
        "PACKAGE_NOT_READY" => json!({"exportStatus": "processing"}),
        "NOT_CANCELLABLE" => json!({"exportStatus": "completed"}),
        "PACKAGE_EXPIRED" | "LINK_EXPIRED" => json!({"expiresAt": "2026-11-20T09:00:00.000Z"}),
        "RATE_LIMITED" => {
            json!({"retryAfterSeconds": 1800, "policy": "exports-per-hour", "limit": 10, "used": 10, "remaining": 0})
        }
        "QUOTA_EXCEEDED" => json!({"retryAfterSeconds": 3600, "remaining": 0}),
        _ => json!({}),
    }
}

/// What a stream of events looks like: no schema is of a stream as a whole.
const EVENTS: &str = "event: status\nid: 12\ndata: {\"status\":\"processing\",\"at\":\"2026-11-20T09:30:00.000Z\",\"message\":\"attempt 1 of 3 began\"}\n\n\
event: progress\ndata: {\"phase\":\"compressing\",\"percent\":42,\"filesDone\":120,\"filesTotal\":281}\n\n";

/// Shows with every body of `document` the examples of its schema.
pub fn show(document: &mut Value) {
    let known: BTreeMap<String, Map<String, Value>> =
        serde_json::from_str(EXAMPLES).expect("a test reads it, too");
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            if let Some(body) = operation.get_mut("requestBody") {
                show_with(body, &known);
            }
            for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
                show_with(response, &known);
            }
        }
    }
}

fn show_with(body: &mut Value, known: &BTreeMap<String, Map<String, Value>>) {
    let contents = body.get_mut("content").and_then(Value::as_object_mut);
    for (media_type, content) in contents.into_iter().flatten() {
        if media_type == "text/event-stream" {
            *content = json!({"examples": {"as told": {"value": EVENTS}}});
        }
        let schema = content["schema"]["$ref"].as_str().and_then(|to| to.rsplit('/').next());
        let Some(examples) = schema.and_then(|schema| known.get(schema)) else { continue };
        let named = examples.iter().map(|(name, value)| (name.clone(), json!({"value": value})));
        content["examples"] = Value::Object(named.collect::<Map<_, _>>());
    }
}
