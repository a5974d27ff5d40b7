//! `exportd verify`: is a package what was sealed?

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::outcome::{Exit, Failure};
use super::output;
use super::pack::manifest_of;
use crate::packaging::{Manifest, Verification, verify};

/// Read a package again and hold it against its manifest
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd verify shop.zip
Reads shop.zip.manifest.json too, if it is there; without it, structure and CRCs are checked.")]
pub struct Verify {
    /// The package
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Its manifest, if it lies elsewhere
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    /// Reads the package and tells what was found.
    ///
    /// # Errors
    /// When it cannot be read; a broken package is a finding, told by the exit code.
    pub fn run(self) -> Result<Exit, Failure> {
        let manifest = self.manifest()?;
        let mut package = File::open(&self.file).map_err(|error| unreadable(&self.file, &error))?;
        let found = verify(&mut package, manifest.as_ref()).map_err(|error| Failure::because(&error))?;
        if manifest.is_none() {
            output::note("no manifest beside it: structure and CRCs only");
        }
        if self.json {
            output::json(&found)?;
        } else {
            output::result(told(&found))?;
        }
        Ok(if found.ok { Exit::Done } else { Exit::Damaged })
    }

    fn manifest(&self) -> Result<Option<Manifest>, Failure> {
        let path = self.manifest.clone().unwrap_or_else(|| manifest_of(&self.file));
        let json = match fs::read(&path) {
            Ok(json) => json,
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.manifest.is_none() => {
                return Ok(None);
            }
            Err(error) => return Err(unreadable(&path, &error)),
        };
        serde_json::from_slice(&json).map(Some).map_err(|error| {
            Failure::new(Exit::Damaged, format!("{} is no manifest: {error}", path.display()))
        })
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let exit = if error.kind() == io::ErrorKind::NotFound { Exit::Missing } else { Exit::Failed };
    Failure::new(exit, format!("{} cannot be read: {error}", path.display()))
}

/// One line a check.
pub fn told(found: &Verification) -> String {
    let line = |check: &crate::packaging::Check| {
        format!("{:<7} {:<10} {}", if check.ok { "ok" } else { "BROKEN" }, check.name, check.detail)
    };
    found.checks.iter().map(line).collect::<Vec<_>>().join("\n")
}
