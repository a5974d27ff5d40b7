//! One file for packages of the same bytes, and for readers beside us.
//!
//! Each package has a name of its own (a hard link), so the file system counts the references: deleting
//! one package never harms another, and the bytes go with the last.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, linkat};

/// Bytes compared at a time.
const BLOCK: usize = 128 << 10;

/// Gives the open file `whole` one more name. Fails when it has lost all others, and where the
/// file system knows no such names.
pub fn link(whole: &File, name: &Path) -> io::Result<()> {
    let whole = format!("/proc/self/fd/{}", whole.as_raw_fd());
    Ok(linkat(CWD, whole, CWD, name, AtFlags::SYMLINK_FOLLOW)?)
}

/// What a group needs to read a file.
pub const FILE: u32 = 0o040;
/// What a group needs to find a file in a folder.
pub const FOLDER: u32 = 0o050;

/// Adds `rights` to those that `path` has. Where that cannot be done (it is somebody else's, or
/// the file system has no such thing), whoever it was for cannot read and says so.
pub fn open_to_group(path: &Path, rights: u32) {
    let Ok(mode) = fs::metadata(path).map(|found| found.permissions().mode()) else { return };
    if mode & rights != rights {
        let _as_it_was = fs::set_permissions(path, fs::Permissions::from_mode(mode | rights));
    }
}

/// Whether two files hold the same bytes: read, not believed, because one may have been damaged
/// since its digest was taken.
pub fn same_bytes(one: &File, other: &File) -> io::Result<bool> {
    let length = one.metadata()?.len();
    if other.metadata()?.len() != length {
        return Ok(false);
    }
    let (mut here, mut there) = (vec![0; BLOCK], vec![0; BLOCK]);
    let mut at = 0;
    while at < length {
        let step = usize::try_from(length - at).map_or(BLOCK, |left| left.min(BLOCK));
        one.read_exact_at(&mut here[..step], at)?;
        other.read_exact_at(&mut there[..step], at)?;
        if here[..step] != there[..step] {
            return Ok(false);
        }
        at += step as u64;
    }
    Ok(true)
}
