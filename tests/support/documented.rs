//! Every answer that a test sees is one that the API's document tells of: whatever a test tries, it tries
//! the document, too.

use std::sync::LazyLock;

use serde_json::Value;
use ureq::http::Method;

use super::api::Answer;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| exportd::http::document::document(None));

/// Holds `answer` against what the document says of a request of `method` for `path`, if it says
/// anything: its status, and the code of a problem.
///
/// # Panics
/// If the document does not know of it; `src/http/document/problems.rs` has what may go wrong.
#[track_caller]
pub fn hold(method: &Method, path: &str, answer: &Answer) {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let Some((pattern, operation)) = operation(method, path) else { return };
    // Said of any path: that there is no house behind its front just now, and that a head is too large.
    if matches!(answer.status, 431 | 503) {
        return;
    }
    let response = resolved(&operation["responses"][answer.status.to_string()]);
    let told = String::from_utf8_lossy(&answer.body[..answer.body.len().min(500)]);
    assert!(response.is_object(), "{method} {pattern}: no {} in the document\n{told}", answer.status);
    let problem = response["content"].as_object().into_iter().flatten().next();
    let codes = problem.and_then(|(_, content)| content.pointer("/schema/properties/code/enum"));
    let code = serde_json::from_slice::<Value>(&answer.body).ok().map(|body| body["code"].clone());
    if let (Some(Value::Array(codes)), Some(code @ Value::String(_))) = (codes, code) {
        assert!(codes.contains(&code), "{method} {pattern}: no {code} in the document\n{told}");
    }
}

/// What `value` refers to, if it is a reference.
fn resolved(value: &'static Value) -> &'static Value {
    let reference = value["$ref"].as_str();
    reference.map_or(value, |to| DOCUMENT.pointer(to.trim_start_matches('#')).expect("it leads somewhere"))
}

fn operation(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let method = method.as_str().to_lowercase();
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let fitting = paths.iter().filter(|(pattern, _)| fits(pattern, path));
    // Where a word and a parameter fit, it is the word.
    let (pattern, item) = fitting.min_by_key(|(pattern, _)| pattern.matches('{').count())?;
    item.get(&method).map(|operation| (pattern.as_str(), operation))
}

fn fits(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut has) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), has.next()) {
            (None, None) => return true,
            (Some("{path}"), Some(rest)) => return !rest.is_empty(),
            (Some(word), Some(part)) if word == part || word.starts_with('{') && !part.is_empty() => {}
            _ => return false,
        }
    }
}
