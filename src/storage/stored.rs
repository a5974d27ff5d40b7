//! Which files are ours, by their names.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::domain::{PackageKey, Timestamp};

use super::StorageError;

/// What a manifest's name ends in.
pub(super) const MANIFEST: &str = ".manifest.json";
/// What an index's name ends in.
pub(super) const INDEX: &str = ".index";
/// What the name of a mark ends in that a package was found damaged.
pub(super) const DAMAGED: &str = ".damaged";
/// What an unfinished file's name ends in.
pub(super) const PART: &str = ".part";

/// A file of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub name: String,
    /// The package it is, belongs to, or was going to be.
    pub key: PackageKey,
    /// Its size.
    pub bytes: u64,
    /// When it was last written to.
    pub modified: Timestamp,
    /// By which names of one file are known: several packages may share their bytes.
    pub(super) inode: u64,
    /// Where it was found, which need not be where it belongs.
    pub(super) path: PathBuf,
}

/// The folder that holds the file `name`: two of the random digits of its export's id, so that no
/// folder grows too large.
pub(super) fn shelf(name: &str) -> &str {
    name.get(34..36).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit())).unwrap_or("00")
}

pub(super) fn list(root: &Path) -> Result<Vec<Stored>, StorageError> {
    let mut listed = Vec::new();
    for folder in fs::read_dir(root)? {
        let folder = folder?;
        if folder.file_type()?.is_dir() {
            list_shelf(&folder.path(), &mut listed)?;
        }
    }
    Ok(listed)
}

fn list_shelf(folder: &Path, listed: &mut Vec<Stored>) -> Result<(), StorageError> {
    for file in fs::read_dir(folder)? {
        let file = file?;
        let Ok(name) = file.file_name().into_string() else { continue };
        let Some(key) = key_of(&name) else { continue };
        // A file that was deleted since the folder was read is no file any more.
        let Ok(metadata) = file.metadata() else { continue };
        if metadata.is_file() {
            listed.push(Stored {
                name,
                key,
                bytes: metadata.len(),
                modified: Timestamp::from_millis(metadata.mtime() * 1000),
                inode: metadata.ino(),
                path: file.path(),
            });
        }
    }
    Ok(())
}

/// The package that a file of this name belongs to; `None` for a name that we never give.
fn key_of(name: &str) -> Option<PackageKey> {
    let whole = name.strip_suffix(PART).unwrap_or(name);
    let beside = [MANIFEST, INDEX, DAMAGED].into_iter().find_map(|end| whole.strip_suffix(end));
    let package = beside.unwrap_or(whole);
    let mut words = package.splitn(3, '.');
    let (id, lease, format) = (words.next()?, words.next()?, words.next()?);
    let ours = id.parse::<crate::domain::ExportId>().is_ok()
        && lease.parse::<i64>().is_ok()
        && crate::domain::Format::ALL.iter().any(|known| known.extension() == format);
    ours.then(|| PackageKey::from_stored(package))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_we_give_are_ours() {
        let id = "01987b3e-5d1c-7c3a-9f5e-0123456789ab";
        for end in ["", ".part", ".manifest.json", ".manifest.json.part", ".index", ".index.part"] {
            for format in ["zip", "tar.gz", "tar.zst"] {
                let key = key_of(&format!("{id}.3.{format}{end}")).expect("ours");
                assert_eq!(key.as_str(), format!("{id}.3.{format}"));
            }
        }
        for name in [
            "notes.txt",
            "exportd.lock",
            &format!("{id}.zip"),
            &format!("{id}.x.zip"),
            &format!("{id}.1.exe"),
        ] {
            assert_eq!(key_of(name), None, "{name}");
        }
        assert_eq!(shelf(&format!("{id}.3.zip")), "ab");
    }
}
