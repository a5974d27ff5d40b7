//! Whether what is to be exported can be read.

use std::fs;
use std::path::Path;

use crate::cli::finding::Finding;
use crate::config::Settings;
use crate::datasets::{DataSets, Severity};

/// Projects and data sets.
pub fn of(settings: &Settings) -> Vec<Finding> {
    let roots = std::iter::once(&settings.projects.root).chain(&settings.projects.allowed_roots);
    roots.map(|root| folder(root)).chain(data_sets(settings)).collect()
}

fn folder(root: &Path) -> Finding {
    let shown = root.display();
    match fs::read_dir(root) {
        Ok(users) => Finding::ok(format!("{shown} can be read; {} users have projects there", users.count())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Finding::note(
            format!("{shown} is not there: nobody has projects but those that are registered elsewhere"),
            "make it, or name another in `projects.root`",
        ),
        Err(error) => Finding::wrong(
            format!("{shown} cannot be read: {error}"),
            "let the user that exportd runs as read it, and pass every folder above it",
        ),
    }
}

fn data_sets(settings: &Settings) -> Vec<Finding> {
    let Some(file) = &settings.datasets.file else { return Vec::new() };
    let shown = file.display();
    let sets = match DataSets::open(&settings.datasets) {
        Ok(sets) => sets,
        Err(error) => {
            let next = format!("put {shown} right; `serve` does not start with it");
            return vec![Finding::wrong(error.to_string().replace('\n', "; "), next)];
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let found = runtime.expect("a runtime of this thread alone").block_on(sets.check());
    if found.is_empty() {
        let count = sets.all().count();
        return vec![Finding::ok(format!("{count} data sets of {shown} are what their sources have"))];
    }
    let told = found.iter().map(|finding| match finding.severity {
        Severity::Fault => {
            Finding::wrong(finding.to_string(), format!("put {shown} right; `serve` does not start with it"))
        }
        Severity::Absent => Finding::wrong(
            finding.to_string(),
            "name a file that exists; `serve` starts without it".to_owned(),
        ),
        Severity::Warning => {
            Finding::note(finding.to_string(), "is its source running? `serve` starts without it")
        }
    });
    told.collect()
}
