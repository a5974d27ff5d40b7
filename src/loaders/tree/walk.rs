//! Walking: depth first, names in order, links never followed.

use std::io::{self, Read};
use std::os::fd::BorrowedFd;
use std::time::SystemTime;

use rustix::io::Errno;

use crate::domain::WarningCode;
use crate::packaging::{Control, ExcludeReason, Limits, PackError, Scan};

use super::super::entries::{Gathered, Known};
use super::super::rules::{IGNORE_FILES, Judge, MOST_BYTES, TreeRules};
use super::beneath;
use super::identity::{Stamp, Trust};
use super::listing::{Found, What, find, list};

/// Between two looks whether to go on.
const LOOK_EVERY: usize = 256;
/// What is said of what the disk does not give.
const UNREADABLE: &str = "cannot be read by the server";
/// Bytes of a file that are read at once, to learn how many there are.
const BLOCK: usize = 64 * 1024;

/// A walk through one tree. Holds one open folder and what lies ahead, so that neither depth nor
/// width costs descriptors or stack.
pub struct Walk<'a> {
    root: BorrowedFd<'a>,
    rules: &'a TreeRules,
    judge: Judge<'a>,
    limits: &'a Limits,
    control: &'a Control,
    trust: Trust,
    found: Gathered<'a>,
    /// What comes next, last first.
    ahead: Vec<Found>,
}

impl<'a> Walk<'a> {
    /// A walk beneath `root`, by `rules`.
    pub fn new(root: BorrowedFd<'a>, rules: &'a TreeRules, limits: &'a Limits, control: &'a Control) -> Self {
        Self {
            root,
            rules,
            judge: rules.judge(),
            limits,
            control,
            trust: Trust::before(SystemTime::now()),
            found: Gathered::new(limits),
            ahead: Vec::new(),
        }
    }

    /// Walks all that lies beneath the root, in the order of the paths' bytes.
    ///
    /// # Errors
    /// [`PackError`] when the root itself cannot be read, on too many files, or when cancelled.
    pub fn run(mut self) -> Result<Scan, PackError> {
        // Its own description: two scans of one root would share a position in its listing.
        let top = beneath::folder(self.root, b"").and_then(|root| list(root, b""));
        self.go_into(b"", top.map_err(|errno| PackError::Source(errno.into()))?);
        let mut seen = 0_usize;
        while let Some(found) = self.ahead.pop() {
            seen += 1;
            if seen.is_multiple_of(LOOK_EVERY) && self.control.cancel.is_cancelled() {
                return Err(PackError::Cancelled);
            }
            self.meet(found)?;
        }
        Ok(self.found.scan(self.rules))
    }

    fn meet(&mut self, Found { path, what }: Found) -> Result<(), PackError> {
        let is_folder = what == What::Folder;
        if let Some(verdict) = self.judge.judge(bare(&path), is_folder) {
            self.found.exclude(&path, verdict);
            return Ok(());
        }
        match what {
            What::Folder => self.enter(path),
            // Nobody needs to hear of what nobody asked for.
            _ if !self.rules.is_wanted(&path) => {}
            What::File { size, stamp } => return self.file(path, size, &stamp),
            What::Link => self.found.link(&path),
            What::Special => self.found.leave(
                &path,
                ExcludeReason::SpecialFile,
                WarningCode::SpecialFileSkipped,
                "a socket, pipe or device",
            ),
            What::Unreadable => self.found.unreadable(&path, UNREADABLE),
        }
        Ok(())
    }

    fn enter(&mut self, path: Vec<u8>) {
        if self.found.is_too_long(&path) {
            return;
        }
        match beneath::folder(self.root, &path).and_then(|folder| list(folder, &path)) {
            // A folder with nothing in it is kept: nobody should wonder where it went.
            Ok(found) if found.is_empty() && self.rules.wants_all() => self.found.empty_folder(path),
            Ok(found) => self.go_into(&path, found),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => self.found.leave(
                &path,
                ExcludeReason::Vanished,
                WarningCode::FileVanished,
                "deleted while it was being packed",
            ),
            Err(_) => self.found.unreadable(&path, UNREADABLE),
        }
    }

    /// Goes on with what was `found` in the folder at `path`, by the ignore files that it has.
    fn go_into(&mut self, path: &[u8], found: Vec<Found>) {
        for name in IGNORE_FILES {
            if let Some(file) = find(&found, path, name) {
                self.obey(path, name, file);
            }
        }
        self.found.siblings(found.iter().map(|one| bare(&one.path[path.len()..])));
        self.ahead.extend(found);
    }

    fn obey(&mut self, folder: &[u8], name: &str, file: &Found) {
        let text = match file.what {
            What::File { .. } => self.beginning_of(&file.path),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        };
        match text {
            Ok(text) => self.found.warn_all(self.judge.obey(folder, name, &text)),
            Err(_) => {
                let message = "is no file that can be read, so nothing is left out by it";
                self.found.warn(&file.path, WarningCode::IgnoreRule, message);
            }
        }
    }

    /// As much of an ignore file as counts, and a little: whether there is more.
    fn beginning_of(&self, path: &[u8]) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        beneath::file(self.root, path)?.take(MOST_BYTES as u64 + 1).read_to_end(&mut text)?;
        Ok(text)
    }

    fn file(&mut self, path: Vec<u8>, size: u64, stamp: &Stamp) -> Result<(), PackError> {
        let found = if size == 0 { self.measure(&path)? } else { size };
        if self.found.is_too_large(&path, found, size != 0) {
            return Ok(());
        }
        let identity = if found == size { self.trust.identity(stamp, size) } else { None };
        self.found.file(path, found, Known { origin: None, identity })
    }

    /// How many bytes an empty file has. Some file systems (`/proc`) tell of none, and give many; who
    /// believed them would pack nothing and say nothing.
    fn measure(&mut self, path: &[u8]) -> Result<u64, PackError> {
        // What cannot be read will be told when it is to be packed.
        let Ok(mut file) = beneath::file(self.root, path) else { return Ok(0) };
        let mut block = Vec::new();
        let mut size = 0;
        while let Ok(read) = (&mut file).take(BLOCK as u64).read_to_end(&mut block) {
            if read == 0 || size > self.limits.max_file {
                break;
            }
            if self.control.cancel.is_cancelled() {
                return Err(PackError::Cancelled);
            }
            size += read as u64;
            block.clear();
        }
        if (1..=self.limits.max_file).contains(&size) {
            let message = "its file system tells of no size; the package has it as it was read";
            self.found.warn(path, WarningCode::FileChanged, message);
        }
        Ok(size)
    }
}

/// A folder's name without its slash.
fn bare(path: &[u8]) -> &[u8] {
    path.strip_suffix(b"/").unwrap_or(path)
}
