//! A revision as the packer sees it.

use std::io::{self, Read};

use gix::hash::{ObjectId, oid};

use crate::loaders::TreeRules;
use crate::packaging::{Content, Control, Entry, Limits, PackError, Scan, Source};

use super::walk::Walk;
use super::{Commit, Repository};

/// The tree of one commit.
#[derive(Debug)]
pub struct GitSource {
    repository: Repository,
    tree: ObjectId,
    rules: TreeRules,
    /// The largest file that the scan let through.
    max_file: u64,
}

impl GitSource {
    /// The tree of `commit`, of which `rules` lets through.
    pub fn new(repository: Repository, commit: &Commit, rules: TreeRules) -> Self {
        Self { repository, tree: commit.tree, rules, max_file: 0 }
    }
}

impl Source for GitSource {
    fn scan(&mut self, limits: &Limits, control: &Control) -> Result<Scan, PackError> {
        self.max_file = limits.max_file;
        self.repository.objects.stop = control.cancel.clone();
        Walk::new(&self.repository.objects, &self.rules, limits, control).run(&self.tree)
    }

    fn open(&self, entry: &Entry) -> io::Result<Box<dyn Content>> {
        let id = oid::try_from_bytes(entry.origin()).map_err(|_| io::ErrorKind::NotFound)?;
        Ok(Box::new(Blob(self.repository.objects.blob(id, self.max_file)?)))
    }
}

/// The content of a file in a revision: it never changes.
struct Blob(Box<dyn Read + Send>);

impl Content for Blob {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.0.read(room)
    }

    fn has_changed(&self) -> bool {
        false
    }
}
