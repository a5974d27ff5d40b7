//! Where a repository borrows objects from (`objects/info/alternates`).

use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use crate::loaders::tree::beneath;

/// Git itself goes no deeper.
const DEEPEST: usize = 5;
/// The longest file of alternates that is read, in bytes.
const LONGEST: u64 = 64 << 10;

/// The folders of objects that one repository has.
pub struct Folders {
    /// Its own first.
    pub folders: Vec<OwnedFd>,
    /// Whether it names others that may not be read for it, or are not there.
    pub more_elsewhere: bool,
}

/// `own`, which lies at `path`, and all that it borrows from where `may_read` says so. The
/// question is about real places: with every link resolved, and opened without following any.
pub fn folders(own: OwnedFd, path: &Path, may_read: &dyn Fn(&Path) -> bool) -> Folders {
    let mut seen = vec![path.to_owned()];
    let mut found = Folders { folders: Vec::new(), more_elsewhere: false };
    let mut ahead = vec![(own, path.to_owned(), 0)];
    while let Some((folder, path, depth)) = ahead.pop() {
        for named in named_in(folder.as_fd()) {
            match real(&path.join(named), may_read).filter(|_| depth < DEEPEST) {
                Some((_, place)) if seen.contains(&place) => {}
                Some((folder, place)) => {
                    seen.push(place.clone());
                    ahead.push((folder, place, depth + 1));
                }
                None => found.more_elsewhere = true,
            }
        }
        found.folders.push(folder);
    }
    found
}

fn real(place: &Path, may_read: &dyn Fn(&Path) -> bool) -> Option<(OwnedFd, PathBuf)> {
    let place = place.canonicalize().ok().filter(|place| may_read(place))?;
    Some((beneath::whole(&place).ok()?, place))
}

fn named_in(folder: BorrowedFd<'_>) -> Vec<PathBuf> {
    let mut text = Vec::new();
    let Ok(file) = beneath::plain_file(folder, b"info/alternates") else { return Vec::new() };
    if file.take(LONGEST).read_to_end(&mut text).is_err() {
        return Vec::new();
    }
    gix::odb::alternate::parse(&text).unwrap_or_default()
}
