//! The one task that writes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::db::{self, AuditBatch};
use crate::domain::audit::{Action, AuditEntry, Author, Outcome};

use super::crowd::Crowd;

/// Entries written at a time.
const AT_ONCE: usize = 512;
/// Between two looks at what is only counted.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// After a write that failed: at first, and at most.
const TRY_AGAIN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// A house that closes waits so long for a database that is away.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// What is only counted, until the writer tells of it.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Entries that found no room.
    pub dropped: AtomicU64,
    /// Entries that came again and again.
    pub crowd: Mutex<Crowd>,
}

/// An entry that waits to be written, and whoever waits for that.
#[derive(Debug)]
pub struct Waiting {
    /// It.
    pub entry: AuditEntry,
    /// Told when it is written.
    pub written: Option<oneshot::Sender<()>>,
}

/// Writes what is waiting: all of it at a time, so that many who wait share one write.
pub struct Writer {
    waiting: mpsc::Receiver<Waiting>,
    gathered: Arc<Gathered>,
    closing: CancellationToken,
    rows: db::Audit,
    clock: Clock,
}

impl Writer {
    pub(super) const fn new(
        waiting: mpsc::Receiver<Waiting>,
        gathered: Arc<Gathered>,
        closing: CancellationToken,
        rows: db::Audit,
        clock: Clock,
    ) -> Self {
        Self { waiting, gathered, closing, rows, clock }
    }

    /// Writes until the house closes and nothing is left.
    pub(super) async fn write(mut self) {
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut taken = Vec::new();
        while !self.closing.is_cancelled() {
            tokio::select! {
                some = self.waiting.recv_many(&mut taken, AT_ONCE) => if some == 0 { break },
                _ = look.tick() => {}
                () = self.closing.cancelled() => {}
            }
            self.write_down(std::mem::take(&mut taken)).await;
        }
        self.waiting.close();
        while self.waiting.recv_many(&mut taken, AT_ONCE).await > 0 {
            self.write_down(std::mem::take(&mut taken)).await;
        }
        self.write_down(taken).await;
    }

    async fn write_down(&self, taken: Vec<Waiting>) {
        let mut entries = self.counted();
        let mut told = Vec::new();
        for Waiting { entry, written } in taken {
            entries.push(entry);
            told.extend(written);
        }
        if !entries.is_empty() && self.insist(AuditBatch::new(entries)).await {
            for written in told {
                // Whoever waited may have lost patience.
                let _ = written.send(());
            }
        }
    }

    /// What was only counted until now, as far as it is to be told.
    fn counted(&self) -> Vec<AuditEntry> {
        let now = self.clock.now();
        let mut told = {
            let mut crowd = self.gathered.crowd.lock().unwrap_or_else(PoisonError::into_inner);
            if self.closing.is_cancelled() { crowd.all() } else { crowd.over(now) }
        };
        let dropped = self.gathered.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            let entry = AuditEntry::done(now, Author::server(), Action::AuditDropped);
            let entry = AuditEntry { outcome: Outcome::Failed, ..entry };
            told.push(entry.with("entries", dropped));
        }
        told
    }

    /// Writes, and tries again for as long as the house is open.
    async fn insist(&self, mut batch: AuditBatch) -> bool {
        let (mut pause, mut given_up_at) = (TRY_AGAIN.0, None);
        loop {
            let Err(error) = self.rows.append(&mut batch).await else { return true };
            let entries = batch.entries().len();
            tracing::error!(%error, entries, "the audit cannot be written; trying again");
            if self.closing.is_cancelled() {
                let given_up_at = given_up_at.get_or_insert_with(|| Instant::now() + LAST_WAIT);
                if Instant::now() >= *given_up_at {
                    batch.entries().iter().for_each(tell_lost);
                    return false;
                }
                pause = TRY_AGAIN.0;
            }
            tokio::select! {
                () = sleep(pause) => {}
                () = self.closing.cancelled(), if given_up_at.is_none() => {}
            }
            pause = (pause * 2).min(TRY_AGAIN.1);
        }
    }
}

/// What the audit lost is in the log at least. An entry holds no secret.
pub fn tell_lost(entry: &AuditEntry) {
    let subject = entry.subject.as_ref();
    tracing::error!(
        audit.at = %entry.at,
        audit.action = entry.action.as_str(),
        audit.outcome = entry.outcome.as_str(),
        audit.actor = entry.by.actor,
        audit.user = entry.by.user.as_ref().map(tracing::field::display),
        audit.address = entry.by.address.as_ref().map(tracing::field::display),
        audit.subject = subject.map(|subject| subject.id.as_str()),
        correlation.id = entry.by.correlation_id,
        "an entry is not in the audit: there was no room, or no database"
    );
}
