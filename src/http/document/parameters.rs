//! Parameters: those that every operation takes, and what the others look like.

use serde_json::{Value, json};

use super::completing::Facts;
use crate::domain::{Format, Kind, Status};

/// What is true of every UUID here (RFC 9562 §4, in lower case).
pub const UUID: &str = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
/// What can be one folder's name.
pub const SEGMENT: &str = r"^(?!\.\.?$)[^/\\\u0000-\u001f\u007f-\u009f]+$";
/// What a version can be called.
pub const VERSION: &str = r"^(?!.*\.\.)[A-Za-z0-9._+@#-]+(/[A-Za-z0-9._+@#-]+)*$";

/// The parameters that many operations have.
pub fn components() -> Value {
    let header = |name: &str, description: &str, schema: Value| json!({"name": name, "in": "header", "required": false, "description": description, "schema": schema});
    let correlation = "names this request, in its answer and in the server's log: 1 to 128 letters, digits, `.`, `_` \
                       and `-`. Made when left out, or when it is anything else";
    let on_behalf = "an admin, or a machine's key that may: the user in whose name this is done";
    let key = "for 24 hours, the same key and body get the same reply (then with `Idempotency-Replayed: true`), \
               and are done once";
    json!({
        "X-Correlation-Id": header("X-Correlation-Id", correlation,
            json!({"type": "string", "examples": ["nightly-2026-11-20"]})),
        "X-On-Behalf-Of": header("X-On-Behalf-Of", on_behalf,
            json!({"type": "string", "minLength": 1, "maxLength": 128, "pattern": SEGMENT, "examples": ["ada"]})),
        "Idempotency-Key": header("Idempotency-Key", key,
            json!({"type": "string", "pattern": "^[!-~]{1,255}$", "examples": ["3f0c7a52-nightly"]})),
    })
}

/// Adds those that `operation` has without saying so, and tells what each of its own looks like.
pub fn complete(operation: &mut Value, facts: &Facts) {
    let mut all = operation["parameters"].as_array().cloned().unwrap_or_default();
    for parameter in &mut all {
        describe(parameter, facts);
    }
    let shared = [
        ("Idempotency-Key", facts.may_be_asked_again),
        ("X-On-Behalf-Of", facts.proves_caller),
        ("X-Correlation-Id", true),
    ];
    let shared = shared.into_iter().filter(|(_, has)| *has);
    all.extend(shared.map(|(name, _)| json!({"$ref": format!("#/components/parameters/{name}")})));
    operation["parameters"] = all.into();
}

fn describe(parameter: &mut Value, facts: &Facts) {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    let schema = &mut parameter["schema"];
    // A header or a query that is not there is not `null`.
    if let Some(kind) = schema["type"].as_array().and_then(|kinds| kinds.first()).cloned() {
        schema["type"] = kind;
    }
    let looks = match parameter["in"].as_str() {
        Some("path") => of_path(&name, facts),
        Some("header") => of_header(&name),
        _ => of_query(&name, facts),
    };
    let (Some(schema), Some(looks)) = (parameter["schema"].as_object_mut(), looks.as_object().cloned())
    else {
        return;
    };
    schema.extend(looks);
}

fn of_path(name: &str, facts: &Facts) -> Value {
    match name {
        "id" if facts.path.starts_with("/api/v1/templates/") => {
            json!({"pattern": format!("^([a-z][a-z0-9_-]{{0,39}}|{})$", UUID.trim_matches(['^', '$'])), "examples": ["executive"]})
        }
        "id" | "linkId" | "tokenId" => uuid(),
        "projectId" => segment("shop"),
        "userId" => segment("ada"),
        "versionId" => json!({"minLength": 1, "maxLength": 128, "pattern": VERSION, "examples": ["v1.2.0"]}),
        "path" => json!({"minLength": 1, "examples": ["src/main.rs"]}),
        _ => json!({"minLength": 1}),
    }
}

fn of_query(name: &str, facts: &Facts) -> Value {
    let is_listing = ["/api/v1/exports", "/api/exports"].contains(&&*facts.path);
    match name {
        "kind" => json!({"enum": Kind::ALL.map(Kind::as_str)}),
        "format" if is_listing => json!({"enum": Format::ALL.map(Format::as_str)}),
        "status" if is_listing => {
            // What one earlier system called `queued` is understood, too.
            let one = format!("({}|pending)", Status::ALL.map(Status::as_str).join("|"));
            json!({"pattern": format!("^{one}(,{one})*$"), "examples": ["queued,processing"]})
        }
        "projectId" => segment("shop"),
        "exportType" => json!({"enum": ["source_code", "full_project"]}),
        "versionId" => json!({"minLength": 1, "maxLength": 128, "pattern": VERSION, "examples": ["v1.2.0"]}),
        "userId" | "user" => segment("ada"),
        "cursor" => json!({"minLength": 1}),
        "outcome" => json!({"enum": ["done", "refused", "failed"]}),
        "format" => json!({"enum": ["json", "csv", "jsonl"]}),
        "createdAfter" | "createdBefore" | "from" | "to" => {
            json!({"format": "date-time", "examples": ["2026-11-20T09:30:00Z"]})
        }
        _ => json!({}),
    }
}

fn of_header(name: &str) -> Value {
    match name {
        "Prefer" => json!({"examples": ["wait=20"]}),
        "Range" => json!({"examples": ["bytes=0-1023"]}),
        "If-Match" | "If-None-Match" | "If-Range" => {
            json!({"examples": ["\"5891b5b522d5df086d0ff0b110fbd9d2\""]})
        }
        "If-Modified-Since" | "If-Unmodified-Since" => json!({"examples": ["Fri, 20 Nov 2026 09:30:00 GMT"]}),
        "Last-Event-ID" => json!({"examples": ["3"]}),
        "Want-Digest" => json!({"examples": ["SHA-256"]}),
        _ => json!({}),
    }
}

/// An id of an export, a link or a token.
pub fn uuid() -> Value {
    json!({"format": "uuid", "pattern": UUID, "examples": ["01987b3e-5d1c-7c3a-9f5e-0123456789ab"]})
}

/// Something that is a folder's name.
pub fn segment(example: &str) -> Value {
    json!({"minLength": 1, "maxLength": 128, "pattern": SEGMENT, "examples": [example]})
}
