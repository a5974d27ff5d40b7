//! Opening packages: may they, is it there, is it still the one that was sealed?

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use crate::bell::Bell;
use crate::clock::Clock;
use crate::db::{self, StoreError};
use crate::domain::{Caller, Export, ExportId, Package, PackageKey, Sha256, Status, Timestamp, UserId};
use crate::ledger::{Ledger, Sending, Ticket, Transfer};
use crate::storage::{Packages, StorageError};
use crate::telemetry::Metrics;

use super::access::Access;
use super::{Admitted, DeskParts};

/// Packages kept open; each holds a file descriptor.
const KEPT_OPEN: u64 = 256;
/// How long an opened package is believed. A change on this node is seen at once; this bounds
/// how long another node's deletion goes unseen when its hint is lost.
const BELIEVED: Duration = Duration::from_secs(5);

/// Why there are no bytes.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// No export has this id.
    #[error("there is no export {0}")]
    Unknown(ExportId),
    /// It is somebody else's.
    #[error("Only the job's creator or an admin can download this package")]
    Foreign,
    /// There is no package (yet).
    #[error("this export is {0}; it has no package to download")]
    NotReady(Status),
    /// The package is gone for good.
    #[error("this package expired at {expired_at}; request a new export")]
    Expired {
        /// When.
        expired_at: Timestamp,
    },
    /// The row says there is a package, the disk says there is none, or not all of it.
    #[error("the package of export {0} is lost; it can be made again")]
    FileMissing(ExportId),
    /// The database did not answer.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The disk of the packages did not answer.
    #[error("the package storage failed")]
    Storage(#[source] io::Error),
}

/// A package that may be read, and all that headers tell of it.
#[derive(Debug)]
pub struct Opened {
    /// Whose package.
    pub export: ExportId,
    /// Who asked for it.
    pub owner: UserId,
    /// Where it lies in the store.
    pub key: PackageKey,
    /// Its path below `storage.root`.
    pub place: String,
    /// Its bytes. Reading goes on after the file is deleted: a download in flight finishes.
    pub file: Arc<File>,
    /// How many names the file had when it was opened: packages of the same bytes share one.
    pub names: u64,
    /// Bytes.
    pub size: u64,
    /// Of all its bytes.
    pub checksum: Sha256,
    /// The name to save it under.
    pub file_name: String,
    /// `Content-Type`.
    pub media_type: &'static str,
    /// `Last-Modified`.
    pub completed_at: Timestamp,
    /// From when on it is gone.
    pub expires_at: Timestamp,
}

impl Opened {
    /// Whether the file behind the descriptor is still the one in the store, unshortened. When its
    /// names are not as many any more, this package's may have gone: it has to be looked up.
    fn is_still_there(&self) -> bool {
        let is_same = |file: Metadata| file.nlink() == self.names && file.len() == self.size;
        self.names > 0 && self.file.metadata().is_ok_and(is_same)
    }
}

/// Who wants a package opened.
#[derive(Debug, Clone, Copy)]
enum Opener<'c> {
    /// A caller, who has to be its owner or an admin.
    Caller(&'c Caller),
    /// Somebody whom a link has let in to it.
    Visitor,
}

impl Opener<'_> {
    /// Whether a package of `owner`'s may be opened.
    fn may_open(self, owner: &UserId) -> bool {
        match self {
            Self::Caller(caller) => caller.is_admin() || caller.user == *owner,
            Self::Visitor => true,
        }
    }
}

/// Opens packages for whoever may read them.
#[derive(Debug)]
pub struct Downloads {
    pub(super) rows: db::Exports,
    access: Access,
    pub(super) packages: Packages,
    pub(super) bell: Bell,
    ledger: Ledger,
    clock: Clock,
    metrics: Metrics,
    opened: Cache<ExportId, Arc<Opened>>,
}

impl Downloads {
    pub(super) fn new(parts: &DeskParts) -> Self {
        let opened = Cache::builder().max_capacity(KEPT_OPEN).time_to_live(BELIEVED).build();
        forget_what_changes(&parts.bell, opened.clone());
        Self {
            rows: parts.database.exports(),
            access: parts.access(),
            packages: parts.packages.clone(),
            bell: parts.bell.clone(),
            ledger: parts.ledger.clone(),
            clock: parts.clock.clone(),
            metrics: parts.metrics.clone(),
            opened,
        }
    }

    /// The package of `id`, for a caller who may have it. A thousand ranges cost one query.
    ///
    /// Decided in this order: is it the caller's, is it there, has it expired.
    /// # Errors
    /// As the variants of [`DownloadError`] say.
    pub async fn open(&self, caller: &Caller, id: ExportId) -> Result<Arc<Opened>, DownloadError> {
        self.open_as(Opener::Caller(caller), id).await
    }

    /// The package that a link leads to, for whom it has let in.
    ///
    /// # Errors
    /// As [`Downloads::open`], but for [`DownloadError::Foreign`].
    pub async fn open_for(&self, admitted: &Admitted) -> Result<Arc<Opened>, DownloadError> {
        self.open_as(Opener::Visitor, admitted.export()).await
    }

    async fn open_as(&self, opener: Opener<'_>, id: ExportId) -> Result<Arc<Opened>, DownloadError> {
        let now = self.clock.now();
        // Expiry may have been put off: nobody hears "gone" from a memory. And whom it is not for
        // is told by the rows, so that no answer comes sooner because others download it.
        let is_good = |opened: &Arc<Opened>| {
            opener.may_open(&opened.owner) && opened.is_still_there() && now < opened.expires_at
        };
        let opened = match self.opened.get(&id).await.filter(is_good) {
            Some(opened) => {
                self.metrics.cache_requests.with_label_values(&["packages", "hit"]).inc();
                opened
            }
            None => self.read(opener, id).await?,
        };
        if now >= opened.expires_at {
            return Err(DownloadError::Expired { expired_at: opened.expires_at });
        }
        Ok(opened)
    }

    /// The manifest of a package, as it was sealed: JSON.
    ///
    /// # Errors
    /// As [`Downloads::open`].
    pub async fn manifest(&self, caller: &Caller, id: ExportId) -> Result<Vec<u8>, DownloadError> {
        let (_, package) = self.downloadable(caller, id).await?;
        let packages = self.packages.clone();
        self.on_disk(id, move || packages.manifest(&package.key)).await
    }

    /// A response that carries bytes of a package begins.
    pub fn begin(&self, sending: Sending) -> Transfer {
        self.ledger.begin(sending)
    }

    /// As [`begin`](Self::begin), for a response that a proxy sends. It has ended when the proxy
    /// has written down the ticket; until then it counts as in flight.
    pub fn hand_over(&self, sending: Sending) -> Ticket {
        self.metrics.downloads_in_flight.inc();
        self.ledger.hand_over(sending)
    }

    /// A proxy could not send what it was handed with this ticket, and asks again.
    pub fn came_back(&self, ticket: &Ticket) {
        self.ledger.came_back(ticket);
    }

    async fn read(&self, opener: Opener<'_>, id: ExportId) -> Result<Arc<Opened>, DownloadError> {
        self.metrics.cache_requests.with_label_values(&["packages", "miss"]).inc();
        let (export, package) = self.downloadable_as(opener, id).await?;
        let (packages, key) = (self.packages.clone(), package.key.clone());
        let file = self.on_disk(id, move || packages.open_file(&key)).await?;
        let names = file.metadata().map_or(0, |file| file.nlink());
        let opened = Arc::new(Opened {
            export: id,
            place: self.packages.place(&package.key),
            key: package.key,
            file: Arc::new(file),
            names,
            size: package.size,
            checksum: package.checksum,
            file_name: export.file_name(),
            media_type: export.media_type(),
            completed_at: export.completed_at.unwrap_or(export.created_at),
            expires_at: export.expires_at.unwrap_or(export.created_at),
            owner: export.owner,
        });
        if !opened.is_still_there() {
            return Err(self.missing(id).await);
        }
        self.opened.insert(id, Arc::clone(&opened)).await;
        Ok(opened)
    }

    /// The row of a package that may be downloaded now.
    pub(super) async fn downloadable(
        &self,
        caller: &Caller,
        id: ExportId,
    ) -> Result<(Export, Package), DownloadError> {
        self.downloadable_as(Opener::Caller(caller), id).await
    }

    async fn downloadable_as(
        &self,
        opener: Opener<'_>,
        id: ExportId,
    ) -> Result<(Export, Package), DownloadError> {
        let export = match opener {
            Opener::Caller(caller) => self.access.export(caller, id).await?,
            Opener::Visitor => self.rows.find(id).await?.ok_or(DownloadError::Unknown(id))?,
        };
        match (export.status_at(self.clock.now()), export.package.clone()) {
            (Status::Completed, Some(package)) => Ok((export, package)),
            (Status::Expired, _) => {
                let expired_at = export.expires_at.unwrap_or(export.created_at);
                Err(DownloadError::Expired { expired_at })
            }
            (status, _) => Err(DownloadError::NotReady(status)),
        }
    }

    /// What `read` finds on the disk, away from those who wait for nothing.
    pub(super) async fn on_disk<T: Send + 'static>(
        &self,
        id: ExportId,
        read: impl FnOnce() -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, DownloadError> {
        match tokio::task::spawn_blocking(read).await.expect("reading a file does not panic") {
            Ok(read) => Ok(read),
            Err(StorageError::Missing) => Err(self.missing(id).await),
            Err(error) => Err(DownloadError::Storage(io::Error::other(error))),
        }
    }

    /// There is no such file: it is lost, unless its package has ended since its row was read.
    /// A row is marked before its file is deleted, so that now it tells.
    async fn missing(&self, id: ExportId) -> DownloadError {
        match self.downloadable_as(Opener::Visitor, id).await {
            Ok(_) => self.lost(id),
            Err(ended) => ended,
        }
    }

    /// The row says there is a package, and there is none, or none that can be read.
    pub(super) fn lost(&self, id: ExportId) -> DownloadError {
        self.metrics.package_missing.inc();
        tracing::error!(export.id = %id, "the file of a completed export is missing or damaged");
        DownloadError::FileMissing(id)
    }
}

/// Drops opened packages when their row changes. Ends with its runtime.
fn forget_what_changes(bell: &Bell, opened: Cache<ExportId, Arc<Opened>>) {
    let mut changes = bell.changes();
    tokio::spawn(async move {
        loop {
            match changes.next().await {
                Some(id) => opened.invalidate(&id).await,
                None => opened.invalidate_all(),
            }
        }
    });
}
