//! What members of bodies may be, as far as their types do not tell.
//!
//! Requests are limited where they are read (`http/views/`), and here once more for whoever reads the
//! document; answers are made of the same words.

use serde_json::{Map, Value, json};

use super::parameters::{SEGMENT, UUID, VERSION};
use crate::domain::{Compression, Format, Granularity, Kind, Profile, Status};

/// Adds to each member of `schemas` what is known of it.
pub fn limit(schemas: &mut Value) {
    for (schema, member, looks) in known() {
        let properties = schemas.get_mut(schema).and_then(|schema| schema.get_mut("properties"));
        let Some(properties) = properties.and_then(Value::as_object_mut) else { continue };
        let member = properties.entry(member).or_insert_with(|| json!({}));
        if let (Some(member), Value::Object(looks)) = (member.as_object_mut(), looks) {
            say(member, looks);
        }
    }
    // Nothing is known of what else a code tells, not even that it is there.
    if let Some(parts) = schemas["Problem"]["allOf"].as_array_mut() {
        parts.retain(|part| part["properties"].is_object());
    }
}

/// A member that may be `null` may be so besides all that is said of it.
fn say(member: &mut Map<String, Value>, mut looks: Map<String, Value>) {
    let may_be_null =
        member.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.contains(&json!("null")));
    if may_be_null && let Some(Value::Array(words)) = looks.get_mut("enum") {
        words.push(Value::Null);
    }
    member.extend(looks);
}

fn words<const N: usize>(words: [&str; N]) -> Value {
    json!({"enum": words.to_vec()})
}

fn known() -> Vec<(&'static str, &'static str, Value)> {
    let segment = json!({"minLength": 1, "maxLength": 128, "pattern": SEGMENT});
    let version = json!({"minLength": 1, "maxLength": 128, "pattern": VERSION});
    let kinds = words(Kind::ALL.map(Kind::as_str));
    let formats = words(Format::ALL.map(Format::as_str));
    let export_types = words(["source_code", "full_project"]);
    // What is on one line and no longer.
    let line = |most: u32| json!({"minLength": 1, "maxLength": most, "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$"});
    let place = json!({"maxLength": 4096, "pattern": r"^/[^\u0000-\u001f\u007f-\u009f]*$", "examples": ["/srv/projects/shop"]});
    let uuid = json!({"format": "uuid", "pattern": UUID});
    let digest = json!({"pattern": "^[0-9a-f]{64}$"});
    let globs = json!({"items": {"type": "string", "minLength": 1, "maxLength": 1024}});
    let ids = json!({"items": {"type": "string", "minLength": 1, "maxLength": 200}});
    let century = json!({"minimum": 1, "maximum": 3_162_240_000_i64});
    let whole = json!({"minimum": 0, "maximum": i64::MAX});
    let template = json!({"type": ["string", "null"], "minLength": 1, "maxLength": 100, "examples": ["executive"],
        "description": "The template of the report that data become, as `html`, `pdf` or `markdown`: its id, or the \
                        name of one that is shipped."});
    let name = json!({"pattern": "^[a-z][a-z0-9_-]{0,39}$"});
    let mut known = vec![
        ("NewExport", "kind", kinds.clone()),
        ("NewExport", "format", formats.clone()),
        ("NewExport", "retentionSeconds", century.clone()),
        ("NewExport", "template", template),
        ("NewProjectExport", "format", formats.clone()),
        ("NewProjectExport", "exportType", export_types.clone()),
        ("NewProjectExport", "versionId", version.clone()),
        ("NewProjectExport", "since", version.clone()),
        ("NewProjectExport", "paths", globs.clone()),
        ("NewProjectExport", "retentionSeconds", century),
        ("NewSelector", "projectId", segment.clone()),
        ("NewSelector", "versionId", version.clone()),
        ("NewSelector", "since", version.clone()),
        ("NewSelector", "exportType", export_types.clone()),
        ("NewSelector", "paths", globs),
        ("NewSelector", "conversationIds", ids.clone()),
        ("NewSelector", "widgetSessionIds", ids.clone()),
        ("NewSelector", "traceIds", ids),
        ("NewSelector", "limit", json!({"minimum": 1, "maximum": i32::MAX})),
        ("NewSelector", "granularity", words(Granularity::ALL.map(Granularity::as_str))),
        (
            "NewSelector",
            "kinds",
            json!({"items": {"type": "string", "enum": ["user_data", "conversation", "trace"]}}),
        ),
        ("NewOptions", "profile", words(Profile::ALL.map(Profile::as_str))),
        ("NewOptions", "compression", words(Compression::ALL.map(Compression::as_str))),
        ("OlderNewJob", "exportType", export_types),
        ("OlderNewJob", "versionId", version),
        ("NewLink", "expiresInSeconds", json!({"minimum": 1})),
        ("NewLink", "maxDownloads", json!({"minimum": 1, "maximum": 1_000_000_000})),
        ("NewLink", "password", line(256)),
        ("NewToken", "name", line(100)),
        ("NewToken", "expiresInSeconds", json!({"minimum": 1, "maximum": 315_360_000})),
        (
            "NewToken",
            "scopes",
            json!({"minItems": 1, "items": {"type": "string", "enum": ["exports:read", "exports:write", "admin"]}}),
        ),
        ("NewProject", "name", line(200)),
        ("NewProject", "framework", line(200)),
        ("NewSource", "type", words(["directory", "git"])),
        ("NewSource", "path", place.clone()),
        ("NewVersion", "path", place),
        ("TemplateBody", "name", name),
        ("TemplateBody", "title", line(200)),
        ("Rule", "kind", words_or_any(Kind::ALL.map(Kind::as_str))),
        ("Rule", "format", words_or_any(Format::ALL.map(Format::as_str))),
        ("Export", "id", uuid.clone()),
        ("Export", "kind", kinds),
        ("Export", "format", formats),
        ("Export", "status", words(Status::ALL.map(Status::as_str))),
        ("Export", "checksum", digest.clone()),
        (
            "Progress",
            "phase",
            words(["queued", "scanning", "compressing", "formatting", "finalizing", "completed"]),
        ),
        ("Progress", "percent", json!({"maximum": 100})),
        ("Link", "id", uuid.clone()),
        ("Token", "id", uuid),
        ("AuditEntry", "hash", digest.clone()),
        ("AuditEntry", "prevHash", digest),
        ("AuditEntry", "outcome", words(["done", "refused", "failed"])),
    ];
    for limit in
        ["exportsPerHour", "exportsPerDay", "downloadsPerMinute", "downloadBytesPerDay", "userStorage"]
    {
        known.push(("NewLimits", limit, whole.clone()));
    }
    known.push(("NewLimits", "jobsPerUser", json!({"minimum": 1, "maximum": i64::MAX})));
    known
}

fn words_or_any<const N: usize>(words: [&str; N]) -> Value {
    json!({"enum": words.into_iter().chain(["*"]).collect::<Vec<_>>()})
}
