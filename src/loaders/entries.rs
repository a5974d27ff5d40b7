//! What a walk finds, gathered into a scan: named so that any system can unpack it, within the
//! limits, each thing once. The same for folders and for revisions.

use std::collections::HashSet;

use crate::domain::{Warning, WarningCode, human_size};
use crate::packaging::{Entry, EntryKind, ExcludeReason, Identity, Limits, PackError, Scan};

use super::naming::{Siblings, named, portable, warn_of_reserved, warn_of_twins};
use super::rules::{TreeRules, Verdict};

/// The longest name an archive can write.
const LONGEST: usize = u16::MAX as usize;

/// What a walk has found so far.
pub struct Gathered<'a> {
    limits: &'a Limits,
    scan: Scan,
    files: u64,
    /// For each entry, whether its name had to be changed.
    escaped: Vec<bool>,
    siblings: Siblings,
    has_twins: bool,
}

/// How an entry's bytes are found, and known again.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// How they are found, where that is not by its path.
    pub origin: Option<Vec<u8>>,
    /// By what they are known again.
    pub identity: Option<Identity>,
}

impl<'a> Gathered<'a> {
    /// Nothing yet; no more than `limits` allow.
    pub fn new(limits: &'a Limits) -> Self {
        let (siblings, has_twins) = (Siblings::default(), false);
        Self { limits, scan: Scan::default(), files: 0, escaped: Vec::new(), siblings, has_twins }
    }

    /// The names that stand beside each other in one folder.
    pub fn siblings<'n>(&mut self, names: impl Iterator<Item = &'n [u8]>) {
        self.has_twins |= self.siblings.may_be_alike(names);
    }

    /// A file.
    ///
    /// # Errors
    /// [`PackError::TooManyFiles`].
    pub fn file(&mut self, path: Vec<u8>, size: u64, known: Known) -> Result<(), PackError> {
        self.files += 1;
        if self.files > self.limits.max_files {
            return Err(PackError::TooManyFiles { limit: self.limits.max_files });
        }
        self.add(path, EntryKind::File, size, known);
        Ok(())
    }

    /// An empty folder.
    pub fn empty_folder(&mut self, path: Vec<u8>) {
        self.add(path, EntryKind::EmptyFolder, 0, Known::default());
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

    /// Whether a file of `size` bytes is too large, and left out then. `is_whole` is whether it
    /// has no more than these.
    pub fn is_too_large(&mut self, path: &[u8], size: u64, is_whole: bool) -> bool {
        if size <= self.limits.max_file {
            return false;
        }
        let most = human_size(self.limits.max_file);
        let size = if is_whole { format!("{}, ", human_size(size)) } else { String::new() };
        let message = format!("{size}more than the {most} a file may have");
        self.leave(path, ExcludeReason::TooLarge, WarningCode::FileTooLarge, &message);
        true
    }

    /// Whether `path` is longer than an archive can write, and left out then.
    pub fn is_too_long(&mut self, path: &[u8]) -> bool {
        if path.len() <= LONGEST {
            return false;
        }
        // Its beginning tells where to look; all of it would fill the report.
        let message = format!("a path of {} bytes is longer than an archive can write", path.len());
        self.leave(&path[..200], ExcludeReason::PathTooLong, WarningCode::Unreadable, &message);
        true
    }

    /// Leaves `path` out by `verdict`: the manifest tells it.
    pub fn exclude(&mut self, path: &[u8], verdict: Verdict) {
        verdict.tell(portable(path).0, &mut self.scan);
    }

    /// Leaves `path` out, and says so to whoever asked.
    pub fn leave(&mut self, path: &[u8], reason: ExcludeReason, code: WarningCode, message: &str) {
        self.exclude(path, Verdict { reason, rule: None });
        self.warn(path, code, message);
    }

    /// Says something of `path` to whoever asked.
    pub fn warn(&mut self, path: &[u8], code: WarningCode, message: &str) {
        self.tell(portable(path).0, code, message);
    }

    /// Says all of this to whoever asked.
    pub fn warn_all(&mut self, warnings: Vec<Warning>) {
        self.scan.warnings.extend(warnings);
    }

    /// All of it, no two of one name; of what `rules` asked for.
    pub fn scan(mut self, rules: &TreeRules) -> Scan {
        if self.scan.entries.is_empty() && !rules.wants_all() {
            let message = "nothing in the project matches `paths`; the package is empty".to_owned();
            self.scan.warnings.push(Warning { code: WarningCode::NothingSelected, path: None, message });
        }
        if self.escaped.contains(&true) {
            self.part_namesakes();
            // They were met in the order of their names there; what was escaped stands elsewhere now.
            self.scan.entries.sort_by(|one, other| one.path.cmp(&other.path));
        }
        if self.has_twins {
            self.scan.warnings.extend(warn_of_twins(&self.scan.entries));
        }
        self.scan.warnings.extend(warn_of_reserved(&self.scan.entries));
        self.scan
    }

    fn add(&mut self, found: Vec<u8>, kind: EntryKind, size: u64, known: Known) {
        let (path, unescaped) = named(found);
        if self.is_too_long(path.as_bytes()) {
            return;
        }
        if unescaped.is_some() {
            let message = "its name cannot be written everywhere; `%` and two digits stand for such bytes";
            self.tell(path.clone(), WarningCode::NameEscaped, message);
        }
        self.escaped.push(unescaped.is_some());
        let origin = known.origin.or(unescaped);
        self.scan.entries.push(Entry { path, kind, size, origin, identity: known.identity });
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
            Verdict { reason, rule: None }.tell(entry.path.clone(), &mut self.scan);
            self.tell(entry.path, WarningCode::NameEscaped, message);
        }
    }

    fn tell(&mut self, path: String, code: WarningCode, message: &str) {
        self.scan.warnings.push(Warning { code, path: Some(path), message: message.to_owned() });
    }
}
