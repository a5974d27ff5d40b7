//! Walking: depth first, names in order, links never followed.

use std::collections::HashSet;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, Dir, FileType, statat};

use crate::domain::{Warning, WarningCode};
use crate::packaging::{Control, Entry, EntryKind, ExcludeReason, Excluded, Limits, PackError, Scan};

use super::{TreeRules, beneath, name};

/// Folders within folders; each holds a descriptor while its inside is walked.
const DEEPEST: usize = 512;
/// Between two looks whether to go on.
const LOOK_EVERY: usize = 256;

/// A folder whose names are being gone through.
struct Level {
    folder: OwnedFd,
    /// Its path with a `/` at the end; empty for the root.
    path: Vec<u8>,
    /// What is left of its names, the next one last.
    names: Vec<(Vec<u8>, FileType)>,
}

/// A walk through one tree.
pub struct Walk<'a> {
    rules: &'a TreeRules,
    limits: &'a Limits,
    control: &'a Control,
    scan: Scan,
    taken: HashSet<String>,
    files: u64,
    seen: usize,
}

impl<'a> Walk<'a> {
    /// A walk by `rules`.
    pub fn new(rules: &'a TreeRules, limits: &'a Limits, control: &'a Control) -> Self {
        Self { rules, limits, control, scan: Scan::default(), taken: HashSet::new(), files: 0, seen: 0 }
    }

    /// Walks all that lies beneath `root`. In the order of the paths' bytes, because a folder's
    /// name counts with its `/`.
    ///
    /// # Errors
    /// [`PackError`] when the root itself cannot be read, on too many files, or when cancelled.
    pub fn run(mut self, root: OwnedFd) -> Result<Scan, PackError> {
        let names = names_of(&root).map_err(PackError::Source)?;
        let mut levels = vec![Level { folder: root, path: Vec::new(), names }];
        while let Some(level) = levels.last_mut() {
            match level.names.pop() {
                None => drop(levels.pop()),
                Some((name, kind)) => {
                    let path = [&level.path[..], &name].concat();
                    let found = self.meet(level, &name, path, kind)?;
                    if let Some(folder) = found {
                        self.enter(&mut levels, folder);
                    }
                }
            }
        }
        Ok(self.scan)
    }

    /// Decides about one name; gives the folder to go into, if it is one.
    fn meet(
        &mut self,
        level: &Level,
        name: &[u8],
        path: Vec<u8>,
        kind: FileType,
    ) -> Result<Option<(OwnedFd, Vec<u8>)>, PackError> {
        self.seen += 1;
        if self.seen.is_multiple_of(LOOK_EVERY) && self.control.cancel.is_cancelled() {
            return Err(PackError::Cancelled);
        }
        let is_folder = kind == FileType::Directory;
        if let Some(reason) = self.rules.excluded(&path, is_folder) {
            self.exclude(&path, is_folder, reason);
            return Ok(None);
        }
        match kind {
            FileType::Directory => Ok(self.open(level, name, path)),
            FileType::RegularFile => self.file(level, name, &path).map(|()| None),
            FileType::Symlink => {
                self.leave(
                    &path,
                    ExcludeReason::Symlink,
                    WarningCode::SymlinkSkipped,
                    "a symbolic link; links are never followed",
                );
                Ok(None)
            }
            _ => {
                self.leave(
                    &path,
                    ExcludeReason::SpecialFile,
                    WarningCode::SpecialFileSkipped,
                    "a socket, pipe or device",
                );
                Ok(None)
            }
        }
    }

    fn open(&mut self, level: &Level, name: &[u8], path: Vec<u8>) -> Option<(OwnedFd, Vec<u8>)> {
        match beneath::folder(level.folder.as_fd(), name) {
            Ok(folder) => Some((folder, path)),
            Err(_) => {
                self.unreadable(&path, true);
                None
            }
        }
    }

    fn enter(&mut self, levels: &mut Vec<Level>, (folder, path): (OwnedFd, Vec<u8>)) {
        if levels.len() >= DEEPEST {
            return self.unreadable(&path, true);
        }
        match names_of(&folder) {
            Ok(names) if names.is_empty() => self.empty_folder(&path),
            Ok(names) => levels.push(Level { folder, path: [&path[..], b"/"].concat(), names }),
            Err(_) => self.unreadable(&path, true),
        }
    }

    fn file(&mut self, level: &Level, name: &[u8], path: &[u8]) -> Result<(), PackError> {
        if !self.rules.is_wanted(path) {
            return Ok(());
        }
        let Ok(stat) = statat(&level.folder, name, AtFlags::SYMLINK_NOFOLLOW) else {
            self.leave(
                path,
                ExcludeReason::Vanished,
                WarningCode::FileVanished,
                "deleted while it was being packed",
            );
            return Ok(());
        };
        let size = u64::try_from(stat.st_size).unwrap_or(0);
        if size > self.limits.max_file {
            let message = format!("{size} bytes, more than the {} a file may have", self.limits.max_file);
            self.leave(path, ExcludeReason::TooLarge, WarningCode::FileTooLarge, &message);
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
    fn empty_folder(&mut self, path: &[u8]) {
        if self.rules.wants_all() {
            self.add(&[path, b"/"].concat(), EntryKind::EmptyFolder, 0);
        }
    }

    fn add(&mut self, origin: &[u8], kind: EntryKind, size: u64) {
        let (path, is_escaped) = name::portable(origin);
        if !self.taken.insert(path.clone()) || path.len() > usize::from(u16::MAX) {
            let message = "its name, made portable, is another file's";
            return self.leave(origin, ExcludeReason::NameCollision, WarningCode::NameEscaped, message);
        }
        if is_escaped {
            let message =
                "its name cannot be written everywhere; `%` and two digits stand for such bytes".to_owned();
            self.scan.warnings.push(Warning {
                code: WarningCode::NameEscaped,
                path: Some(path.clone()),
                message,
            });
        }
        self.scan.entries.push(Entry { path, kind, size, origin: origin.to_vec() });
    }

    fn unreadable(&mut self, path: &[u8], is_folder: bool) {
        let path = if is_folder { [path, b"/"].concat() } else { path.to_vec() };
        self.leave(&path, ExcludeReason::Unreadable, WarningCode::Unreadable, "cannot be read by the server");
    }

    fn leave(&mut self, path: &[u8], reason: ExcludeReason, code: WarningCode, message: &str) {
        self.exclude(path, false, reason);
        let path = Some(name::portable(path).0);
        self.scan.warnings.push(Warning { code, path, message: message.to_owned() });
    }

    fn exclude(&mut self, path: &[u8], is_folder: bool, reason: ExcludeReason) {
        let (mut path, _) = name::portable(path);
        if is_folder {
            path.push('/');
        }
        self.scan.excluded.push(Excluded { path, reason });
    }
}

/// The names of a folder with their kinds, last first, a folder's name counting with a `/`.
fn names_of(folder: &OwnedFd) -> std::io::Result<Vec<(Vec<u8>, FileType)>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        let mut kind = entry.file_type();
        if kind == FileType::Unknown {
            // Some file systems do not tell in the listing.
            let Ok(stat) = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            kind = FileType::from_raw_mode(stat.st_mode);
        }
        names.push((name.to_vec(), kind));
    }
    let with_slash = |(name, kind): &(Vec<u8>, FileType)| {
        let mut key = name.clone();
        if *kind == FileType::Directory {
            key.push(b'/');
        }
        key
    };
    names.sort_by_cached_key(|entry| std::cmp::Reverse(with_slash(entry)));
    Ok(names)
}
