//! Schemathesis reads the document and tries what it says, and what it does not: thousands of calls, each
//! held against what was promised.

use std::path::Path;
use std::process::Command;

use super::ground::Ground;
use crate::formats::python;
use crate::support::api::Api;

/// What a first look at `caller`'s calls finds wrong; the same calls every time.
///
/// With `EXPORTD_TEST_SCHEMATHESIS_EXAMPLES`, as many for each operation.
fn tried(caller: &Api, more: &[&str]) {
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract/schemathesis.toml");
    let examples = std::env::var("EXPORTD_TEST_SCHEMATHESIS_EXAMPLES").unwrap_or_else(|_| "4".to_owned());
    let folder = tempfile::tempdir().expect("a folder");
    let schemathesis = python().parent().unwrap_or(Path::new("")).join("schemathesis");
    let ended = Command::new(schemathesis)
        .args(["--config-file", config, "--no-color", "run", &caller.url("/api/openapi.json")])
        .args(["--header", &format!("Authorization: Bearer {}", caller.token())])
        .args(["--seed", "7", "--max-examples", &examples, "--workers", "2", "--request-timeout", "60"])
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
        &ground.house.user("ada"),
        &["--exclude-path-regex", "^/api/v1/admin/|^/api/exports/(bulk|cleanup)"],
    );
}

#[test]
fn an_admin_is_answered_as_the_document_says() {
    let ground = Ground::new();
    tried(&ground.house.admin(), &["--include-path-regex", "^/api/v1/admin/|^/api/exports/(bulk|cleanup)"]);
}
