//! Entries on their way into the chain.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::clock::Clock;
use crate::db;
use crate::domain::audit::AuditEntry;
use crate::telemetry::Metrics;

use super::writer::{Gathered, Waiting, Writer, tell_lost};

/// Entries that may wait: at a kilobyte each, ten megabytes.
const ROOM: usize = 10_000;
/// Whoever has done something waits so long for its entry, and is answered then all the same.
const PATIENCE: Duration = Duration::from_secs(5);
/// What was begun may go on for so long when the house closes.
const ACTS_GRACE: Duration = Duration::from_secs(5);

/// Takes entries in, and has one task write what is waiting, as much at a time as there is. Cheap
/// to clone; all clones are one trail.
///
/// What was done cannot be undone because its entry cannot be written: it is answered, late, and the
/// entry goes on waiting for the database.
#[derive(Debug, Clone)]
pub struct Trail(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    queue: mpsc::Sender<Waiting>,
    gathered: Arc<Gathered>,
    acts: TaskTracker,
    closing: CancellationToken,
    writing: Mutex<Option<JoinHandle<()>>>,
    metrics: Metrics,
}

impl Trail {
    /// A trail into `rows`, which is written from now on.
    pub fn start(rows: db::Audit, clock: Clock, metrics: Metrics) -> Self {
        Self::with_room(ROOM, rows, clock, metrics)
    }

    fn with_room(room: usize, rows: db::Audit, clock: Clock, metrics: Metrics) -> Self {
        let (queue, waiting) = mpsc::channel(room);
        let (gathered, closing) = (Arc::<Gathered>::default(), CancellationToken::new());
        let writer = Writer::new(waiting, Arc::clone(&gathered), closing.clone(), rows, clock);
        let writing = Mutex::new(Some(tokio::spawn(writer.write())));
        Self(Arc::new(Inner { queue, gathered, acts: TaskTracker::new(), closing, writing, metrics }))
    }

    /// Writes `entry` down, and returns when no power cut undoes it. For what changes something,
    /// before it is answered.
    pub async fn record(&self, entry: AuditEntry) {
        let (written, told) = oneshot::channel();
        match timeout(PATIENCE, self.0.queue.reserve()).await {
            Ok(Ok(room)) => room.send(Waiting { entry, written: Some(written) }),
            Ok(Err(_)) | Err(_) => return self.lose(&entry),
        }
        if timeout(PATIENCE, told).await.is_err() {
            self.0.metrics.audit_late.inc();
            tracing::error!("the audit cannot be written; answered before the entry was, which waits");
        }
    }

    /// Has `entry` written down soon, and waits for nothing. Where there is no room, that is told.
    pub fn note(&self, entry: AuditEntry) {
        if let Err(error) = self.0.queue.try_send(Waiting { entry, written: None }) {
            self.lose(&error.into_inner().entry);
        }
    }

    /// As [`Self::note`], of what anybody may cause as often as they like: after the first few of a
    /// minute only their number is written down.
    pub fn note_some(&self, entry: AuditEntry) {
        let admitted = {
            let mut crowd = self.0.gathered.crowd.lock().unwrap_or_else(PoisonError::into_inner);
            crowd.admit(entry)
        };
        if let Some(entry) = admitted {
            self.note(entry);
        }
    }

    /// Sees `act` and its entry to their end, although whoever asked for it may go away.
    ///
    /// # Errors
    /// [`JoinError`] when the house closed before that.
    pub async fn see_to_its_end<T: Send + 'static>(
        &self,
        act: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, JoinError> {
        self.0.acts.spawn(act.in_current_span()).await
    }

    /// Writes down everything that is waiting. For a house that closes, before its rows do.
    pub async fn close(&self) {
        self.0.acts.close();
        if timeout(ACTS_GRACE, self.0.acts.wait()).await.is_err() {
            tracing::warn!(acts = self.0.acts.len(), "still at work when the audit closed");
        }
        self.0.closing.cancel();
        let writing = self.0.writing.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writing) = writing {
            // It does not panic; were it to, there would be nothing left to wait for.
            let _ = writing.await;
        }
    }

    fn lose(&self, entry: &AuditEntry) {
        self.0.gathered.dropped.fetch_add(1, Ordering::Relaxed);
        self.0.metrics.audit_dropped.inc();
        tell_lost(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{AuditFilter, Config, Database, Expected, Verified};
    use crate::domain::Timestamp;
    use crate::domain::audit::{Action, Author, Outcome};

    async fn database(folder: &tempfile::TempDir) -> Database {
        let url = format!("sqlite://{}", folder.path().join("exportd.db").display());
        let config = Config { url, ..Config::default() };
        Database::open(&config, Metrics::new("test")).await.expect("a database")
    }

    fn entry(action: Action) -> AuditEntry {
        AuditEntry::done(Timestamp::from_millis(1_763_683_200_000), Author::server(), action)
    }

    #[tokio::test]
    async fn what_is_recorded_is_there_and_what_is_noted_is_there_when_the_house_has_closed() {
        let folder = tempfile::tempdir().expect("a folder");
        let rows = database(&folder).await.audit();
        let trail = Trail::start(rows.clone(), Clock::system(), Metrics::new("test"));
        trail.record(entry(Action::LinkMade)).await;
        assert_eq!(rows.head().await.expect("a head").seq, 1);
        (0..500).for_each(|_| trail.note(entry(Action::EntryDownloaded)));
        trail.close().await;
        assert_eq!(rows.head().await.expect("a head").seq, 501);
        trail.record(entry(Action::LinkMade)).await; // told in the log; it must not wait for ever
    }

    #[tokio::test]
    async fn whatever_finds_no_room_is_told_by_its_number() {
        let folder = tempfile::tempdir().expect("a folder");
        let (rows, metrics) = (database(&folder).await.audit(), Metrics::new("test"));
        let trail = Trail::with_room(10, rows.clone(), Clock::system(), metrics.clone());
        // On one thread the writer has no turn before somebody waits.
        (0..25).for_each(|_| trail.note(entry(Action::EntryDownloaded)));
        assert_eq!(metrics.audit_dropped.get(), 15);
        trail.close().await;
        let filter = AuditFilter { actions: vec![Action::AuditDropped], ..AuditFilter::default() };
        let told = rows.page(&filter, None, 10).await.expect("a page").items;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].detail.get("entries"), Some(&15u64.into()));
        assert_eq!(rows.head().await.expect("a head").seq, 11);
    }

    #[tokio::test]
    async fn those_who_come_again_and_again_are_summed_up_when_the_house_closes() {
        let folder = tempfile::tempdir().expect("a folder");
        let rows = database(&folder).await.audit();
        let trail = Trail::start(rows.clone(), Clock::system(), Metrics::new("test"));
        let refused = AuditEntry { outcome: Outcome::Refused, ..entry(Action::AccessRefused) };
        (0..1000).for_each(|_| trail.note_some(refused.clone()));
        trail.close().await;
        let Ok(Verified::Unbroken(chain)) = rows.verify(&Expected::default()).await else {
            panic!("it is broken");
        };
        assert_eq!(chain.entries, 11, "ten, and one for the rest");
    }
}
