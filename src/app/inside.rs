//! Looking into packages: what is in them, one entry of them, and whether they are whole.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::domain::{Caller, ExportId, Format, Package, Sha256, Timestamp};
use crate::packaging::{
    Check, Contents, Damage, Index, Manifest, ManifestEntry, Verification, VerifyError, check_signature,
    verify,
};
use crate::security::PublicKeys;
use crate::storage::Packages;
use crate::telemetry::Metrics;

use super::entry_bytes::{EntryBytes, Turns};
use super::format_check;
use super::{DeskParts, DownloadError, Downloads, Opened};

/// Memory for lists of contents: those of some fifty packages of ten thousand entries.
const KEPT: u64 = 128 << 20;
/// Packages without an index that are read from their beginnings, at a time.
const SCANS: usize = 4;
/// For so long somebody waits to be one of them.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why an entry is not given.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// Its package is not.
    #[error(transparent)]
    Package(#[from] DownloadError),
    /// The package has no such entry.
    #[error("there is no entry `{path}` in this package: {why}")]
    Unknown {
        /// What was asked for.
        path: String,
        /// What can be said about it.
        why: String,
    },
    /// Too many read packages that have no index.
    #[error("too many are reading packages of this kind; try again shortly")]
    Busy,
}

/// Some entries of a package, by their paths.
#[derive(Debug)]
pub struct EntriesPage {
    /// They.
    pub entries: Vec<ManifestEntry>,
    /// Whether there are more behind them.
    pub has_more: bool,
}

/// An entry that may be read, and all that headers tell of it.
#[derive(Debug)]
pub struct OpenedEntry {
    /// Whose package it is in.
    pub export: ExportId,
    /// Its path.
    pub path: String,
    /// What it is, if it is a document by itself; what lies in an archive is bytes.
    pub document: Option<Format>,
    /// Bytes.
    pub size: u64,
    /// Of its bytes.
    pub sha256: Sha256,
    /// When its package was completed.
    pub completed_at: Timestamp,
    /// From when on its package is gone.
    pub expires_at: Timestamp,
    /// Its bytes.
    pub bytes: EntryBytes,
}

/// Looks into packages, for whoever may have them.
#[derive(Debug)]
pub struct Inside {
    downloads: Arc<Downloads>,
    packages: Packages,
    keys: PublicKeys,
    metrics: Metrics,
    contents: Cache<Sha256, Arc<Contents>>,
    turns: Turns,
    scans: Arc<Semaphore>,
    verifying: Arc<Semaphore>,
}

impl Inside {
    pub(super) fn new(parts: &DeskParts, downloads: Arc<Downloads>) -> Self {
        let weight =
            |_: &Sha256, contents: &Arc<Contents>| u32::try_from(contents.weight()).unwrap_or(u32::MAX);
        Self {
            downloads,
            packages: parts.packages.clone(),
            keys: parts.keys.clone(),
            metrics: parts.metrics.clone(),
            contents: Cache::builder().weigher(weight).max_capacity(KEPT).build(),
            turns: Turns::default(),
            scans: Arc::new(Semaphore::new(SCANS)),
            verifying: Arc::new(Semaphore::new(1)),
        }
    }

    /// The keys that this server's manifests are signed with.
    pub fn keys(&self) -> &PublicKeys {
        &self.keys
    }

    /// Up to `most` entries of a package, ascending by path, whose paths begin with `prefix` and
    /// come after `after`. A page in the middle costs what the first one does.
    ///
    /// # Errors
    /// As [`Downloads::open`].
    pub async fn entries(
        &self,
        caller: &Caller,
        id: ExportId,
        prefix: &str,
        after: Option<&str>,
        most: usize,
    ) -> Result<EntriesPage, DownloadError> {
        let opened = self.downloads.open(caller, id).await?;
        let contents = self.contents(&opened).await?;
        let shelf = contents.shelf(prefix, after, most);
        Ok(EntriesPage { entries: shelf.entries.into_iter().cloned().collect(), has_more: shelf.has_more })
    }

    /// The entry `path` of a package. To read it is not a download of the package.
    ///
    /// # Errors
    /// [`EntryError`].
    pub async fn entry(&self, caller: &Caller, id: ExportId, path: &str) -> Result<OpenedEntry, EntryError> {
        let opened = self.downloads.open(caller, id).await?;
        let contents = self.contents(&opened).await?;
        let Some((entry, reader)) = contents.entry(path).zip(contents.open(opened.file.clone(), path)) else {
            let why = contents.why_not(path);
            let why = why.unwrap_or_else(|| "its `/entries` lists what there is".to_owned());
            return Err(EntryError::Unknown { path: path.to_owned(), why });
        };
        let scan = if reader.is_direct() {
            None
        } else {
            tracing::warn!(export.id = %id, "a package has no index; it is read from its beginning");
            let scan = tokio::time::timeout(PATIENCE, Arc::clone(&self.scans).acquire_owned()).await;
            Some(scan.map_err(|_| EntryError::Busy)?.expect("it is never closed"))
        };
        tracing::debug!(export.id = %id, entry = path, "an entry is opened");
        Ok(OpenedEntry {
            export: id,
            path: entry.path.clone(),
            document: contents.document(),
            size: entry.size,
            sha256: entry.sha256,
            completed_at: opened.completed_at,
            expires_at: opened.expires_at,
            bytes: EntryBytes::new(reader, &self.turns, scan),
        })
    }

    /// Reads a package again, from the disk, and holds it against its manifest and its row. One
    /// at a time, so that downloads keep their disk; stops when the caller goes away.
    ///
    /// # Errors
    /// As [`Downloads::open`].
    pub async fn verify(&self, caller: &Caller, id: ExportId) -> Result<Verification, DownloadError> {
        let (_, package) = self.downloads.downloadable(caller, id).await?;
        let _alone = self.verifying.acquire().await.expect("it is never closed");
        let cancel = CancellationToken::new();
        let _gone = cancel.clone().drop_guard();
        let (packages, keys) = (self.packages.clone(), self.keys.clone());
        let file = {
            let (packages, key) = (packages.clone(), package.key.clone());
            self.downloads.on_disk(id, move || packages.open_file(&key)).await?
        };
        let manifest = {
            let key = package.key.clone();
            self.downloads.on_disk(id, move || packages.manifest(&key)).await?
        };
        let package_key = package.key.clone();
        let verified = tokio::task::spawn_blocking(move || {
            let parsed: Option<Manifest> = serde_json::from_slice(&manifest).ok();
            let file = Arc::new(file);
            let mut found = verify(Arc::clone(&file) as _, parsed.as_ref(), &cancel)?;
            if let Some((manifest, format)) =
                parsed.as_ref().and_then(|known| Some((known, known.document()?)))
                && let Some(check) =
                    format_check::check(&file, format, manifest.recipe.compression, package.rows)
            {
                found = found.with(check);
            }
            Ok(found.with(sealed_as(parsed.as_ref(), &package)).with(signature(
                &manifest,
                parsed.as_ref(),
                &keys,
            )))
        });
        match verified.await.expect("verifying catches what panics") {
            Ok(found) => {
                if !found.ok {
                    tracing::error!(export.id = %id, checks = ?found.checks, "a package is damaged");
                }
                // Whoever asks for the same gets another one, and it can be retried.
                let (packages, key, is_damaged) = (self.packages.clone(), package_key, !found.ok);
                self.downloads.on_disk(id, move || packages.note_damage(&key, is_damaged)).await?;
                Ok(found)
            }
            Err(VerifyError::Disk(error)) => Err(DownloadError::Storage(error)),
            Err(VerifyError::Cancelled) => Err(DownloadError::Storage(io::ErrorKind::Interrupted.into())),
        }
    }

    /// What is in a package. A thousand requests parse one manifest.
    async fn contents(&self, opened: &Opened) -> Result<Arc<Contents>, DownloadError> {
        if let Some(contents) = self.contents.get(&opened.checksum).await {
            self.metrics.cache_requests.with_label_values(&["contents", "hit"]).inc();
            return Ok(contents);
        }
        self.metrics.cache_requests.with_label_values(&["contents", "miss"]).inc();
        let loaded = self.contents.try_get_with(opened.checksum, self.load(opened)).await;
        // One who waited for another's load hears of its error what it needs to know.
        loaded.map_err(|error| match &*error {
            DownloadError::FileMissing(_) => DownloadError::FileMissing(opened.export),
            other => DownloadError::Storage(io::Error::other(other.to_string())),
        })
    }

    async fn load(&self, opened: &Opened) -> Result<Arc<Contents>, DownloadError> {
        let (packages, key, file) = (self.packages.clone(), opened.key.clone(), Arc::clone(&opened.file));
        let read = self.downloads.on_disk(opened.export, move || {
            let manifest = packages.manifest(&key)?;
            let index = packages.index(&key).ok().and_then(|index| Index::from_bytes(&index));
            let Ok(manifest) = serde_json::from_slice::<Manifest>(&manifest) else { return Ok(None) };
            Ok(Some(Contents::new(manifest, index, file)))
        });
        match read.await? {
            Some(Ok(contents)) => Ok(Arc::new(contents)),
            Some(Err(Damage::Disk(error))) => Err(DownloadError::Storage(error)),
            Some(Err(Damage::Here { .. } | Damage::Cancelled)) | None => {
                Err(self.downloads.lost(opened.export))
            }
        }
    }
}

/// Whether the manifest is the one of the package that the row knows.
fn sealed_as(manifest: Option<&Manifest>, package: &Package) -> Check {
    match manifest {
        None => Check::bad("manifest", "it cannot be read"),
        Some(manifest)
            if manifest.package.sha256 == package.checksum && manifest.package.size == package.size =>
        {
            Check::good("manifest", format!("{} entries", manifest.entries.len()))
        }
        Some(_) => Check::bad("manifest", "it is of another package than was sealed"),
    }
}

/// What was sealed before this server signed is not signed, and none the worse for it.
fn signature(json: &[u8], manifest: Option<&Manifest>, keys: &PublicKeys) -> Check {
    match manifest {
        Some(Manifest { signature: None, .. }) => Check::good("signature", "the manifest is not signed"),
        _ => check_signature(json, keys),
    }
}
