//! Whether another user may read what lies in a folder.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A user of this machine, with the groups that the system gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub name: String,
    uid: u32,
    groups: Vec<u32>,
}

impl User {
    /// The user called `name`, if there is one. `id` asks whatever the machine keeps its users in.
    pub fn named(name: &str) -> Option<Self> {
        let id = |flag: &str| {
            let ran = Command::new("id").args([flag, name]).output().ok()?;
            String::from_utf8(ran.stdout).ok().filter(|_| ran.status.success())
        };
        let uid = id("-u")?.trim().parse().ok()?;
        let groups = id("-G")?.split_whitespace().filter_map(|group| group.parse().ok()).collect();
        Some(Self { name: name.to_owned(), uid, groups })
    }

    /// Whether the mode of `found` gives this user `right` (4 read, 1 pass). Access lists are not
    /// looked at.
    fn has(&self, found: &fs::Metadata, right: u32) -> bool {
        let mode = found.mode();
        let shift = if found.uid() == self.uid {
            6
        } else if self.groups.contains(&found.gid()) {
            3
        } else {
            0
        };
        self.uid == 0 || mode >> shift & right == right
    }
}

/// What stands in the way of a reader.
#[derive(Debug)]
pub enum Obstacle {
    /// This folder does not let it pass.
    Folder(PathBuf),
    /// This package does not let it read.
    Package(PathBuf),
    /// We may not look ourselves.
    Unseen(PathBuf, io::Error),
}

/// Whether `user` may read the packages below `root`: every folder on the way, every shelf, and one
/// package of each shelf.
///
/// # Errors
/// The first thing that stands in the way.
pub fn readable(root: &Path, user: &User) -> Result<(), Obstacle> {
    let root = fs::canonicalize(root).map_err(|error| Obstacle::Unseen(root.to_owned(), error))?;
    let mut folders: Vec<_> = root.ancestors().collect();
    folders.reverse();
    folders.into_iter().try_for_each(|folder| passable(folder, user))?;
    for shelf in listed(&root)?.into_iter().filter(|path| path.is_dir()) {
        passable(&shelf, user)?;
        let package = listed(&shelf)?.into_iter().find(|path| is_package(path));
        package.map_or(Ok(()), |package| legible(&package, user))?;
    }
    Ok(())
}

fn passable(folder: &Path, user: &User) -> Result<(), Obstacle> {
    let found = fs::metadata(folder).map_err(|error| Obstacle::Unseen(folder.to_owned(), error))?;
    if user.has(&found, 1) { Ok(()) } else { Err(Obstacle::Folder(folder.to_owned())) }
}

fn legible(package: &Path, user: &User) -> Result<(), Obstacle> {
    match fs::metadata(package) {
        Ok(found) if !user.has(&found, 4) => Err(Obstacle::Package(package.to_owned())),
        // Deleted since.
        _ => Ok(()),
    }
}

fn is_package(path: &Path) -> bool {
    let ends = [".part", ".manifest.json", ".index"];
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| !ends.iter().any(|end| name.ends_with(end)))
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>, Obstacle> {
    let listing = fs::read_dir(folder).map_err(|error| Obstacle::Unseen(folder.to_owned(), error))?;
    Ok(listing.flatten().map(|entry| entry.path()).collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
    }

    #[test]
    fn what_stands_in_the_way_is_named() {
        // Other users never pass the folders that tests get.
        let folder = tempfile::tempdir_in("/var/tmp").expect("a folder");
        let (root, shelf) = (folder.path().join("packages"), folder.path().join("packages/ab"));
        fs::create_dir_all(&shelf).expect("folders");
        let package = shelf.join("x.1.zip");
        fs::write(&package, "bytes").expect("a file");
        let owner = fs::metadata(&root).expect("there");
        let of_group = User { name: "reader".into(), uid: u32::MAX - 1, groups: vec![owner.gid()] };
        let stranger = User { groups: vec![u32::MAX - 1], ..of_group.clone() };
        set(folder.path(), 0o755);
        for path in [&root, &shelf] {
            set(path, 0o750);
        }
        set(&package, 0o640);
        readable(&root, &of_group).expect("of its group");
        assert!(
            matches!(readable(&root, &stranger), Err(Obstacle::Folder(found)) if found.ends_with("packages"))
        );
        set(&package, 0o600);
        assert!(
            matches!(readable(&root, &of_group), Err(Obstacle::Package(found)) if found.ends_with("x.1.zip"))
        );
        set(&shelf, 0o700);
        assert!(matches!(readable(&root, &of_group), Err(Obstacle::Folder(found)) if found.ends_with("ab")));
        let nowhere = root.join("nowhere");
        assert!(matches!(readable(&nowhere, &of_group), Err(Obstacle::Unseen(found, _)) if found == nowhere));
    }

    #[test]
    fn users_are_asked_of_the_system() {
        assert_eq!(User::named("root").map(|root| root.uid), Some(0));
        assert_eq!(User::named("nobody-has-this-name"), None);
    }
}
