//! What may go wrong with an operation.
//!
//! Most of it follows from what an operation takes; the rest from the room that does what is asked, whose
//! situations become problems in `http/kit/problem/`. Tests hold each answer that they see against this.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::completing::{Facts, parameters_in};
use crate::http::kit::problem::{Code, code};

type Words = &'static [&'static str];

/// A credential that is none, or not for this; too many of them; and who has none to ask about.
const KNOWN: Words = &[
    "UNAUTHENTICATED",
    "TOKEN_EXPIRED",
    "SIGNATURE_INVALID",
    "REPLAYED",
    "FORBIDDEN",
    "RATE_LIMITED",
    "VALIDATION_FAILED",
    "UNAVAILABLE",
];
/// A body that does not come, or is not JSON.
const RECEIVED: Words = &["INVALID_JSON", "PAYLOAD_TOO_LARGE", "REQUEST_TIMEOUT"];
const READ: Words = &["UNSUPPORTED_MEDIA_TYPE", "VALIDATION_FAILED"];
const KEYED: Words = &["VALIDATION_FAILED", "IDEMPOTENCY_IN_PROGRESS", "IDEMPOTENCY_KEY_REUSED"];

/// `app::ExportError`
const EXPORT: Words = &["JOB_NOT_FOUND"];
/// `app::RequestError`
const REQUEST: Words = &[
    "PROJECT_NOT_FOUND",
    "DATASET_NOT_FOUND",
    "VALIDATION_FAILED",
    "CONFLICT",
    "UNSUPPORTED_FORMAT",
    "UNSUPPORTED_KIND",
    "RATE_LIMITED",
    "QUOTA_EXCEEDED",
    "INSUFFICIENT_STORAGE",
];
/// `app::DownloadError`
const PACKAGE: Words =
    &["JOB_NOT_FOUND", "DOWNLOAD_UNAUTHORIZED", "PACKAGE_NOT_READY", "FILE_NOT_FOUND", "PACKAGE_EXPIRED"];
/// `app::AdmitError`, and the conditions of RFC 9110 §13
const SENT: Words = &["PRECONDITION_FAILED", "RATE_LIMITED", "QUOTA_EXCEEDED"];
/// `app::DoorError`
const DOOR: Words = &[
    "LINK_NOT_FOUND",
    "PASSWORD_REQUIRED",
    "PASSWORD_WRONG",
    "LINK_REVOKED",
    "LINK_EXPIRED",
    "LINK_USED_UP",
    "RATE_LIMITED",
    "QUOTA_EXCEEDED",
    "UNAVAILABLE",
];
/// `app::LinkError`
const LINK: Words = &["JOB_NOT_FOUND", "LINK_NOT_FOUND"];
/// `app::ProjectError`
const PROJECT: Words = &["PROJECT_NOT_FOUND"];
/// `app::TemplateError`
const TEMPLATE: Words = &["TEMPLATE_NOT_FOUND"];
/// `app::TokenError`
const TOKEN: Words = &["TOKEN_NOT_FOUND"];
const SESSION: Words = &["SESSION_NOT_FOUND"];
const CONFLICT: Words = &["CONFLICT"];

/// Which room does what an operation is for, and what may come of it there. What is not here has nothing
/// of its own that could go wrong.
const ROOMS: &[(&str, &[Words])] = &[
    ("exports_create", &[REQUEST]),
    ("exports_create_all", &[REQUEST]),
    ("exports_estimate", &[REQUEST]),
    ("exports_show", &[EXPORT]),
    ("exports_events", &[EXPORT]),
    ("exports_log", &[EXPORT]),
    ("exports_cancel", &[EXPORT, &["NOT_CANCELLABLE"]]),
    ("exports_retry", &[EXPORT, REQUEST]),
    ("exports_delete", &[EXPORT, CONFLICT]),
    ("exports_extend", &[EXPORT, CONFLICT]),
    ("downloads_download", &[PACKAGE, SENT]),
    ("downloads_manifest", &[PACKAGE]),
    ("downloads_list", &[EXPORT]),
    ("entries_list", &[PACKAGE]),
    ("entries_show", &[PACKAGE, SENT]),
    ("entries_verify", &[PACKAGE]),
    ("links_make", &[PACKAGE, CONFLICT]),
    ("links_list", &[LINK]),
    ("links_show", &[LINK]),
    ("links_revoke", &[LINK]),
    ("links_download", &[DOOR, PACKAGE, SENT]),
    ("projects_show", &[PROJECT]),
    ("projects_put", &[PROJECT, CONFLICT]),
    ("projects_delete", &[PROJECT, CONFLICT]),
    ("projects_export", &[REQUEST]),
    ("projects_tree", &[PROJECT, &["NOT_FOUND"]]),
    ("versions_list", &[PROJECT, CONFLICT]),
    ("versions_put", &[PROJECT, CONFLICT]),
    ("templates_make", &[CONFLICT]),
    ("templates_show", &[TEMPLATE]),
    ("templates_put", &[TEMPLATE, CONFLICT]),
    ("templates_delete", &[TEMPLATE]),
    ("tokens_make", &[CONFLICT]),
    ("tokens_revoke", &[TOKEN]),
    ("session_show", &[SESSION]),
    ("session_end", &[SESSION]),
    ("older_create_job", &[REQUEST]),
    ("older_job_status", &[EXPORT]),
    ("older_job_download", &[PACKAGE, SENT]),
    ("older_tool_download", &[PACKAGE, SENT]),
    ("older_data_download", &[PACKAGE, SENT]),
    ("older_data_status", &[EXPORT]),
    ("older_export_user", &[REQUEST]),
    ("older_export_bulk", &[REQUEST]),
    ("older_schedule", &[REQUEST]),
    ("older_verify", &[PACKAGE]),
];

/// Adds every status that a problem of `operation` can have, with its codes.
pub fn complete(operation: &mut Value, facts: &Facts) {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for word in words(operation, facts) {
        let code = code(word).expect("a test looks each of them up");
        by_status.entry(code.status.as_u16()).or_default().push(code);
    }
    for (status, codes) in by_status {
        operation["responses"][status.to_string()] = response(&codes, facts);
    }
}

/// The words of every problem that `operation` can come to.
fn words(operation: &Value, facts: &Facts) -> BTreeSet<&'static str> {
    // Of every request: one `Host`; and a defect is nobody's wish.
    let mut all = BTreeSet::from(["VALIDATION_FAILED", "INTERNAL"]);
    let mut if_so = |is_so: bool, words: Words| all.extend(words.iter().filter(|_| is_so));
    let has_body = operation["requestBody"].is_object();
    if_so(facts.proves_caller, KNOWN);
    if_so(has_body, READ);
    if_so(has_body || facts.may_be_asked_again, RECEIVED);
    if_so(facts.may_be_asked_again, KEYED);
    if_so(!parameters_in(operation, "path").is_empty() && facts.proves_caller, &["INVALID_ID"]);
    if_so(parameters_in(operation, "path").contains(&"file"), &["NOT_FOUND"]);
    if_so(parameters_in(operation, "query").contains(&"cursor"), &["INVALID_CURSOR"]);
    if_so(parameters_in(operation, "header").contains(&"If-Match"), &["PRECONDITION_FAILED"]);
    let id = operation["operationId"].as_str().unwrap_or_default();
    let rooms = ROOMS.iter().filter(|(operation, _)| *operation == id);
    rooms.flat_map(|(_, rooms)| *rooms).for_each(|words| if_so(true, words));
    all
}

fn response(codes: &[Code], facts: &Facts) -> Value {
    let words: Vec<_> = codes.iter().map(|code| code.word).collect();
    let lines: Vec<_> = codes.iter().map(|code| format!("- `{}`: {}", code.word, code.meaning)).collect();
    let (media_type, schema, kept) = match facts.is_older {
        true => ("application/json", "OlderProblem", "older."),
        false => ("application/problem+json", "Problem", ""),
    };
    let examples: serde_json::Map<_, _> = words
        .iter()
        .map(|word| ((*word).to_owned(), json!({"$ref": format!("#/components/examples/{kept}{word}")})))
        .collect();
    json!({
        "description": lines.join("\n"),
        "content": {media_type: {
            "schema": {
                "$ref": format!("#/components/schemas/{schema}"),
                "properties": {"code": {"enum": words}},
            },
            "examples": examples,
        }},
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::document::document;

    #[test]
    fn every_room_is_an_operation_s_and_every_word_a_code() {
        let document = document(None);
        let paths = document["paths"].as_object().into_iter().flatten();
        let operations = paths.flat_map(|(_, item)| item.as_object().into_iter().flatten());
        let ids: BTreeSet<_> =
            operations.filter_map(|(_, operation)| operation["operationId"].as_str()).collect();
        for (operation, rooms) in ROOMS {
            assert!(ids.contains(operation), "there is no operation {operation}");
            for word in rooms.iter().copied().flatten() {
                assert!(code(word).is_some(), "{word}");
            }
        }
    }
}
