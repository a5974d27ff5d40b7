//! What is in one folder.

use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, Dir, FileType, Stat, statat};
use rustix::io::Errno;

use super::identity::Stamp;

/// Something in a folder.
#[derive(Debug)]
pub struct Found {
    /// Its path beneath the root; a folder's with a `/` at the end, so that sorted siblings stand
    /// in the order of whole paths.
    pub path: Vec<u8>,
    /// What it is.
    pub what: What,
}

/// What something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A folder.
    Folder,
    /// A file.
    File {
        /// Bytes, as far as its file system tells.
        size: u64,
        /// Which one, and when it was written to.
        stamp: Stamp,
    },
    /// A symbolic link.
    Link,
    /// A socket, pipe or device.
    Special,
    /// It is listed and cannot be looked at.
    Unreadable,
}

/// What is in `folder`, which lies at `path`: sorted, the first one last.
///
/// # Errors
/// When it cannot be listed.
pub fn list(folder: OwnedFd, path: &[u8]) -> Result<Vec<Found>, Errno> {
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
            Ok(stat) => told(&stat),
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

fn told(stat: &Stat) -> What {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => {
            What::File { size: u64::try_from(stat.st_size).unwrap_or(0), stamp: Stamp::of(stat) }
        }
        FileType::Directory => What::Folder,
        FileType::Symlink => What::Link,
        _ => What::Special,
    }
}

/// The one of `found`, in the folder at `path`, that is called `name`.
pub fn find<'f>(found: &'f [Found], path: &[u8], name: &str) -> Option<&'f Found> {
    let at = found.binary_search_by(|one| name.as_bytes().cmp(&one.path[path.len()..]));
    at.ok().map(|at| &found[at])
}
