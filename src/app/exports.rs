//! Following exports, and ending them.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::time::{Instant, timeout_at};

use crate::bell::{Bell, Changes};
use crate::clock::Clock;
use crate::datasets::DataSets;
use crate::db::{self, Cursor, DownloadMark, DownloadsPage, Filter, Page, StoreError};
use crate::domain::{
    Caller, Export, ExportEvent, ExportId, Limits, RetentionError, Status, expires_at, line,
};
use crate::ledger::Ledger;
use crate::packaging::{Packer, Registry};
use crate::projects::Places;
use crate::storage::Packages;
use crate::telemetry::Metrics;

use super::access::Access;
use super::actions::theirs;
use super::{Config, DeskParts, Permissions, Templates};

/// A row is looked at this often by whoever waits for it, in case the ring came from another node.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Lines of a log that are read at once; more than any export has.
const LOG_LINES: u64 = 10_000;

/// Why nothing can be told of, or done to, an export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// No export has this id.
    #[error("there is no export {0}")]
    Unknown(ExportId),
    /// It is somebody else's.
    #[error("only the export's creator or an admin may see it or act on it")]
    Foreign,
    /// Its end has come already.
    #[error("this export is {0} and cannot be cancelled any more")]
    NotCancellable(Status),
    /// It is under way.
    #[error("this export is {0}; cancel it before deleting it")]
    StillActive(Status),
    /// It has no package that could be kept for longer.
    #[error("this export is {0}; only a package that is there can be kept for longer")]
    NotKept(Status),
    /// For longer than the operator allows.
    #[error(transparent)]
    Retention(#[from] RetentionError),
    /// The database did not answer.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// What can be told of an export's future.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outlook {
    /// How many exports will have begun when this queued one begins, itself included.
    pub position: Option<u64>,
    /// Until it ends.
    pub ends_in: Option<Duration>,
}

/// Asking for exports (in `requesting`), following and ending them.
#[derive(Debug)]
pub struct Exports {
    pub(super) config: Arc<ArcSwap<Config>>,
    pub(super) limits: Limits,
    pub(super) metrics: Metrics,
    lease: Duration,
    pub(super) max_attempts: u32,
    pub(super) rows: db::Exports,
    queue: db::Queue,
    access: Access,
    pub(super) permissions: Arc<Permissions>,
    downloads: db::Downloads,
    pub(super) packages: Packages,
    pub(super) registry: Arc<Registry>,
    pub(super) packer: Packer,
    pub(super) places: Places,
    pub(super) datasets: DataSets,
    pub(super) templates: Templates,
    pub(super) bell: Bell,
    pub(super) ledger: Ledger,
    pub(super) clock: Clock,
}

impl Exports {
    pub(super) fn new(parts: DeskParts, permissions: Arc<Permissions>) -> Self {
        Self {
            access: parts.access(),
            templates: Templates::new(&parts),
            permissions,
            config: parts.config,
            limits: parts.limits.limits(),
            metrics: parts.metrics,
            lease: parts.lease,
            max_attempts: parts.max_attempts,
            rows: parts.database.exports(),
            queue: parts.database.queue(),
            downloads: parts.database.downloads(),
            packages: parts.packages,
            registry: parts.registry,
            packer: parts.packer,
            places: parts.places,
            datasets: parts.datasets,
            bell: parts.bell,
            ledger: parts.ledger,
            clock: parts.clock,
        }
    }

    /// Sets the instruments that tell of the rows as they stand now.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn gauge(&self, metrics: &Metrics) -> Result<(), StoreError> {
        for (status, count) in self.rows.counts().await? {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            metrics.exports.with_label_values(&[status.as_str()]).set(count);
        }
        let now = self.clock.now();
        let oldest = self.rows.oldest_queued().await?;
        metrics.queue_oldest.set(oldest.map_or(0.0, |since| now.since(since).as_secs_f64()));
        metrics.queue_paused.set(self.queue.paused().await?.is_some().into());
        Ok(())
    }

    /// One export, with every download counted that ended before this call.
    ///
    /// # Errors
    /// [`ExportError::Unknown`], or [`ExportError::Foreign`].
    pub async fn show(&self, caller: &Caller, id: ExportId) -> Result<Export, ExportError> {
        self.ledger.settled().await;
        Ok(self.access.export(caller, id).await?)
    }

    /// Where this export stands and how long it will still take, as far as that can be told: from
    /// the line, the slots of all nodes that live, and how long the like of it has taken lately.
    ///
    /// # Errors
    /// [`ExportError::Store`].
    pub async fn outlook(&self, export: &Export) -> Result<Outlook, ExportError> {
        let now = self.clock.now();
        match export.status {
            Status::Queued => {
                let (line, usual) = self.rows.line(export, &self.limits, now.minus(self.lease), now).await?;
                let Some(foretold) = line.foretell() else { return Ok(Outlook::default()) };
                // While the queue is paused nobody knows when it goes on.
                let usual = if self.queue.paused().await?.is_some() { None } else { usual };
                let ends_in = usual.map(|usual| foretold.begins_in + usual);
                Ok(Outlook { position: Some(foretold.position), ends_in })
            }
            // From the first percent on its own progress tells it better.
            Status::Processing if export.progress.percent() == 0 => {
                let usual = self.rows.usual(export).await?;
                let ran = now.since(export.started_at.unwrap_or(now));
                Ok(Outlook { position: None, ends_in: usual.map(|usual| line::still(ran, usual)) })
            }
            _ => Ok(Outlook::default()),
        }
    }

    /// The caller's exports, newest first; an admin's list has everyone's.
    ///
    /// # Errors
    /// [`ExportError::Foreign`] when a user asks for another's.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: Filter,
        after: Option<Cursor>,
        limit: u64,
    ) -> Result<Page, ExportError> {
        let filter = theirs(caller, filter)?;
        self.ledger.settled().await;
        Ok(self.rows.acting_for(caller).list(&filter, after, limit, self.clock.now()).await?)
    }

    /// The caller's own exports, newest first, from number `offset` on, and how many there are in
    /// all: for earlier systems' clients, an admin's too.
    ///
    /// # Errors
    /// [`ExportError::Store`].
    pub async fn slice_of_own(
        &self,
        caller: &Caller,
        filter: Filter,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<Export>, u64), ExportError> {
        let filter = Filter { owner: Some(caller.user.clone()), ..filter };
        self.ledger.settled().await;
        Ok(self.rows.slice(&filter, offset, limit, self.clock.now()).await?)
    }

    /// Waits until the export has ended, or for `longest`; then tells where it stands.
    ///
    /// # Errors
    /// As [`Exports::show`].
    pub async fn until_ended(
        &self,
        caller: &Caller,
        id: ExportId,
        longest: Duration,
    ) -> Result<Export, ExportError> {
        let patience = Instant::now() + longest;
        // Listens before it looks, so that no change falls between the two.
        let mut changes = self.changes();
        loop {
            let export = self.show(caller, id).await?;
            if !export.status.is_active() || Instant::now() >= patience {
                return Ok(export);
            }
            let look_again = patience.min(Instant::now() + LOOK_AGAIN);
            let _either_way = timeout_at(look_again, changes.of(id)).await;
        }
    }

    /// The lines of an export's log after number `seq`; after 0 that is all of them.
    ///
    /// # Errors
    /// As [`Exports::show`].
    pub async fn events_after(
        &self,
        caller: &Caller,
        id: ExportId,
        seq: i64,
    ) -> Result<Vec<ExportEvent>, ExportError> {
        self.show(caller, id).await?;
        Ok(self.rows.acting_for(caller).events(id, seq, LOG_LINES).await?)
    }

    /// Who downloaded an export's package, newest first: as it was a second ago, or later.
    ///
    /// # Errors
    /// As [`Exports::show`].
    pub async fn downloads(
        &self,
        caller: &Caller,
        id: ExportId,
        after: Option<DownloadMark>,
        limit: u64,
    ) -> Result<DownloadsPage, ExportError> {
        // Strangers have nothing looked at.
        self.access.export(caller, id).await?;
        self.ledger.looked().await;
        Ok(self.downloads.acting_for(caller).of(id, after, limit).await?)
    }

    /// Follows the changes of all exports; which may be seen is asked of [`Exports::show`].
    pub fn changes(&self) -> Changes {
        self.bell.changes()
    }

    /// Stops an export that has not ended: at once when nothing runs, within a second otherwise.
    ///
    /// # Errors
    /// [`ExportError::NotCancellable`] when it has ended.
    pub async fn cancel(&self, caller: &Caller, id: ExportId) -> Result<Export, ExportError> {
        let before = self.show(caller, id).await?;
        let now = self.clock.now();
        if !before.status.is_active() {
            return Err(ExportError::NotCancellable(before.status_at(now)));
        }
        let status =
            self.rows.acting_for(caller).ask_cancel(id, now).await?.ok_or(ExportError::Unknown(id))?;
        self.bell.ring_for(id);
        match status {
            Status::Cancelling | Status::Cancelled => self.show(caller, id).await,
            ended => Err(ExportError::NotCancellable(ended)),
        }
    }

    /// Keeps an export's package for `lifetime` from now on, as when nothing is said (`retention.default`)
    /// if that is `None`. Nothing is kept for longer than `retention.max` after its completion, nor for
    /// less time than before.
    ///
    /// # Errors
    /// [`ExportError::NotKept`] when it has no package, [`ExportError::Retention`] when no package may be
    /// kept for so long.
    pub async fn extend(
        &self,
        caller: &Caller,
        id: ExportId,
        lifetime: Option<Duration>,
    ) -> Result<Export, ExportError> {
        let before = self.show(caller, id).await?;
        let (now, config) = (self.clock.now(), self.config.load_full());
        let longest = config.max;
        let until = expires_at(now, lifetime.unwrap_or(config.default.min(longest)), longest)?;
        if !self.rows.acting_for(caller).extend(id, until, longest, now).await? {
            return Err(ExportError::NotKept(before.status_at(now)));
        }
        self.bell.ring_for(id);
        self.show(caller, id).await
    }

    /// Deletes an export's package now. Its row stays, as expired. Without a package there is
    /// nothing to delete, which is no fault.
    ///
    /// # Errors
    /// [`ExportError::StillActive`] while it is under way.
    pub async fn delete(&self, caller: &Caller, id: ExportId) -> Result<(), ExportError> {
        let before = self.show(caller, id).await?;
        if before.status.is_active() {
            return Err(ExportError::StillActive(before.status));
        }
        let now = self.clock.now();
        let rows = self.rows.acting_for(caller);
        rows.delete(id, now).await?;
        self.bell.ring_for(id);
        if let Some(package) = before.package {
            let packages = self.packages.clone();
            let deleted = tokio::task::spawn_blocking(move || packages.delete(&package.key)).await;
            match deleted.expect("deleting a file does not panic") {
                Ok(_freed) => rows.mark_swept(id, now).await?,
                Err(error) => {
                    tracing::warn!(export.id = %id, %error, "package not deleted; the next sweep tries again");
                }
            }
        }
        Ok(())
    }
}
