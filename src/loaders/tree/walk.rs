//! Walking: depth first, names in order, links never followed.

use std::io::{self, Read};
use std::os::fd::BorrowedFd;
use std::time::SystemTime;

use rustix::io::Errno;

use crate::domain::{Warning, WarningCode, human_size};
use crate::packaging::{Control, Entry, EntryKind, ExcludeReason, Identity, Limits, PackError, Scan};

use super::super::naming::{Siblings, named, part_namesakes, portable, warn_of_reserved, warn_of_twins};
use super::super::rules::{IGNORE_FILES, Judge, MOST_BYTES, TreeRules, Verdict};
use super::beneath;
use super::identity::{Stamp, Trust};
use super::listing::{Found, What, find, list};

/// Between two looks whether to go on.
const LOOK_EVERY: usize = 256;
/// The longest name an archive can write.
const LONGEST: usize = u16::MAX as usize;
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
    scan: Scan,
    /// What comes next, last first.
    ahead: Vec<Found>,
    files: u64,
    has_escaped: bool,
    siblings: Siblings,
    has_twins: bool,
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
            scan: Scan::default(),
            ahead: Vec::new(),
            files: 0,
            has_escaped: false,
            siblings: Siblings::default(),
            has_twins: false,
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
        if self.has_escaped {
            part_namesakes(&mut self.scan);
            // They were met in the order of their names here; what was escaped stands elsewhere now.
            self.scan.entries.sort_by(|one, other| one.path.cmp(&other.path));
        }
        if self.has_twins {
            self.scan.warnings.extend(warn_of_twins(&self.scan.entries));
        }
        self.scan.warnings.extend(warn_of_reserved(&self.scan.entries));
        Ok(self.scan)
    }

    fn meet(&mut self, Found { path, what }: Found) -> Result<(), PackError> {
        let is_folder = what == What::Folder;
        if let Some(verdict) = self.judge.judge(bare(&path), is_folder) {
            verdict.tell(portable(&path).0, &mut self.scan);
            return Ok(());
        }
        match what {
            What::Folder => self.enter(path),
            // Nobody needs to hear of what nobody asked for.
            _ if !self.rules.is_wanted(&path) => {}
            What::File { size, stamp } => return self.file(path, size, &stamp),
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
            Ok(found) => self.go_into(&path, found),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => self.vanished(&path),
            Err(_) => self.unreadable(&path),
        }
    }

    /// Goes on with what was `found` in the folder at `path`, by the ignore files that it has.
    fn go_into(&mut self, path: &[u8], found: Vec<Found>) {
        for name in IGNORE_FILES {
            if let Some(file) = find(&found, path, name) {
                self.obey(path, name, file);
            }
        }
        self.has_twins |= self.siblings.may_be_alike(found.iter().map(|one| bare(&one.path[path.len()..])));
        self.ahead.extend(found);
    }

    fn obey(&mut self, folder: &[u8], name: &str, file: &Found) {
        let text = match file.what {
            What::File { .. } => self.beginning_of(&file.path),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        };
        match text {
            Ok(text) => self.scan.warnings.extend(self.judge.obey(folder, name, &text)),
            Err(_) => {
                let message = "is no file that can be read, so nothing is left out by it";
                self.warn(WarningCode::IgnoreRule, portable(&file.path).0, message);
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
        if found > self.limits.max_file {
            let most = human_size(self.limits.max_file);
            let message = if size == 0 {
                format!("more than the {most} a file may have")
            } else {
                format!("{}, more than the {most} a file may have", human_size(size))
            };
            self.leave(&path, ExcludeReason::TooLarge, WarningCode::FileTooLarge, &message);
            return Ok(());
        }
        self.files += 1;
        if self.files > self.limits.max_files {
            return Err(PackError::TooManyFiles { limit: self.limits.max_files });
        }
        let identity = if found == size { self.trust.identity(stamp, size) } else { None };
        self.add(path, EntryKind::File, found, identity);
        Ok(())
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
            self.warn(WarningCode::FileChanged, portable(path).0, message);
        }
        Ok(size)
    }

    /// A folder with nothing in it is kept: nobody should wonder where it went.
    fn empty_folder(&mut self, path: Vec<u8>) {
        if self.rules.wants_all() {
            self.add(path, EntryKind::EmptyFolder, 0, None);
        }
    }

    fn add(&mut self, origin: Vec<u8>, kind: EntryKind, size: u64, identity: Option<Identity>) {
        let (path, origin) = named(origin);
        if path.len() > LONGEST {
            return self.too_long(origin.as_deref().unwrap_or(path.as_bytes()));
        }
        if origin.is_some() {
            self.has_escaped = true;
            let message = "its name cannot be written everywhere; `%` and two digits stand for such bytes";
            self.warn(WarningCode::NameEscaped, path.clone(), message);
        }
        self.scan.entries.push(Entry { path, kind, size, origin, identity });
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
        Verdict { reason, rule: None }.tell(portable(path).0, &mut self.scan);
        self.warn(code, portable(path).0, message);
    }

    fn warn(&mut self, code: WarningCode, path: String, message: &str) {
        self.scan.warnings.push(Warning { code, path: Some(path), message: message.to_owned() });
    }
}

/// A folder's name without its slash.
fn bare(path: &[u8]) -> &[u8] {
    path.strip_suffix(b"/").unwrap_or(path)
}
