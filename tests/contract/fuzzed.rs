//! Schemathesis reads the document and tries what it says, and what it does not: thousands of calls, each
//! held against what was promised.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use super::ground::Ground;
use crate::formats::python;
use crate::support::api::Api;

/// What stands in the document's words for what the house has: asked for more often than what is not there.
fn known(ground: &Ground) -> String {
    let words = [("id", "{id}"), ("projectId", "{projectId}"), ("path", "{path}"), ("token", "{token}")];
    let mut known = String::new();
    for (name, parameter) in words {
        let value = ground.place(parameter);
        writeln!(known, "[dictionaries.{name}]\nvalues = [\"{value}\"]").expect("a text grows");
    }
    // What is deleted is not there any more: only what asks is sent there.
    known +=
        "[[operations]]\ninclude-method = \"GET\"\nexclude-tag = [\"templates\"]\n[operations.parameters]\n";
    for (name, _) in words {
        writeln!(known, "\"path.{name}\" = {{ dictionary = \"{name}\", probability = 0.6 }}")
            .expect("a text grows");
    }
    known
}

/// Has Schemathesis try the calls of `caller`; the same ones every time. With
/// `EXPORTD_TEST_SCHEMATHESIS_EXAMPLES`, as many for each operation.
fn tried(ground: &Ground, caller: &Api, more: &[&str]) {
    let examples = std::env::var("EXPORTD_TEST_SCHEMATHESIS_EXAMPLES").unwrap_or_else(|_| "4".to_owned());
    let folder = tempfile::tempdir().expect("a folder");
    let config = format!("{}\n{}", include_str!("schemathesis.toml"), known(ground));
    std::fs::write(folder.path().join("schemathesis.toml"), config).expect("room");
    let schemathesis = python().parent().unwrap_or(Path::new("")).join("schemathesis");
    let ended = Command::new(schemathesis)
        .args(["--no-color", "run", &caller.url("/api/openapi.json")])
        .args(["--header", &format!("Authorization: Bearer {}", caller.token())])
        .args(["--seed", "7", "--max-examples", &examples, "--workers", "1", "--request-timeout", "60"])
        .args(["--phases", "examples,coverage,fuzzing", "--no-shrink", "--continue-on-failure"])
        .args(more)
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .output()
        .expect("scripts/test installs it");
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{said}\n{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn a_user_is_answered_as_the_document_says() {
    let ground = Ground::new();
    tried(
        &ground,
        &ground.house.user("ada"),
        &["--exclude-path-regex", "^/api/v1/admin/|^/api/exports/(bulk|cleanup)"],
    );
}

#[test]
fn an_admin_is_answered_as_the_document_says() {
    let ground = Ground::new();
    tried(
        &ground,
        &ground.house.admin(),
        &["--include-path-regex", "^/api/v1/admin/|^/api/exports/(bulk|cleanup)"],
    );
}
