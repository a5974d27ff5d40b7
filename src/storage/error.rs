//! What a disk can say.

use std::io;

use rustix::io::Errno;

/// Why a package cannot be written, read or deleted. Never tells a path.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The file is not there.
    #[error("the package is not there")]
    Missing,
    /// The disk, or the quota on it, is full.
    #[error("the disk of the packages is full")]
    Full,
    /// Another server has this store.
    #[error(
        "another exportd serves from this storage folder; stop it first, or choose another `storage.root`"
    )]
    InUse,
    /// The disk does not do what it should.
    #[error("the disk of the packages failed")]
    Disk(#[source] io::Error),
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Disk(error),
        }
    }
}

impl From<Errno> for StorageError {
    fn from(error: Errno) -> Self {
        io::Error::from(error).into()
    }
}
