//! Walking: depth first, names in order, links never followed.

use std::collections::HashSet;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, Dir, FileType, statat};
use rustix::io::Errno;

use crate::domain::{Warning, WarningCode, human_size};
use crate::packaging::{Control, Entry, EntryKind, ExcludeReason, Excluded, Limits, PackError, Scan};

use super::{TreeRules, beneath, name};

/// Between two looks whether to go on.
const LOOK_EVERY: usize = 256;
/// The longest name an archive can write.
const LONGEST: usize = u16::MAX as usize;

/// Something in a folder.
struct Found {
    /// Its path beneath the root; a folder's with a `/` at the end, so that sorted siblings stand
    /// in the order of whole paths.
    path: Vec<u8>,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Folder,
    File {
        size: u64,
    },
    Link,
    Special,
    /// It is listed and cannot be looked at.
    Unreadable,
}

/// A walk through one tree. Holds one open folder and what lies ahead, so that neither depth nor
/// width costs descriptors or stack.
pub struct Walk<'a> {
    root: BorrowedFd<'a>,
    rules: &'a TreeRules,
    limits: &'a Limits,
    control: &'a Control,
    scan: Scan,
    /// What comes next, last first.
    ahead: Vec<Found>,
    files: u64,
    has_escaped: bool,
}

impl<'a> Walk<'a> {
    /// A walk beneath `root`, by `rules`.
    pub fn new(root: BorrowedFd<'a>, rules: &'a TreeRules, limits: &'a Limits, control: &'a Control) -> Self {
        let (scan, ahead) = (Scan::default(), Vec::new());
        Self { root, rules, limits, control, scan, ahead, files: 0, has_escaped: false }
    }

    /// Walks all that lies beneath the root, in the order of the paths' bytes.
    ///
    /// # Errors
    /// [`PackError`] when the root itself cannot be read, on too many files, or when cancelled.
    pub fn run(mut self) -> Result<Scan, PackError> {
        // Its own description: two scans of one root would share a position in its listing.
        let top = beneath::folder(self.root, b"").and_then(|root| list(root, b""));
        self.ahead = top.map_err(|errno| PackError::Source(errno.into()))?;
        let mut seen = 0_usize;
        while let Some(found) = self.ahead.pop() {
            seen += 1;
            if seen.is_multiple_of(LOOK_EVERY) && self.control.cancel.is_cancelled() {
                return Err(PackError::Cancelled);
            }
            self.meet(found)?;
        }
        if self.has_escaped {
            self.part_namesakes();
        }
        Ok(self.scan)
    }

    fn meet(&mut self, Found { path, what }: Found) -> Result<(), PackError> {
        let is_folder = what == What::Folder;
        let bare = path.strip_suffix(b"/").unwrap_or(&path);
        if let Some(reason) = self.rules.excluded(bare, is_folder) {
            self.exclude(&path, reason);
            return Ok(());
        }
        match what {
            What::Folder => self.enter(path),
            // Nobody needs to hear of what nobody asked for.
            _ if !self.rules.is_wanted(&path) => {}
            What::File { size } => return self.file(path, size),
            What::Link => self.leave(
                &path,
                ExcludeReason::Symlink,
                WarningCode::SymlinkSkipped,
                "a symbolic link; links are never followed",
            ),
            What::Special => self.leave(
                &path,
                ExcludeReason::SpecialFile,
                WarningCode::SpecialFileSkipped,
                "a socket, pipe or device",
            ),
            What::Unreadable => self.unreadable(&path),
        }
        Ok(())
    }

    fn enter(&mut self, path: Vec<u8>) {
        if path.len() > LONGEST {
            return self.too_long(&path);
        }
        match beneath::folder(self.root, &path).and_then(|folder| list(folder, &path)) {
            Ok(found) if found.is_empty() => self.empty_folder(path),
            Ok(found) => self.ahead.extend(found),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => self.vanished(&path),
            Err(_) => self.unreadable(&path),
        }
    }

    fn file(&mut self, path: Vec<u8>, size: u64) -> Result<(), PackError> {
        if size > self.limits.max_file {
            let most = human_size(self.limits.max_file);
            let message = format!("{}, more than the {most} a file may have", human_size(size));
            self.leave(&path, ExcludeReason::TooLarge, WarningCode::FileTooLarge, &message);
            return Ok(());
        }
        self.files += 1;
        if self.files > self.limits.max_files {
            return Err(PackError::TooManyFiles { limit: self.limits.max_files });
        }
        self.add(path, EntryKind::File, size);
        Ok(())
    }

    /// A folder with nothing in it is kept: nobody should wonder where it went.
    fn empty_folder(&mut self, path: Vec<u8>) {
        if self.rules.wants_all() {
            self.add(path, EntryKind::EmptyFolder, 0);
        }
    }

    fn add(&mut self, origin: Vec<u8>, kind: EntryKind, size: u64) {
        let (path, is_escaped) = name::portable(&origin);
        if path.len() > LONGEST {
            return self.too_long(&origin);
        }
        if is_escaped {
            self.has_escaped = true;
            let message = "its name cannot be written everywhere; `%` and two digits stand for such bytes";
            self.warn(WarningCode::NameEscaped, path.clone(), message);
        }
        self.scan.entries.push(Entry {
            path,
            kind,
            size,
            origin: is_escaped.then_some(origin),
            identity: None,
        });
    }

    /// Leaves out every entry whose escaped name is another's name: names of their own go first.
    fn part_namesakes(&mut self) {
        let entries = std::mem::take(&mut self.scan.entries);
        let own = entries.iter().filter(|entry| entry.origin.is_none());
        let mut taken: HashSet<String> = own.map(|entry| entry.path.clone()).collect();
        for entry in entries {
            if entry.origin.is_none() || taken.insert(entry.path.clone()) {
                self.scan.entries.push(entry);
                continue;
            }
            let (reason, message) = (ExcludeReason::NameCollision, "left out: its name is another file's");
            self.scan.excluded.push(Excluded { path: entry.path.clone(), reason, rule: None });
            self.warn(WarningCode::NameEscaped, entry.path, message);
        }
    }

    fn vanished(&mut self, path: &[u8]) {
        let message = "deleted while it was being packed";
        self.leave(path, ExcludeReason::Vanished, WarningCode::FileVanished, message);
    }

    fn unreadable(&mut self, path: &[u8]) {
        let message = "cannot be read by the server";
        self.leave(path, ExcludeReason::Unreadable, WarningCode::Unreadable, message);
    }

    fn too_long(&mut self, path: &[u8]) {
        // Its beginning tells where to look; all of it would fill the report.
        let message = format!("a path of {} bytes is longer than an archive can write", path.len());
        self.leave(&path[..200], ExcludeReason::PathTooLong, WarningCode::Unreadable, &message);
    }

    fn leave(&mut self, path: &[u8], reason: ExcludeReason, code: WarningCode, message: &str) {
        self.exclude(path, reason);
        self.warn(code, name::portable(path).0, message);
    }

    fn exclude(&mut self, path: &[u8], reason: ExcludeReason) {
        self.scan.excluded.push(Excluded { path: name::portable(path).0, reason, rule: None });
    }

    fn warn(&mut self, code: WarningCode, path: String, message: &str) {
        self.scan.warnings.push(Warning { code, path: Some(path), message: message.to_owned() });
    }
}

/// What is in `folder`, which lies at `path`: sorted, the first one last.
fn list(folder: OwnedFd, path: &[u8]) -> Result<Vec<Found>, Errno> {
    let mut found = Vec::new();
    let mut listing = Dir::new(folder)?;
    while let Some(entry) = listing.read() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            found.extend(look(listing.fd()?, path, name, entry.file_type()));
        }
    }
    // All of them begin with the folder's path.
    found.sort_unstable_by(|one, other| other.path[path.len()..].cmp(&one.path[path.len()..]));
    Ok(found)
}

/// What `name` is; `None` when it is gone already.
fn look(folder: BorrowedFd<'_>, path: &[u8], name: &[u8], kind: FileType) -> Option<Found> {
    let what = match kind {
        FileType::Directory => What::Folder,
        FileType::Symlink => What::Link,
        // The size of a file; and what it is, where a file system does not tell in the listing.
        FileType::RegularFile | FileType::Unknown => match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => What::File { size: u64::try_from(stat.st_size).unwrap_or(0) },
                FileType::Directory => What::Folder,
                FileType::Symlink => What::Link,
                _ => What::Special,
            },
            Err(Errno::NOENT) => return None,
            Err(_) => What::Unreadable,
        },
        _ => What::Special,
    };
    let mut whole = Vec::with_capacity(path.len() + name.len() + 1);
    whole.extend_from_slice(path);
    whole.extend_from_slice(name);
    if what == What::Folder {
        whole.push(b'/');
    }
    Some(Found { path: whole, what })
}
