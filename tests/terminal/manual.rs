//! The manual's pages.

use std::process::Command;

#[test]
fn every_command_has_a_page_that_a_strict_reader_takes_and_man_shows() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran =
        Command::new(env!("CARGO_BIN_EXE_exportd")).arg("man").arg(folder.path()).output().expect("it runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let pages: Vec<_> =
        std::fs::read_dir(folder.path()).expect("a folder").map(|page| page.expect("one").path()).collect();
    for name in [
        "exportd.1",
        "exportd-doctor.1",
        "exportd-export.1",
        "exportd-export-create.1",
        "exportd-nginx-check.1",
    ] {
        assert!(pages.iter().any(|page| page.ends_with(name)), "{name} is missing among {pages:?}");
    }
    let lint =
        Command::new("mandoc").args(["-T", "lint", "-W", "error"]).args(&pages).output().expect("mandoc");
    assert!(lint.status.success(), "{}", String::from_utf8_lossy(&lint.stdout));
    let shown = Command::new("mandoc")
        .args(["-T", "utf8"])
        .arg(folder.path().join("exportd-export-create.1"))
        .output();
    let shown = String::from_utf8(shown.expect("mandoc").stdout).expect("text");
    // Each example keeps its line.
    assert!(
        shown.lines().any(|line| line.trim() == "id=$(exportd export create --project shop -q)"),
        "{shown}"
    );
}
