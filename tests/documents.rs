//! What the documents promise is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The text of every Rust file below `folder`.
fn sources(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let of = |path: PathBuf| match path.extension() {
        _ if path.is_dir() => sources(&path),
        Some(rs) if rs == "rs" => vec![fs::read_to_string(&path).expect("text")],
        _ => Vec::new(),
    };
    entries.flat_map(of).collect()
}

/// The names of all functions that are tests.
fn tests() -> BTreeSet<String> {
    let all = ["src", "tests"].map(|folder| sources(&root().join(folder)));
    let lines = all.iter().flatten().flat_map(|source| source.lines());
    let functions = lines.filter_map(|line| {
        let line = line.trim_start().trim_start_matches("pub ").trim_start_matches("async ");
        line.strip_prefix("fn ")?.split('(').next().map(str::to_owned)
    });
    functions.collect()
}

/// What stands in backquotes in the last column of a table's line.
fn named(line: &str) -> Vec<&str> {
    let last = line.trim_matches('|').rsplit('|').next().unwrap_or_default();
    last.split('`').skip(1).step_by(2).filter(|name| name.contains('_')).collect()
}

#[test]
fn every_threat_names_tests_that_exist() {
    let (tests, model) = (tests(), fs::read_to_string(root().join("docs/security.md")).expect("the model"));
    let threats =
        model.split("\n## Threats\n").nth(1).expect("threats").split("\n## ").next().expect("threats");
    let rows = threats.lines().filter(|line| line.starts_with('|') && !line.starts_with("| threat"));
    let rows: Vec<&str> = rows.filter(|line| !line.starts_with("|---")).collect();
    assert!(rows.len() >= 25, "{}", rows.len());
    for row in rows {
        assert!(!named(row).is_empty(), "no test stands for: {row}");
        for name in named(row) {
            assert!(tests.contains(name), "there is no test called {name}");
        }
    }
}
