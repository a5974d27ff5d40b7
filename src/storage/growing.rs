//! Packages that are read while they are written.
//!
//! Whoever writes tells how far it is, and never waits for those who read: they come along as
//! fast as they can, each on its own.

use std::collections::HashMap;
use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};

use crate::domain::{ExportId, PackageKey};

/// How far an upload has come.
#[derive(Debug)]
enum Growth {
    /// These first bytes of this file are written, and will never be others.
    Writing(Arc<File>, u64),
    /// All of them are, and the package is visible.
    Published(Arc<File>, u64),
    /// There will be no package. The file is let go of, so that its bytes leave the disk however
    /// slowly somebody still reads.
    Gone,
}

/// The uploads under way in one store. Cheap to clone; all clones are one list.
#[derive(Debug, Clone, Default)]
pub(super) struct Uploads(Arc<Entries>);

#[derive(Debug, Default)]
struct Entries {
    growing: Mutex<HashMap<ExportId, Growing>>,
    begun: Notify,
}

/// Whoever follows an upload. Each clone follows by itself.
#[derive(Debug, Clone)]
pub struct Growing {
    key: PackageKey,
    told: watch::Receiver<Growth>,
}

/// What there is of a growing package from some byte on.
#[derive(Debug, Clone)]
pub enum Grown {
    /// Bytes up to this one. The file may be another one the next time, with the same bytes.
    Bytes(Arc<File>, u64),
    /// None any more: the package has just so many, and is visible.
    Published(u64),
    /// There will be no package.
    Gone,
}

/// Where an upload tells how far it is. Dropped before it was published, it is gone.
#[derive(Debug)]
pub(super) struct Telling {
    key: PackageKey,
    tell: watch::Sender<Growth>,
    uploads: Uploads,
}

impl Uploads {
    /// The package `key` is begun in `file`. A newer upload of an export takes the place of an
    /// older one, which is another worker's that does not know yet.
    pub(super) fn begin(&self, key: &PackageKey, file: Arc<File>) -> Telling {
        let (tell, told) = watch::channel(Growth::Writing(file, 0));
        if let Some(export) = key.export() {
            self.entries().insert(export, Growing { key: key.clone(), told });
            self.0.begun.notify_waiters();
        }
        Telling { key: key.clone(), tell, uploads: self.clone() }
    }

    /// Waits until there is an upload of `export`.
    pub(super) async fn of(&self, export: ExportId) -> Growing {
        loop {
            // Listens before it looks, so that no beginning falls between the two.
            let mut begun = std::pin::pin!(self.0.begun.notified());
            begun.as_mut().enable();
            if let Some(growing) = self.entries().get(&export) {
                return growing.clone();
            }
            begun.await;
        }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<ExportId, Growing>> {
        // Whoever panicked was only looking up or inserting: the list is whole.
        self.0.growing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Growing {
    /// Which package it will be.
    pub fn key(&self) -> &PackageKey {
        &self.key
    }

    /// Waits until there is more than the first `at` bytes, or until there never will be.
    pub async fn beyond(&mut self, at: u64) -> Grown {
        let is_news = |growth: &Growth| !matches!(growth, Growth::Writing(_, written) if *written <= at);
        // An error would mean that the upload was dropped, which says so before it goes.
        let Ok(growth) = self.told.wait_for(is_news).await else { return Grown::Gone };
        match &*growth {
            Growth::Writing(file, written) => Grown::Bytes(Arc::clone(file), *written),
            Growth::Published(file, size) if *size > at => Grown::Bytes(Arc::clone(file), *size),
            Growth::Published(_, size) => Grown::Published(*size),
            Growth::Gone => Grown::Gone,
        }
    }

    /// Whether it is still being written.
    pub fn is_being_written(&self) -> bool {
        matches!(*self.told.borrow(), Growth::Writing(..))
    }
}

impl Telling {
    /// `more` bytes were written behind those that were.
    pub(super) fn wrote(&self, more: u64) {
        self.tell.send_modify(|growth| {
            if let Growth::Writing(_, written) = growth {
                *written += more;
            }
        });
    }

    /// The upload goes on in `file`, which holds the bytes that were written, and is `written`
    /// bytes long by now.
    pub(super) fn moved(&self, file: Arc<File>, written: u64) {
        self.tell.send_replace(Growth::Writing(file, written));
    }

    /// Whether any byte was written.
    pub(super) fn has_begun(&self) -> bool {
        !matches!(*self.tell.borrow(), Growth::Writing(_, 0))
    }

    /// The package is visible.
    pub(super) fn published(&self) {
        self.tell.send_modify(|growth| {
            if let Growth::Writing(file, size) = growth {
                *growth = Growth::Published(Arc::clone(file), *size);
            }
        });
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        self.tell.send_if_modified(|growth| {
            let is_lost = matches!(growth, Growth::Writing(..));
            if is_lost {
                *growth = Growth::Gone;
            }
            is_lost
        });
        let Some(export) = self.key.export() else { return };
        let mut entries = self.uploads.entries();
        if entries.get(&export).is_some_and(|growing| growing.key == self.key) {
            entries.remove(&export);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::FileExt;

    use futures_util::FutureExt;

    use crate::domain::Format;
    use crate::storage::{Config, Output, Packages};
    use crate::telemetry::Metrics;

    use super::*;

    fn store() -> (tempfile::TempDir, Packages) {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config { root: folder.path().to_owned(), ..Config::default() };
        (folder, Packages::open(&config, Metrics::new("test")).expect("a store"))
    }

    fn key(export: ExportId, lease: i64) -> PackageKey {
        PackageKey::new(export, lease, Format::Zip)
    }

    async fn read(growing: &mut Growing, at: u64) -> String {
        let Grown::Bytes(file, end) = growing.beyond(at).await else { panic!("there are bytes") };
        let mut bytes = vec![0; (end - at) as usize];
        file.read_exact_at(&mut bytes, at).expect("they are there");
        String::from_utf8(bytes).expect("text")
    }

    #[tokio::test]
    async fn whoever_follows_reads_what_is_written_as_it_is_written() {
        let (_folder, packages) = store();
        let export = ExportId::new();
        let waiting = packages.growing(export);
        let mut upload = packages.begin(&key(export, 1)).expect("room");
        let mut growing = waiting.await;
        assert!(growing.beyond(0).now_or_never().is_none(), "nothing is written yet");
        upload.write_all(b"one ").expect("written");
        assert_eq!(read(&mut growing, 0).await, "one ");
        upload.write_all(b"two").expect("written");
        assert_eq!(read(&mut packages.growing(export).await, 0).await, "one two", "for who comes later too");
        upload.publish(b"{}", b"").expect("published");
        assert_eq!(read(&mut growing, 4).await, "two");
        assert!(matches!(growing.beyond(7).await, Grown::Published(7)));
        assert!(packages.growing(export).now_or_never().is_none(), "it is a package like any other now");
    }

    #[tokio::test]
    async fn who_reads_behind_goes_on_in_the_file_that_the_upload_became() {
        let (_folder, packages) = store();
        let (old, export) = (ExportId::new(), ExportId::new());
        let mut upload = packages.begin(&key(old, 1)).expect("room");
        upload.write_all(b"the same bytes").expect("written");
        upload.publish(b"{}", b"").expect("published");
        let twin = packages.open_file(&key(old, 1)).expect("it is there");

        for is_adopted in [false, true] {
            let mut upload = packages.begin(&key(export, 1)).expect("room");
            let mut growing = packages.growing(export).await;
            if is_adopted {
                assert!(upload.adopt(&twin));
            } else {
                upload.write_all(b"the same bytes").expect("written");
                upload.share_with(&twin);
            }
            assert_eq!(read(&mut growing, 4).await, "same bytes");
            let Grown::Bytes(file, 14) = growing.beyond(0).await else { panic!("all of them") };
            use std::os::unix::fs::MetadataExt;
            let inode = |file: &File| file.metadata().expect("a file").ino();
            assert_eq!(inode(&file), inode(&twin));
        }
    }

    #[tokio::test]
    async fn an_upload_that_is_dropped_is_told_at_once_and_its_file_is_let_go() {
        let (_folder, packages) = store();
        let export = ExportId::new();
        let mut upload = packages.begin(&key(export, 1)).expect("room");
        upload.write_all(b"something").expect("written");
        let mut growing = packages.growing(export).await;
        drop(upload);
        assert!(matches!(growing.beyond(0).await, Grown::Gone), "even of what was written");
        assert!(packages.growing(export).now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_worker_that_lost_its_lease_takes_nothing_from_its_successor() {
        let (_folder, packages) = store();
        let export = ExportId::new();
        let stale = packages.begin(&key(export, 1)).expect("room");
        let _upload = packages.begin(&key(export, 2)).expect("room");
        drop(stale);
        assert_eq!(packages.growing(export).await.key(), &key(export, 2));
    }
}
