//! What a walk finds, gathered into a scan: named so that any system can unpack it, within the
//! limits, each thing once. The same for folders and for revisions.

use std::collections::HashSet;

use crate::domain::{Warning, WarningCode, human_size};
use crate::packaging::{Entry, EntryKind, ExcludeReason, Excluded, Identity, Limits, PackError, Scan};

use super::tree::name;

/// The longest name an archive can write.
const LONGEST: usize = u16::MAX as usize;

/// What a walk has found so far.
pub struct Gathered<'a> {
    limits: &'a Limits,
    scan: Scan,
    files: u64,
    /// For each entry, whether its name had to be changed.
    escaped: Vec<bool>,
}

impl<'a> Gathered<'a> {
    /// Nothing yet; no more than `limits` allow.
    pub fn new(limits: &'a Limits) -> Self {
        Self { limits, scan: Scan::default(), files: 0, escaped: Vec::new() }
    }

    /// A file at `path` that is found again by `origin`, and whose bytes are known by `identity`.
    ///
    /// # Errors
    /// [`PackError::TooManyFiles`].
    pub fn file(
        &mut self,
        path: &[u8],
        size: u64,
        origin: Vec<u8>,
        identity: Identity,
    ) -> Result<(), PackError> {
        if self.count(path, size)? {
            self.add(path, size, origin, identity);
        }
        Ok(())
    }

    /// A symbolic link.
    pub fn link(&mut self, path: &[u8]) {
        let message = "a symbolic link; links are never followed";
        self.leave(path, ExcludeReason::Symlink, WarningCode::SymlinkSkipped, message);
    }

    /// Something that cannot be had; `message` says why.
    pub fn unreadable(&mut self, path: &[u8], message: &str) {
        self.leave(path, ExcludeReason::Unreadable, WarningCode::Unreadable, message);
    }

    /// Whether `path` is longer than an archive can write; then it is left out.
    pub fn is_too_long(&mut self, path: &[u8]) -> bool {
        if path.len() <= LONGEST {
            return false;
        }
        // Its beginning tells where to look; all of it would fill the report.
        let message = format!("a path of {} bytes is longer than an archive can write", path.len());
        self.leave(&path[..200], ExcludeReason::PathTooLong, WarningCode::Unreadable, &message);
        true
    }

    /// Leaves `path` out, and says so to whoever asked.
    pub fn leave(&mut self, path: &[u8], reason: ExcludeReason, code: WarningCode, message: &str) {
        self.exclude(path, reason);
        self.warn(path, code, message);
    }

    /// Leaves `path` out: the manifest tells it.
    pub fn exclude(&mut self, path: &[u8], reason: ExcludeReason) {
        self.scan.excluded.push(Excluded { path: name::portable(path).0, reason, rule: None });
    }

    /// Says something of `path` to whoever asked.
    pub fn warn(&mut self, path: &[u8], code: WarningCode, message: &str) {
        self.tell(name::portable(path).0, code, message);
    }

    /// All of it, no two of one name.
    pub fn scan(mut self) -> Scan {
        if self.escaped.contains(&true) {
            self.part_namesakes();
        }
        self.scan
    }

    fn count(&mut self, path: &[u8], size: u64) -> Result<bool, PackError> {
        if size > self.limits.max_file {
            let most = human_size(self.limits.max_file);
            let message = format!("{}, more than the {most} a file may have", human_size(size));
            self.leave(path, ExcludeReason::TooLarge, WarningCode::FileTooLarge, &message);
            return Ok(false);
        }
        self.files += 1;
        if self.files > self.limits.max_files {
            return Err(PackError::TooManyFiles { limit: self.limits.max_files });
        }
        Ok(true)
    }

    fn add(&mut self, found: &[u8], size: u64, origin: Vec<u8>, identity: Identity) {
        let (path, is_escaped) = name::portable(found);
        if self.is_too_long(path.as_bytes()) {
            return;
        }
        if is_escaped {
            let message = "its name cannot be written everywhere; `%` and two digits stand for such bytes";
            self.tell(path.clone(), WarningCode::NameEscaped, message);
        }
        self.escaped.push(is_escaped);
        let (kind, origin, identity) = (EntryKind::File, Some(origin), Some(identity));
        self.scan.entries.push(Entry { path, kind, size, origin, identity });
    }

    /// Leaves out every entry whose escaped name is another's name: names of their own go first.
    fn part_namesakes(&mut self) {
        let entries = std::mem::take(&mut self.scan.entries);
        let escaped = std::mem::take(&mut self.escaped);
        let own = entries.iter().zip(&escaped).filter(|(_, is_escaped)| !**is_escaped);
        let mut taken: HashSet<String> = own.map(|(entry, _)| entry.path.clone()).collect();
        for (entry, is_escaped) in entries.into_iter().zip(escaped) {
            if !is_escaped || taken.insert(entry.path.clone()) {
                self.scan.entries.push(entry);
                continue;
            }
            let (reason, message) = (ExcludeReason::NameCollision, "left out: its name is another file's");
            self.scan.excluded.push(Excluded { path: entry.path.clone(), reason, rule: None });
            self.tell(entry.path, WarningCode::NameEscaped, message);
        }
    }

    fn tell(&mut self, path: String, code: WarningCode, message: &str) {
        self.scan.warnings.push(Warning { code, path: Some(path), message: message.to_owned() });
    }
}
