//! Walking the tree of a revision, by the same rules and in the same order as a folder.

use std::collections::HashSet;
use std::io::Read;

use gix::hash::{ObjectId, oid};
use gix::objs::TreeRefIter;
use gix::objs::tree::EntryKind as Mode;
use sha2::{Digest, Sha256};

use crate::domain::WarningCode;
use crate::loaders::entries::{Gathered, Known};
use crate::loaders::rules::{IGNORE_FILES, Judge, MOST_BYTES, TreeRules, Verdict};
use crate::packaging::{Control, ExcludeReason, Identity, Limits, PackError, Scan};

use super::store::{ObjectError, Objects};

/// Between two looks whether to go on.
const LOOK_EVERY: u64 = 256;
/// The largest tree that is read: millions of names in one folder.
const LARGEST_TREE: u64 = 64 << 20;
/// Names read for each file that a package may have, before a tree is called endless: a few small
/// trees that name each other again and again hold more files than there are disks.
const NAMES_PER_FILE: u64 = 50;
/// And in any case.
const FEWEST_NAMES: u64 = 200_000;
/// A path of so many bytes counts as one name, of twice as many as two.
const USUAL_PATH: u64 = 256;
/// The sizes that a pointer of Git LFS may have; its specification says less than 1024.
const POINTER_SIZES: std::ops::Range<u64> = 100..1024;
/// How it begins.
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";

/// Something that a tree names.
struct Named {
    /// Its path; a folder's with a `/` at the end.
    path: Vec<u8>,
    mode: Mode,
    id: ObjectId,
}

/// A walk through one revision's tree.
pub struct Walk<'a> {
    objects: &'a Objects,
    rules: &'a TreeRules,
    judge: Judge<'a>,
    limits: &'a Limits,
    control: &'a Control,
    found: Gathered<'a>,
    /// What comes next, last first.
    ahead: Vec<Named>,
    /// Names that may still be read.
    names_left: u64,
}

impl<'a> Walk<'a> {
    /// A walk by `rules`, within `limits`.
    pub fn new(objects: &'a Objects, rules: &'a TreeRules, limits: &'a Limits, control: &'a Control) -> Self {
        let names_left = FEWEST_NAMES.max(limits.max_files.saturating_mul(NAMES_PER_FILE));
        let (found, ahead) = (Gathered::new(limits), Vec::new());
        let judge = rules.judge();
        Self { objects, rules, judge, limits, control, found, ahead, names_left }
    }

    /// Walks all of `tree`, in the order of the paths' bytes.
    ///
    /// # Errors
    /// [`PackError::Incomplete`] when the repository cannot give one of its trees,
    /// [`PackError::TooManyFiles`], [`PackError::Cancelled`].
    pub fn run(mut self, tree: &oid) -> Result<Scan, PackError> {
        let mut looks = 0_u64;
        self.enter(b"", tree)?;
        while let Some(named) = self.ahead.pop() {
            looks += 1;
            if looks.is_multiple_of(LOOK_EVERY) && self.control.cancel.is_cancelled() {
                return Err(PackError::Cancelled);
            }
            self.meet(named)?;
        }
        Ok(self.found.scan(self.rules))
    }

    fn meet(&mut self, Named { path, mode, id }: Named) -> Result<(), PackError> {
        let is_folder = mode == Mode::Tree;
        if let Some(verdict) = self.judge.judge(bare(&path), is_folder) {
            self.found.exclude(&path, verdict);
            return Ok(());
        }
        match mode {
            Mode::Tree if self.found.is_too_long(&path) => {}
            Mode::Tree => return self.enter(&path, &id),
            _ if !self.rules.is_wanted(&path) => {}
            Mode::Blob | Mode::BlobExecutable => return self.file(path, id),
            Mode::Link => self.found.link(&path),
            Mode::Commit => {
                let message = format!("a submodule at {id}; its files are another repository's");
                let (reason, code) = (ExcludeReason::Submodule, WarningCode::SubmoduleSkipped);
                self.found.leave(&path, reason, code, &message);
            }
        }
        Ok(())
    }

    fn file(&mut self, path: Vec<u8>, id: ObjectId) -> Result<(), PackError> {
        match self.objects.size(&id) {
            Ok(size) if self.found.is_too_large(&path, size, true) => Ok(()),
            Ok(size) => {
                if self.is_pointer(&id, size) {
                    let message = "a pointer of Git LFS; the file that it stands for is kept elsewhere";
                    self.found.warn(&path, WarningCode::LfsPointer, message);
                }
                let (origin, identity) = (Some(id.as_slice().to_vec()), Some(identity(&id)));
                self.found.file(path, size, Known { origin, identity })
            }
            Err(ObjectError::Cancelled) => Err(PackError::Cancelled),
            Err(error) => {
                let message = format!("the repository cannot give its object {id}: {}", told(&error));
                self.found.unreadable(&path, &message);
                Ok(())
            }
        }
    }

    fn is_pointer(&self, id: &oid, size: u64) -> bool {
        POINTER_SIZES.contains(&size)
            && self.objects.read(id, size).is_ok_and(|object| object.bytes.starts_with(POINTER))
    }

    fn enter(&mut self, path: &[u8], id: &oid) -> Result<(), PackError> {
        let incomplete =
            |error: &ObjectError| PackError::Incomplete { object: id.to_string(), why: told(error) };
        let tree = match self.objects.read(id, LARGEST_TREE) {
            Err(ObjectError::Cancelled) => return Err(PackError::Cancelled),
            Err(error) => return Err(incomplete(&error)),
            Ok(tree) if tree.kind != gix::objs::Kind::Tree => {
                return Err(incomplete(&ObjectError::Corrupt("it is no tree")));
            }
            Ok(tree) => tree,
        };
        let broken = ObjectError::Corrupt("it is a broken tree");
        let from = self.ahead.len();
        for entry in TreeRefIter::from_bytes(&tree.bytes, self.objects.hash()) {
            let entry = entry.map_err(|_| incomplete(&broken))?;
            let cost = 1 + (path.len() + entry.filename.len()) as u64 / USUAL_PATH;
            self.names_left = self
                .names_left
                .checked_sub(cost)
                .ok_or(PackError::TooManyFiles { limit: self.limits.max_files })?;
            self.take(path, entry.filename, entry.mode.kind(), entry.oid);
        }
        self.order(from, path.len());
        self.found.siblings(self.ahead[from..].iter().map(|one| bare(&one.path[path.len()..])));
        self.obey(path, from);
        Ok(())
    }

    /// Takes the ignore files of the folder at `path` into account, which are among what was put on
    /// the way from `from` on.
    fn obey(&mut self, path: &[u8], from: usize) {
        for name in IGNORE_FILES {
            let is_it = |named: &&Named| named.path[path.len()..] == *name.as_bytes();
            let Some(file) = self.ahead[from..].iter().find(is_it) else { continue };
            match self.beginning_of(file) {
                Some(text) => self.found.warn_all(self.judge.obey(path, name, &text)),
                None => {
                    let message = "is no file that can be read, so nothing is left out by it";
                    self.found.warn(&file.path, WarningCode::IgnoreRule, message);
                }
            }
        }
    }

    /// As much of an ignore file as counts, and a little: whether there is more.
    fn beginning_of(&self, file: &Named) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        let is_file = matches!(file.mode, Mode::Blob | Mode::BlobExecutable);
        let blob = self.objects.blob(&file.id, self.limits.max_file).ok().filter(|_| is_file)?;
        blob.take(MOST_BYTES as u64 + 1).read_to_end(&mut text).ok()?;
        Some(text)
    }

    /// Puts what a tree names on the way, unless no folder could have it.
    fn take(&mut self, folder: &[u8], name: &[u8], mode: Mode, id: &oid) {
        if name.is_empty() || name == b"." || name == b".." || name.contains(&b'/') {
            // Shown so that nobody takes it for a way.
            let shown: String = name.iter().map(|byte| format!("%{byte:02X}")).collect();
            let path = [folder, shown.as_bytes()].concat();
            return self.found.unreadable(&path, "a name that no folder can have");
        }
        let mut path = [folder, name].concat();
        if is_repository(name) {
            let verdict = Verdict { reason: ExcludeReason::VersionControl, rule: None };
            return self.found.exclude(&path, verdict);
        }
        if mode == Mode::Tree {
            path.push(b'/');
        }
        self.ahead.push(Named { path, mode, id: id.to_owned() });
    }

    /// Brings what was put on the way from `from` on into order, the first one last, and each
    /// name once. Git keeps its trees in order; whoever makes one by hand need not.
    fn order(&mut self, from: usize, folder: usize) {
        let mut named = self.ahead.split_off(from);
        named.sort_by(|one, other| one.path[folder..].cmp(&other.path[folder..]));
        let mut names = HashSet::with_capacity(named.len());
        let is_first: Vec<bool> = named.iter().map(|named| names.insert(bare(&named.path))).collect();
        drop(names);
        for (named, is_first) in named.into_iter().zip(is_first) {
            if is_first {
                self.ahead.push(named);
            } else {
                let message = "left out: the tree has its name twice";
                self.found.leave(
                    &named.path,
                    ExcludeReason::NameCollision,
                    WarningCode::NameCollision,
                    message,
                );
            }
        }
        self.ahead[from..].reverse();
    }
}

/// A folder's name without its slash.
fn bare(path: &[u8]) -> &[u8] {
    path.strip_suffix(b"/").unwrap_or(path)
}

/// Whether git would take a file of this name for a repository of its own. It has none in its
/// trees; whoever unpacks one could run what its settings say.
fn is_repository(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b".git") || name.eq_ignore_ascii_case(b"git~1")
}

/// What an object's name says of its bytes: always to be trusted, because it is made of them.
fn identity(id: &oid) -> Identity {
    let mut hasher = Sha256::new();
    hasher.update(b"git blob ");
    hasher.update(id.as_bytes());
    Identity(hasher.finalize().into())
}

/// Why an object cannot be had, for whoever asked: nothing that the disk said.
pub fn told(error: &ObjectError) -> String {
    error.to_string()
}
