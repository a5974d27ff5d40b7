//! Other people's tools.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The reader of every format.
const CHECK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/formats/check.py");

/// A Python that has the packages of `tests/formats/requirements.txt`.
///
/// # Panics
/// If there is none: `scripts/test` makes one.
pub fn python() -> PathBuf {
    if let Some(chosen) = std::env::var_os("EXPORTD_TEST_PYTHON") {
        return chosen.into();
    }
    let beside = Path::new(env!("CARGO_BIN_EXE_exportd")).ancestors().nth(2).expect("target/debug/exportd");
    let made = beside.join("tools/python/bin/python");
    assert!(
        made.exists(),
        "no Python with the packages of tests/formats/requirements.txt: run ./scripts/test, which makes one, or name one \
         in EXPORTD_TEST_PYTHON"
    );
    made
}

/// `check.py` with these arguments; panics with what it found if it is not content.
pub fn check(arguments: &[&Path]) -> String {
    let mut command = Command::new(python());
    command.arg(CHECK).args(arguments);
    let ended = command.output().expect("Python is there");
    let said =
        format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{arguments:?}:\n{said}");
    said
}
