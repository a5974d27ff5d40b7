//! `docs/signing.md`: what it tells to do works, word by word.

use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::machine::KeyFile;
use crate::support::api::wanted;
use crate::support::house::House;

/// The code of the guide that begins with `first`.
fn code(first: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/signing.md");
    let guide = std::fs::read_to_string(path).expect("the guide");
    let mut blocks = guide.split("\n```").filter_map(|block| block.split_once('\n'));
    let found = blocks.find(|(_, code)| code.starts_with(first));
    found.unwrap_or_else(|| panic!("the guide has no code that begins with {first:?}")).1.to_owned()
}

/// The guide's key file and script, in a folder of a reader who does as they are told.
struct Reader {
    folder: TempDir,
}

impl Reader {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let made = Command::new("bash")
            .args(["-euc", &code("openssl rand")])
            .current_dir(folder.path())
            .output()
            .expect("bash");
        assert!(made.status.success(), "{made:?}");
        std::fs::write(folder.path().join("keys.toml"), code("[[key]]")).expect("a file");
        std::fs::write(folder.path().join("signed.sh"), code("#!/usr/bin/env bash")).expect("a file");
        Self { folder }
    }

    fn keys(&self) -> PathBuf {
        self.folder.path().join("keys.toml")
    }

    fn runs(&self, house: &House, arguments: &[&str]) -> Output {
        Command::new("bash")
            .arg("signed.sh")
            .args(arguments)
            .current_dir(self.folder.path())
            .env("EXPORTD_URL", format!("http://{}", house.address()))
            .env("EXPORTD_KEY", "ci-2026")
            .env("EXPORTD_KEY_FILE", "ci-2026.key")
            .output()
            .expect("bash")
    }

    fn told(&self, house: &House, arguments: &[&str]) -> serde_json::Value {
        let ran = self.runs(house, arguments);
        assert!(ran.status.success(), "{arguments:?}: {ran:?}");
        serde_json::from_slice(&ran.stdout).expect("JSON")
    }
}

#[test]
fn the_recipe_of_the_guide_works_as_it_stands() {
    let reader = Reader::new();
    let house = House::with(|settings| settings.auth.signing_keys_file = Some(reader.keys()));
    house.project("ci", "shop").file("a.txt", "hello");
    house.project("ana", "shop").file("a.txt", "hello");
    let body = wanted("shop").to_string();

    let asked = reader.told(&house, &["POST", "/api/v1/exports", &body]);
    let id = asked["id"].as_str().expect("an id");
    let shown = reader.told(&house, &["GET", &format!("/api/v1/exports/{id}")]);
    assert_eq!(shown["id"], asked["id"]);

    let for_ana = reader.told(&house, &["POST", "/api/v1/exports", &body, "ana"]);
    let id = for_ana["id"].as_str().expect("an id");
    house.user("ana").export(id).completed();
    let listed = reader.told(&house, &["GET", "/api/v1/exports?limit=5", "", "ana"]);
    assert_eq!(listed["items"][0]["id"], for_ana["id"]);
    for id in [&asked["id"], &for_ana["id"]] {
        house.admin().export(id.as_str().expect("an id")).completed();
    }

    let refused = reader.runs(&house, &["GET", "/api/v1/exports", "", "eve"]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stdout).contains("\"FORBIDDEN\""), "{refused:?}");
}

#[test]
fn the_recipe_is_not_believed_with_another_secret() {
    let reader = Reader::new();
    let keys = KeyFile::new();
    let house = keys.house(|_| {});
    let refused = reader.runs(&house, &["GET", "/api/v1/exports"]);
    assert!(String::from_utf8_lossy(&refused.stdout).contains("\"SIGNATURE_INVALID\""), "{refused:?}");
}
