//! Names and files beneath a folder, and nothing else.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{CWD, Dir, FileType, Mode, OFlags, openat};

/// What a file was like: another one has another number, and a changed one another size or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    device: u64,
    number: u64,
    /// Its bytes.
    pub bytes: u64,
    modified: (i64, i64),
}

impl Seen {
    /// What `file` is like now.
    pub fn of(file: &File) -> io::Result<Self> {
        let told = file.metadata()?;
        let modified = (told.mtime(), told.mtime_nsec());
        Ok(Self { device: told.dev(), number: told.ino(), bytes: told.len(), modified })
    }
}

/// Opens the folder of a source.
pub fn root(path: &Path) -> io::Result<OwnedFd> {
    Ok(openat(CWD, path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

/// Opens the folder `name` in `folder`.
pub fn folder(folder: impl AsFd, name: &str) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(folder, name, flags, Mode::empty())?)
}

/// Opens the file at `path` beneath `root`. Never waits for a pipe's other end.
pub fn file(root: &OwnedFd, path: &str) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let (mut through, mut rest) = (root.try_clone()?, path);
    while let Some((name, behind)) = rest.split_once('/') {
        through = folder(&through, name)?;
        rest = behind;
    }
    Ok(openat(&through, rest, flags, Mode::empty())?.into())
}

/// What lies in a folder.
pub struct Lying {
    pub name: String,
    pub kind: FileType,
}

/// What lies in `folder`, by name. Names that are not UTF-8 are none that a pattern could mean.
pub fn names(folder: &OwnedFd) -> io::Result<Vec<Lying>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().to_str() else { continue };
        if name == "." || name == ".." {
            continue;
        }
        let kind = match entry.file_type() {
            // Some file systems do not tell.
            FileType::Unknown => {
                let told = rustix::fs::statat(folder, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)?;
                FileType::from_raw_mode(told.st_mode)
            }
            known => known,
        };
        names.push(Lying { name: name.to_owned(), kind });
    }
    names.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(names)
}
