//! A workbench: parts of a package to come, which outlive an attempt, so that the next one goes on
//! where the last one was stopped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::domain::ExportId;

use super::StorageError;
use super::stored::{self, PART};

/// What the name of a bench's folder ends in.
const BENCH: &str = ".parts";

/// The bench of one export. Nothing is there until a part is begun.
#[derive(Debug, Clone)]
pub struct Bench {
    folder: PathBuf,
}

/// A part that is being made. Dropped unfinished, it is gone.
#[derive(Debug)]
pub struct BenchPart {
    file: File,
    part: PathBuf,
    path: PathBuf,
    is_finished: bool,
}

impl Bench {
    pub(super) fn of(root: &Path, export: ExportId) -> Self {
        let name = format!("{export}{BENCH}");
        Self { folder: root.join(stored::shelf(&name)).join(name) }
    }

    /// Begins the part `name`, a file name. Two workers may make the same part: each has a file of
    /// its own until one is finished.
    ///
    /// # Errors
    /// [`StorageError::Full`], [`StorageError::Disk`].
    pub fn begin(&self, name: &str) -> Result<BenchPart, StorageError> {
        fs::create_dir_all(&self.folder)?;
        let path = self.folder.join(name);
        let part = self.folder.join(format!("{name}.{}{PART}", Uuid::new_v4().simple()));
        let file = OpenOptions::new().write(true).create_new(true).open(&part)?;
        Ok(BenchPart { file, part, path, is_finished: false })
    }

    /// The finished part `name`; `None` where there is none.
    ///
    /// # Errors
    /// [`StorageError::Disk`].
    pub fn open(&self, name: &str) -> Result<Option<File>, StorageError> {
        match File::open(self.folder.join(name)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Clears the bench away. What is not there needs no clearing.
    ///
    /// # Errors
    /// [`StorageError::Disk`].
    pub fn clear(&self) -> Result<(), StorageError> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// The exports that have benches below `root`.
    pub(super) fn list(root: &Path) -> Result<Vec<ExportId>, StorageError> {
        let mut found = Vec::new();
        for shelf in fs::read_dir(root)? {
            let shelf = shelf?;
            if !shelf.file_type()?.is_dir() {
                continue;
            }
            for folder in fs::read_dir(shelf.path())? {
                let name = folder?.file_name();
                let export: Option<ExportId> =
                    name.to_str().and_then(|name| name.strip_suffix(BENCH)?.parse().ok());
                found.extend(export);
            }
        }
        Ok(found)
    }
}

impl BenchPart {
    /// The part is whole: on the disk first, then under its name.
    ///
    /// # Errors
    /// [`StorageError::Full`], [`StorageError::Disk`].
    pub fn finish(mut self) -> Result<(), StorageError> {
        self.file.sync_all()?;
        fs::rename(&self.part, &self.path)?;
        self.is_finished = true;
        if let Some(folder) = self.path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

impl Write for BenchPart {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for BenchPart {
    fn drop(&mut self) {
        if !self.is_finished {
            let _ = fs::remove_file(&self.part);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_part_is_there_when_it_is_finished_and_not_before() {
        let root = tempfile::tempdir().expect("a folder");
        let export = ExportId::new();
        let bench = Bench::of(root.path(), export);
        assert!(bench.open("users").expect("a disk").is_none());
        let mut first = bench.begin("users").expect("a part");
        let mut second = bench.begin("users").expect("another worker's");
        first.write_all(b"one").expect("written");
        second.write_all(b"two").expect("written");
        assert!(bench.open("users").expect("a disk").is_none());
        first.finish().expect("finished");
        drop(second);
        let mut text = String::new();
        bench.open("users").expect("a disk").expect("a part").read_to_string(&mut text).expect("read");
        assert_eq!(text, "one");
        assert_eq!(fs::read_dir(&bench.folder).expect("a folder").count(), 1, "what was dropped is gone");
        assert_eq!(Bench::list(root.path()).expect("a list"), [export]);
        bench.clear().expect("cleared");
        bench.clear().expect("nothing to clear");
        assert!(Bench::list(root.path()).expect("a list").is_empty());
    }
}
