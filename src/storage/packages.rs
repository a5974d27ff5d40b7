//! The store: what can be done with packages.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::{FlockOperation, flock, statvfs};
use uuid::Uuid;

use crate::domain::{ExportId, PackageKey};
use crate::telemetry::Metrics;

use super::growing::Uploads;
use super::sharing;
use super::stored::{self, DAMAGED, INDEX, MANIFEST, Stored};
use super::{Bench, Config, Growing, StorageError, Upload};

/// The packages of one folder. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Packages {
    root: Arc<Path>,
    reserve: u64,
    is_for_group: bool,
    lock: Arc<Mutex<Option<(File, Uuid)>>>,
    uploads: Uploads,
    metrics: Metrics,
}

impl Packages {
    /// The store that `config` names; its folder is made when it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(config: &Config, metrics: Metrics) -> Result<Self, StorageError> {
        fs::create_dir_all(&config.root).map_err(StorageError::Disk)?;
        let packages = Self {
            root: config.root.as_path().into(),
            reserve: config.reserve,
            is_for_group: false,
            lock: Arc::default(),
            uploads: Uploads::default(),
            metrics,
        };
        packages.free_bytes()?;
        Ok(packages)
    }

    /// The same store, whose packages another program in exportd's group may read, whatever the
    /// process' umask: nginx, where that sends them.
    pub fn readable_by_group(self) -> Self {
        sharing::open_to_group(&self.root, sharing::FOLDER);
        Self { is_for_group: true, ..self }
    }

    /// Takes the store for this process until the last clone is dropped, and gives the store's
    /// own id, made when it is first held. Every process that held it before is gone.
    ///
    /// # Errors
    /// [`StorageError::InUse`] when another process has it.
    pub fn hold(&self) -> Result<Uuid, StorageError> {
        let path = self.root.join("exportd.lock");
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| StorageError::InUse)?;
        let id = id_in(&mut file)?;
        *self.lock() = Some((file, id));
        Ok(id)
    }

    /// Gives the store up for another process.
    pub fn release(&self) {
        *self.lock() = None;
    }

    /// The store's own id, while this process holds it.
    pub fn held(&self) -> Option<Uuid> {
        self.lock().as_ref().map(|(_, id)| *id)
    }

    /// Begins the package `key`. It is visible only once it is published; dropped before that,
    /// nothing is left of it.
    ///
    /// # Errors
    /// [`StorageError::Full`], [`StorageError::Disk`].
    pub fn begin(&self, key: &PackageKey) -> Result<Upload, StorageError> {
        let path = self.path(key.as_str());
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).map_err(StorageError::from)?;
        if self.is_for_group {
            sharing::open_to_group(folder, sharing::FOLDER);
        }
        Upload::begin(path, key, &self.uploads, self.is_for_group)
    }

    /// The workbench of `export`.
    pub fn bench(&self, export: ExportId) -> Bench {
        Bench::of(&self.root, export)
    }

    /// The exports that have workbenches here.
    ///
    /// # Errors
    /// [`StorageError::Disk`] when a folder cannot be read.
    pub fn benches(&self) -> Result<Vec<ExportId>, StorageError> {
        Bench::list(&self.root)
    }

    /// Waits until a package of `export` is being written here, and follows it.
    pub async fn growing(&self, export: ExportId) -> Growing {
        self.uploads.of(export).await
    }

    /// Where the package `key` lies below the store's folder, with `/` between the names.
    pub fn place(&self, key: &PackageKey) -> String {
        format!("{}/{key}", stored::shelf(key.as_str()))
    }

    /// Opens the package `key` for reading.
    ///
    /// # Errors
    /// [`StorageError::Missing`].
    pub fn open_file(&self, key: &PackageKey) -> Result<File, StorageError> {
        let file = File::open(self.path(key.as_str()))?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(StorageError::Missing) }
    }

    /// Notes whether the package `key` was found damaged when it was last read again.
    ///
    /// # Errors
    /// [`StorageError::Disk`].
    pub fn note_damage(&self, key: &PackageKey, is_damaged: bool) -> Result<(), StorageError> {
        let mark = self.path(&format!("{key}{DAMAGED}"));
        if is_damaged { fs::write(mark, "").map_err(StorageError::Disk) } else { remove(&mark).map(|_| ()) }
    }

    /// Whether the package `key` is there with all of its `size` bytes, and its manifest, and was not
    /// found damaged.
    pub fn has(&self, key: &PackageKey, size: u64) -> bool {
        let file = |name: &str| fs::metadata(self.path(name)).ok().filter(fs::Metadata::is_file);
        file(key.as_str()).is_some_and(|package| package.len() == size)
            && file(&format!("{key}{MANIFEST}")).is_some()
            && file(&format!("{key}{DAMAGED}")).is_none()
    }

    /// The manifest of the package `key`, as it was sealed.
    ///
    /// # Errors
    /// [`StorageError::Missing`].
    pub fn manifest(&self, key: &PackageKey) -> Result<Vec<u8>, StorageError> {
        Ok(fs::read(self.path(&format!("{key}{MANIFEST}")))?)
    }

    /// The index of the package `key`, as it was sealed.
    ///
    /// # Errors
    /// [`StorageError::Missing`]: packages get along without.
    pub fn index(&self, key: &PackageKey) -> Result<Vec<u8>, StorageError> {
        Ok(fs::read(self.path(&format!("{key}{INDEX}")))?)
    }

    /// Deletes the package `key` with its manifest and its index, and tells how many bytes that freed. What is
    /// not there needs no deleting.
    ///
    /// # Errors
    /// [`StorageError::Disk`].
    pub fn delete(&self, key: &PackageKey) -> Result<u64, StorageError> {
        let package = remove(&self.path(key.as_str()))?;
        let manifest = remove(&self.path(&format!("{key}{MANIFEST}")))?;
        let index = remove(&self.path(&format!("{key}{INDEX}")))?;
        remove(&self.path(&format!("{key}{DAMAGED}")))?;
        Ok(package + manifest + index)
    }

    /// Every file here that has one of our names; what others left is not ours to see.
    ///
    /// # Errors
    /// [`StorageError::Disk`] when a folder cannot be read.
    pub fn list(&self) -> Result<Vec<Stored>, StorageError> {
        stored::list(&self.root)
    }

    /// Deletes one file that a listing found, and tells how many bytes that freed.
    ///
    /// # Errors
    /// [`StorageError::Disk`].
    pub fn delete_stray(&self, stray: &Stored) -> Result<u64, StorageError> {
        remove(&stray.path)
    }

    /// Bytes of all our files; what packages share counts once.
    ///
    /// # Errors
    /// As [`Packages::list`].
    pub fn used_bytes(&self) -> Result<u64, StorageError> {
        let mut seen = HashSet::new();
        Ok(self.list()?.iter().filter(|stored| seen.insert(stored.inode)).map(|stored| stored.bytes).sum())
    }

    /// Bytes free for this process on the file system of the store.
    ///
    /// # Errors
    /// [`StorageError::Disk`] when it does not answer.
    pub fn free_bytes(&self) -> Result<u64, StorageError> {
        let disk = statvfs(&*self.root)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        self.metrics.storage_free_bytes.set(free as f64);
        Ok(free)
    }

    /// Whether less is free than `storage.reserve`.
    ///
    /// # Errors
    /// As [`Packages::free_bytes`].
    pub fn is_short_of_space(&self) -> Result<bool, StorageError> {
        Ok(self.reserve > 0 && self.free_bytes()? < self.reserve)
    }

    fn lock(&self) -> MutexGuard<'_, Option<(File, Uuid)>> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(stored::shelf(name)).join(name)
    }
}

/// The id that is written in `file`, or a new one that is written there now.
fn id_in(file: &mut File) -> io::Result<Uuid> {
    if let Ok(id) = io::read_to_string(&mut *file)?.parse() {
        return Ok(id);
    }
    let id = Uuid::new_v4();
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(id.to_string().as_bytes())?;
    file.sync_all()?;
    Ok(id)
}

fn remove(path: &Path) -> Result<u64, StorageError> {
    let bytes = match fs::symlink_metadata(path) {
        // What another package shares stays on the disk.
        Ok(file) if file.nlink() > 1 => 0,
        Ok(file) => file.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error.into()),
    };
    match fs::remove_file(path) {
        Ok(()) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(StorageError::Disk(error)),
    }
}
