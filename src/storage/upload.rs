//! A package on its way: invisible until it is whole and on the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::PackageKey;

use super::StorageError;
use super::ahead::Ahead;
use super::growing::{Telling, Uploads};
use super::sharing;
use super::stored::{INDEX, MANIFEST, PART};

/// A package that is being written. Dropped unpublished, it is gone.
///
/// It only grows: what was written is never written again, by no packer of any format, so that
/// others may read along (there is nothing here that seeks). What they read stays what they read
/// also when the upload becomes another file: that has the same bytes.
#[derive(Debug)]
pub struct Upload {
    path: PathBuf,
    part: PathBuf,
    file: Ahead,
    is_adopted: bool,
    telling: Telling,
    is_for_group: bool,
}

impl Upload {
    pub(super) fn begin(
        path: PathBuf,
        key: &PackageKey,
        uploads: &Uploads,
        is_for_group: bool,
    ) -> Result<Self, StorageError> {
        let part = with_end(&path, PART);
        // A part of that name was left by a process that died under this very lease.
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&part)?;
        let telling = uploads.begin(key, Arc::new(file.try_clone()?));
        Ok(Self { path, part, file: Ahead::new(file), is_adopted: false, telling, is_for_group })
    }

    /// Becomes the package `twin`, if that has the very same bytes: then both share one file, and
    /// each has a name of its own for it. What cannot be shared is kept apart, which is no fault.
    pub fn share_with(&mut self, twin: &File) {
        let is_same = File::open(&self.part).and_then(|own| sharing::same_bytes(&own, twin));
        if is_same.unwrap_or(false) {
            self.become_file(twin);
        }
    }

    /// Makes the package visible, with its manifest: both on the disk first, then renamed, the
    /// manifest before the package, then the folder on the disk. A visible package is whole and
    /// has its manifest, whatever fails when.
    ///
    /// The index goes along unsynced: whoever reads it gets along without it.
    ///
    /// # Errors
    /// [`StorageError::Full`], [`StorageError::Disk`]; nothing is visible then.
    pub fn publish(mut self, manifest: &[u8], index: &[u8]) -> Result<(), StorageError> {
        if !self.is_adopted {
            self.file.sync()?;
        }
        if self.is_for_group {
            // Also a file that was adopted, which may be older than that wish.
            sharing::open_to_group(&self.part, sharing::FILE);
        }
        let index_path = with_end(&self.path, INDEX);
        let _ = fs::write(&index_path, index);
        let manifest_path = with_end(&self.path, MANIFEST);
        let written = write_whole(&manifest_path, manifest)
            .and_then(|()| fs::rename(&self.part, &self.path))
            .and_then(|()| File::open(self.path.parent().unwrap_or(Path::new(".")))?.sync_all());
        if written.is_err() {
            // Whatever of the two is there is garbage: the row never names it.
            let _ = fs::remove_file(&manifest_path);
            let _ = fs::remove_file(&self.path);
            let _ = fs::remove_file(&index_path);
        }
        written?;
        self.telling.published();
        Ok(())
    }
}

/// Where a packer writes: bytes in order, and room for what has to wait for its turn.
pub trait Output: Write + Send {
    /// Makes scratch files: without a name, gone when closed, on a disk that may be filled.
    fn scratch_maker(&self) -> Box<dyn Fn() -> io::Result<File>>;

    /// Becomes the very file `whole`, a package that is on the disk already, before anything was
    /// written. `false` where that cannot be done; then nothing has changed.
    fn adopt(&mut self, _whole: &File) -> bool {
        false
    }
}

impl Output for Upload {
    fn scratch_maker(&self) -> Box<dyn Fn() -> io::Result<File>> {
        let folder = self.path.parent().unwrap_or(Path::new(".")).to_owned();
        Box::new(move || scratch_in(&folder))
    }

    fn adopt(&mut self, whole: &File) -> bool {
        // Whoever reads along may have read what was written.
        !self.telling.has_begun() && self.become_file(whole)
    }
}

impl Upload {
    /// Becomes `whole`, which begins with what was written.
    fn become_file(&mut self, whole: &File) -> bool {
        // Its own part steps aside under another of its names until the other has its place.
        let aside = with_end(&self.path, INDEX).with_added_extension("part");
        let adopted = whole.try_clone().and_then(|whole| {
            let (readable, length) = (Arc::new(whole.try_clone()?), whole.metadata()?.len());
            fs::rename(&self.part, &aside)?;
            let linked = sharing::link(&whole, &self.part);
            if linked.is_err() {
                fs::rename(&aside, &self.part)?;
            }
            linked.map(|()| (whole, readable, length))
        });
        let Ok((whole, readable, length)) = adopted else { return false };
        let _ = fs::remove_file(&aside);
        (self.file, self.is_adopted) = (Ahead::new(whole), true);
        self.telling.moved(readable, length);
        true
    }
}

/// An unnamed file in `folder` (`O_TMPFILE`), for reading and writing.
///
/// # Errors
/// When the folder cannot be written to.
pub fn scratch_in(folder: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};
    use rustix::io::Errno;
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    match open(folder, flags, Mode::RUSR | Mode::WUSR) {
        // NFS, FUSE and FAT have no files without a name.
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => nameless_in(folder),
        opened => Ok(opened?.into()),
    }
}

/// A file that has lost its name at once, where there are none that never had one.
fn nameless_in(folder: &Path) -> io::Result<File> {
    let path = folder.join(format!(".scratch-{}{PART}", uuid::Uuid::now_v7()));
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.telling.wrote(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // After publishing there is no part any more.
        let _ = fs::remove_file(&self.part);
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = with_end(path, PART);
    let written = File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

#[cfg(test)]
mod tests {
    use crate::domain::{ExportId, Format, PackageKey};
    use crate::storage::{Config, Packages, StorageError};
    use crate::telemetry::Metrics;

    use super::*;

    fn store() -> (tempfile::TempDir, Packages) {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config { root: folder.path().to_owned(), ..Config::default() };
        (folder, Packages::open(&config, Metrics::new("test")).expect("a store"))
    }

    #[test]
    fn a_package_is_there_whole_or_not_at_all() {
        let (_folder, packages) = store();
        let key = PackageKey::new(ExportId::new(), 1, Format::Zip);
        let mut upload = packages.begin(&key).expect("room");
        upload.write_all(b"half of").expect("written");
        assert!(matches!(packages.open_file(&key), Err(StorageError::Missing)));
        upload.write_all(b" it").expect("written");
        upload.publish(b"{}", b"").expect("published");
        assert_eq!(
            io::read_to_string(packages.open_file(&key).expect("it is there")).expect("text"),
            "half of it"
        );
        assert_eq!(packages.manifest(&key).expect("it is there"), b"{}");
        assert_eq!(packages.delete(&key).expect("deleted"), 12);
        assert_eq!(packages.delete(&key).expect("nothing to delete"), 0);
        assert!(packages.list().expect("a listing").is_empty());
    }

    #[test]
    fn an_upload_that_is_dropped_leaves_nothing() {
        let (_folder, packages) = store();
        let key = PackageKey::new(ExportId::new(), 1, Format::Zip);
        let mut upload = packages.begin(&key).expect("room");
        upload.write_all(b"something").expect("written");
        assert_eq!(packages.list().expect("a listing").len(), 1);
        drop(upload);
        assert!(packages.list().expect("a listing").is_empty());
    }

    #[test]
    fn two_packages_share_their_bytes_until_both_are_gone() {
        let (_folder, packages) = store();
        let keys = [(); 2].map(|()| PackageKey::new(ExportId::new(), 1, Format::TarGz));
        for key in &keys {
            let mut upload = packages.begin(key).expect("room");
            upload.write_all(b"the same bytes").expect("written");
            if let Ok(first) = packages.open_file(&keys[0]) {
                upload.share_with(&first);
            }
            upload.publish(b"{}", b"index").expect("published");
        }
        assert_eq!(packages.list().expect("a listing").len(), 6, "nothing was left beside them");
        assert_eq!(packages.used_bytes().expect("a listing"), 14 + 2 * 2 + 2 * 5);
        assert_eq!(packages.delete(&keys[0]).expect("deleted"), 7, "its bytes are the other's too");
        let left = io::read_to_string(packages.open_file(&keys[1]).expect("it is there"));
        assert_eq!(left.expect("text"), "the same bytes");
        assert_eq!(packages.delete(&keys[1]).expect("deleted"), 21);
    }

    #[test]
    fn a_package_is_its_owner_s_unless_a_group_is_to_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, packages) = store();
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        let set =
            |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
        set(folder.path(), 0o700);
        for (packages, added) in [(packages.clone(), 0), (packages.readable_by_group(), 0o040)] {
            let key = PackageKey::new(ExportId::new(), 1, Format::Zip);
            let upload = packages.begin(&key).expect("room");
            set(&upload.part, 0o600);
            upload.publish(b"{}", b"").expect("published");
            let path = folder.path().join(packages.place(&key));
            assert_eq!(mode(&path), 0o600 | added);
            assert!(added == 0 || mode(path.parent().expect("a shelf")) & 0o050 == 0o050);
        }
        assert_eq!(mode(folder.path()), 0o750, "the way to it");
    }

    #[test]
    fn what_is_gone_cannot_be_adopted_and_nothing_is_lost() {
        let (folder, packages) = store();
        let path = folder.path().join("deleted");
        fs::write(&path, "old").expect("a file");
        let gone = File::open(&path).expect("a file");
        fs::remove_file(&path).expect("a file");
        let key = PackageKey::new(ExportId::new(), 1, Format::Zip);
        let mut upload = packages.begin(&key).expect("room");
        assert!(!upload.adopt(&gone));
        upload.write_all(b"ne").expect("written");
        assert!(!upload.adopt(&tempfile::tempfile_in(folder.path()).expect("a file")), "it is too late");
        upload.write_all(b"w").expect("written");
        upload.publish(b"{}", b"").expect("published");
        assert_eq!(io::read_to_string(packages.open_file(&key).expect("it is there")).expect("text"), "new");
    }

    #[test]
    fn a_store_has_one_server() {
        let (folder, packages) = store();
        let id = packages.hold().expect("it is free");
        let config = Config { root: folder.path().to_owned(), ..Config::default() };
        let other = Packages::open(&config, Metrics::new("test")).expect("a store");
        assert!(matches!(other.hold(), Err(StorageError::InUse)));
        drop(packages);
        assert_eq!(other.hold().expect("it is free again"), id, "the same store");
    }

    #[test]
    fn scratch_leaves_no_name_whether_the_disk_knows_nameless_files_or_not() {
        use std::io::{Read, Seek};
        let folder = tempfile::tempdir().expect("a folder");
        for mut file in
            [scratch_in(folder.path()), nameless_in(folder.path())].map(|made| made.expect("a file"))
        {
            assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
            file.write_all(b"kept").expect("written");
            file.rewind().expect("a file");
            let mut read = String::new();
            file.read_to_string(&mut read).expect("readable");
            assert_eq!(read, "kept");
        }
    }
}
