//! Watching exportd: the rules, alerts and dashboards of `dashboards/`, with a real Prometheus.

mod alerts;
mod boards;
mod load;
mod pages;
mod prometheus;
mod shown;

use std::path::{Path, PathBuf};
use std::process::Command;

/// A path below `dashboards/`.
fn dashboards(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards").join(path)
}

/// The files of a folder below `dashboards/` that end like this, in order.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dashboards(folder)).expect("a folder");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == ending));
    files.sort();
    assert!(!files.is_empty(), "nothing in {folder}");
    files
}

/// What all these files say.
fn text(files: &[PathBuf]) -> String {
    files.iter().map(|file| std::fs::read_to_string(file).expect("a file")).collect()
}

/// What `command` says; panics with it when it fails.
#[track_caller]
fn said(command: &mut Command) -> String {
    let ended = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said =
        format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{command:?}:\n{said}");
    said
}
