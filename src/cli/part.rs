//! A file that a command writes: not there under its name until it is whole.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::outcome::{Exit, Failure};
use super::plain::plain_path;
use crate::storage::Ahead;

/// A file that is not there under its name until it is whole.
pub struct Part {
    path: PathBuf,
    /// What is written of it.
    pub file: Ahead,
}

impl Part {
    /// The part of the file that will be at `output`.
    ///
    /// # Errors
    /// When there can be none.
    pub fn begin(output: &Path) -> io::Result<Self> {
        let path = part_of(output);
        Ok(Self { file: Ahead::new(File::create(&path)?), path })
    }

    /// Gives it its name. Its bytes have to be on the disk.
    ///
    /// # Errors
    /// When it cannot have it.
    pub fn finish(self, output: &Path) -> io::Result<()> {
        fs::rename(&self.path, output)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // After finishing there is no part any more.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether a file may take the place of what is at `output`.
///
/// # Errors
/// Renaming over it would put a file in the place of a device, a pipe or a folder.
pub fn can_replace(output: &Path) -> Result<(), Failure> {
    if fs::metadata(output).is_ok_and(|there| !there.is_file()) {
        let what =
            format!("{} is there and is no file; name another, or stream with -o -", plain_path(output));
        return Err(Failure::new(Exit::WrongUse, what));
    }
    Ok(())
}

/// Where the part of the file at `path` is.
pub fn part_of(path: &Path) -> PathBuf {
    with_end(path, ".part")
}

/// `path` with more behind its name.
pub fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// The folder of the file at `path`.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
