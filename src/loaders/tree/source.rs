//! A tree as the packer sees it.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::packaging::{Content, Control, Entry, EntryKind, Limits, PackError, Scan, Source};

use super::super::rules::TreeRules;
use super::beneath;
use super::walk::Walk;

/// The tree beneath one folder. The folder is held open: whatever happens to its path, this is
/// the tree that is packed.
#[derive(Debug)]
pub struct TreeSource {
    root: OwnedFd,
    rules: TreeRules,
}

impl TreeSource {
    /// The tree beneath `folder`, of which `rules` lets through.
    ///
    /// # Errors
    /// When the folder cannot be opened.
    pub fn open(folder: &Path, rules: TreeRules) -> io::Result<Self> {
        let root = File::open(folder)?;
        if !root.metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { root: root.into(), rules })
    }
}

impl Source for TreeSource {
    fn scan(&mut self, limits: &Limits, control: &Control) -> Result<Scan, PackError> {
        Walk::new(self.root.as_fd(), &self.rules, limits, control).run()
    }

    fn open(&self, entry: &Entry) -> io::Result<Box<dyn Content>> {
        if entry.kind == EntryKind::EmptyFolder {
            return Ok(Box::new(Nothing));
        }
        let file = beneath::file(self.root.as_fd(), entry.origin())?;
        let opened = file.metadata()?;
        if !opened.is_file() {
            // It was a file when it was scanned, and is something else by now.
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(Box::new(FileContent { file, opened }))
    }
}

/// The content of a file.
struct FileContent {
    file: File,
    opened: Metadata,
}

impl Content for FileContent {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.file.read(room)
    }

    fn has_changed(&self) -> bool {
        let stamp =
            |file: &Metadata| (file.len(), file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec());
        self.file.metadata().is_ok_and(|now| stamp(&now) != stamp(&self.opened))
    }
}

/// The content of an empty folder.
struct Nothing;

impl Content for Nothing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }

    fn has_changed(&self) -> bool {
        false
    }
}
