//! An export in words. All of them come from a server, so all of them are made plain.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::Value;

use crate::cli::outcome::Exit;
use crate::cli::plain::plain;
use crate::domain::human_size;

/// How a command ends that waited for this export.
pub fn exit_of(export: &Value) -> Exit {
    match export["status"].as_str().unwrap_or_default() {
        "completed" => Exit::Done,
        "expired" => Exit::Missing,
        "failed" | "cancelled" => Exit::Failed,
        // It has not ended, and nobody waited.
        _ => Exit::Done,
    }
}

/// Whether it will not change any more by itself.
pub fn has_ended(export: &Value) -> bool {
    !matches!(export["status"].as_str(), Some("scheduled" | "queued" | "processing" | "cancelling"))
}

/// The text of a member, fit for a terminal; empty where there is none.
pub fn text<'e>(object: &'e Value, member: &str) -> Cow<'e, str> {
    plain(object[member].as_str().unwrap_or_default())
}

/// An instant without its milliseconds; `-` where there is none.
pub fn instant(object: &Value, member: &str) -> String {
    match object[member].as_str() {
        Some(at) => {
            plain(at.split('.').next().unwrap_or(at)).into_owned() + if at.contains('.') { "Z" } else { "" }
        }
        None => "-".to_owned(),
    }
}

/// Bytes, for people; `-` where there are none.
pub fn size(object: &Value, member: &str) -> String {
    object[member].as_u64().map_or_else(|| "-".to_owned(), human_size)
}

/// What is exported: `project shop@v2`, `analytics revenue`.
pub fn what(export: &Value) -> String {
    let (mut what, selector) = (text(export, "kind").into_owned(), &export["selector"]);
    for member in ["projectId", "report", "dataset"] {
        if selector[member].is_string() {
            let _never_fails = write!(what, " {}", text(selector, member));
        }
    }
    if selector["versionId"].is_string() {
        let _never_fails = write!(what, "@{}", text(selector, "versionId"));
    }
    what
}

/// How far it is: `compressing, 40 %, 3s left`, `queued, 3rd in line`.
pub fn progress(progress: &Value, position: Option<u64>) -> String {
    let mut words = text(progress, "phase").into_owned();
    if let Some(position) = position {
        let _never_fails = write!(words, ", number {position} in line");
    }
    if let Some(percent) = progress["percent"].as_u64().filter(|percent| *percent > 0) {
        let _never_fails = write!(words, ", {percent} %");
    }
    if let Some(seconds) = progress["etaSeconds"].as_u64().filter(|seconds| *seconds > 0) {
        let left = humantime::format_duration(std::time::Duration::from_secs(seconds));
        let _never_fails = write!(words, ", about {left} left");
    }
    words
}

/// All of it, a line for each thing that there is to say.
pub fn block(export: &Value) -> String {
    let mut lines = vec![
        ("id", text(export, "id").into_owned()),
        ("status", text(export, "status").into_owned()),
        ("what", format!("{}, {}", what(export), text(export, "format"))),
        ("created", instant(export, "createdAt")),
    ];
    if !has_ended(export) {
        lines.push(("progress", progress(&export["progress"], export["position"].as_u64())));
    }
    if export["fileSize"].is_u64() {
        let files = export["fileCount"].as_u64().map_or_else(String::new, |files| format!(", {files} files"));
        lines.push(("package", format!("{}, {}{files}", text(export, "fileName"), size(export, "fileSize"))));
        lines.push(("sha256", text(export, "checksum").into_owned()));
        lines.push(("expires", instant(export, "expiresAt")));
        lines.push(("downloads", export["downloadCount"].to_string()));
    }
    if export["error"].is_object() {
        lines.push(("error", why(export)));
    }
    lines.extend(warnings(export).into_iter().map(|warning| ("warning", warning)));
    lines.into_iter().map(|(name, words)| format!("{name:<10}{words}")).collect::<Vec<_>>().join("\n")
}

/// Why there is no package: `PACKAGE_TOO_LARGE: it would be larger than 500.0 MB`.
pub fn why(export: &Value) -> String {
    let error = &export["error"];
    match error.is_object() {
        true => format!("{}: {}", text(error, "code"), text(error, "message")),
        false => format!("it is {}", text(export, "status")),
    }
}

fn warnings(export: &Value) -> Vec<String> {
    const MOST: usize = 10;
    let all = export["warnings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let line = |warning: &Value| match warning["path"].is_string() {
        true => format!("{}: {}", text(warning, "path"), text(warning, "message")),
        false => text(warning, "message").into_owned(),
    };
    let mut lines: Vec<_> = all.iter().take(MOST).map(line).collect();
    if all.len() > MOST {
        lines.push(format!("and {} more; --json tells them all", all.len() - MOST));
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_export_is_told_in_lines_and_none_of_them_is_the_server_s_own() {
        let export = json!({
            "id": "1", "status": "completed", "kind": "project", "format": "zip",
            "selector": {"projectId": "shop\u{1b}[31m", "versionId": "v2"},
            "createdAt": "2026-11-20T15:00:00.123Z", "expiresAt": "2026-11-27T15:00:00.123Z",
            "fileName": "a\nid        2", "fileSize": 2048, "fileCount": 3, "checksum": "ab", "downloadCount": 0,
            "warnings": [{"code": "X", "path": "p\r", "message": "left out"}],
        });
        let told = block(&export);
        assert!(!told.contains(['\u{1b}', '\r']) && told.matches("\nid").count() == 0, "{told}");
        for line in [
            "what      project shop\\u{1b}[31m@v2, zip",
            "created   2026-11-20T15:00:00Z",
            "warning   p\\r: left out",
        ] {
            assert!(told.contains(line), "{line:?} is not in\n{told}");
        }
    }

    #[test]
    fn the_end_of_an_export_is_the_end_of_whoever_waited() {
        let exit = |status: &str| exit_of(&json!({"status": status}));
        assert_eq!(exit("completed"), Exit::Done);
        assert_eq!((exit("failed"), exit("cancelled")), (Exit::Failed, Exit::Failed));
        assert_eq!(exit("expired"), Exit::Missing);
        assert!(!has_ended(&json!({"status": "cancelling"})) && has_ended(&json!({"status": "expired"})));
    }
}
