//! Opening what lies beneath a folder, and nothing else.
//!
//! `openat2(2)` with `RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS`: the kernel
//! itself refuses every way out, also one that is laid while we walk. Where it is not to be had
//! (older kernels, some sandboxes) each component is opened by itself with `O_NOFOLLOW`.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
use rustix::io::Errno;

/// The kernel takes no longer path at once (`PATH_MAX` is 4096, with the NUL).
const LONGEST: usize = 3800;

/// Opens the file at `path` beneath `root` for reading. Never waits for a pipe's other end.
pub fn file(root: BorrowedFd<'_>, path: &[u8]) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    Ok(File::from(stepwise(root, path, flags)?))
}

/// The same, and only what is a file.
///
/// # Errors
/// As [`file`], and [`io::ErrorKind::NotFound`] for anything else that lies there.
pub fn plain_file(root: BorrowedFd<'_>, path: &[u8]) -> io::Result<File> {
    let file = file(root, path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::NotFound.into()) }
}

/// Opens the folder at `path`, which is absolute and has no link in it.
pub fn whole(path: &Path) -> Result<OwnedFd, Errno> {
    let top = openat(CWD, "/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let path = path.strip_prefix("/").map_err(|_| Errno::INVAL)?;
    folder(top.as_fd(), path.as_os_str().as_bytes())
}

/// Opens the folder at `path`, with or without a `/` at its end; an empty path is `root` itself.
pub fn folder(root: BorrowedFd<'_>, path: &[u8]) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::DIRECTORY;
    match path.strip_suffix(b"/").unwrap_or(path) {
        b"" => openat(root, ".", flags, Mode::empty()),
        path => stepwise(root, path, flags),
    }
}

/// A path may be longer than the kernel takes at once: then by stretches.
fn stepwise(root: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
    if path.len() <= LONGEST {
        return step(root, path, flags);
    }
    let cut = path[..LONGEST].iter().rposition(|byte| *byte == b'/').ok_or(Errno::NAMETOOLONG)?;
    let nearer =
        step(root, &path[..cut], OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW)?;
    stepwise(nearer.as_fd(), &path[cut + 1..], flags)
}

fn step(at: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match openat2(at, path, flags, Mode::empty(), resolve) {
        Err(Errno::NOSYS | Errno::PERM) => by_component(at, path, flags),
        opened => opened,
    }
}

fn by_component(at: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
    let (first, rest) = match path.iter().position(|byte| *byte == b'/') {
        Some(slash) => (&path[..slash], Some(&path[slash + 1..])),
        None => (path, None),
    };
    if first.is_empty() || first == b"." || first == b".." {
        return Err(Errno::XDEV);
    }
    match rest {
        None => openat(at, first, flags | OFlags::NOFOLLOW, Mode::empty()),
        Some(rest) => {
            let through = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            by_component(openat(at, first, through, Mode::empty())?.as_fd(), rest, flags)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn there_is_no_way_out_by_either_road() {
        let outside = tempfile::tempdir().expect("a folder");
        std::fs::write(outside.path().join("secret"), "x").expect("a file");
        let inside = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(inside.path().join("sub")).expect("a folder");
        std::fs::write(inside.path().join("sub/file"), "y").expect("a file");
        symlink(outside.path(), inside.path().join("way")).expect("a link");
        symlink(outside.path().join("secret"), inside.path().join("link")).expect("a link");
        let root = File::open(inside.path()).expect("the folder");
        let outside = outside.path().to_str().expect("text").to_owned();
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW;
        for path in ["way/secret", "link", "../x", "sub/../../x", &format!("{outside}/secret")] {
            assert!(step(root.as_fd(), path.as_bytes(), flags).is_err(), "{path}");
            assert!(by_component(root.as_fd(), path.as_bytes(), flags).is_err(), "{path}");
        }
        assert!(step(root.as_fd(), b"sub/file", flags).is_ok());
        assert!(by_component(root.as_fd(), b"sub/file", flags).is_ok());
    }
}
