//! What is to be counted, and what was counted of it: outlives an actor that dies.
//!
//! Every download has its row before most of its first bytes have left, and its row is brought
//! up to date when a response ends and every [`LOOK_EVERY`] while one is under way. So a process
//! that is killed loses of `bytes` and `covered` what left since the last look (at most 5 seconds,
//! and the write that was under way), and of the count those downloads only that had begun since
//! the last write: each write takes up everything that was reported while the one before it went
//! on, so that is the time of two writes and of the 20 ms between them. A process that is closed loses
//! nothing.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use uuid::Uuid;

use crate::db::{DownloadRow, Recording, StoreError};
use crate::domain::Mode;
use crate::ledger::{LedgerReader, Report};

use super::accel_log::{AccelLog, Told};
use super::book::Book;
use super::download::{Download, WINDOW};
use super::events;
use super::keeping::Keeping;
use super::promises::Promises;
use super::reservations::Reservations;
use super::tail::Read;
use super::under_way::Ending;
use super::works::Works;

/// Between two looks at how far the responses under way have come.
pub const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Whoever asks for a look sees the last one, if that is no older than this.
const LOOKED: Duration = Duration::from_secs(1);
/// Reports folded into one write.
const AT_ONCE: usize = 4096;
/// After a write that failed.
const TRY_AGAIN: Duration = Duration::from_millis(500);
/// A row that is to be gone on with is asked for so often.
const TRIES: usize = 3;

/// Folds reports into rows.
#[derive(Debug)]
pub struct Counter {
    ledger: LedgerReader,
    book: Book,
    log: Option<AccelLog>,
    keeping: Keeping,
    promises: Promises,
    reservations: Reservations,
    asked: mpsc::UnboundedReceiver<oneshot::Sender<()>>,
    looked_at: Option<Instant>,
    read_at: Instant,
    more_may_come: bool,
}

impl Counter {
    /// A counter that goes on where an earlier process stopped, and the line by which it is asked
    /// to flush.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn resume(
        works: &Works,
        ledger: LedgerReader,
    ) -> Result<(Self, mpsc::UnboundedSender<oneshot::Sender<()>>), StoreError> {
        let (downloads, mut book) = (works.parts.database.downloads(), Book::default());
        let since = works.parts.clock.now().minus(WINDOW);
        for row in downloads.take_over(works.store, since).await? {
            book.reopen(row.into());
        }
        let log = match &works.parts.accel_log {
            Some(path) => Some(AccelLog::open(path, downloads.places(works.store).await?)),
            None => None,
        };
        let (ask, asked) = mpsc::unbounded_channel();
        let (keeping, promises, reservations) =
            (Keeping::default(), Promises::default(), Reservations::default());
        let (looked_at, read_at, more_may_come) = (None, Instant::now(), true);
        let counter = Self {
            ledger,
            book,
            log,
            keeping,
            promises,
            reservations,
            asked,
            looked_at,
            read_at,
            more_may_come,
        };
        Ok((counter, ask))
    }

    /// Folds what is reported, when it is, for ever. When the last ledger is gone nothing more
    /// will be, but whoever asks for a flush is still answered.
    pub async fn count(&mut self, works: &Works) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let read_again = self.read_at + AccelLog::pause(self.book.awaits_word());
            tokio::select! {
                reports = self.ledger.take(AT_ONCE), if self.more_may_come => {
                    self.more_may_come = !reports.is_empty();
                    self.fold(works, reports).await;
                }
                Some(answer) = self.asked.recv() => {
                    self.flush(works).await;
                    // Whoever asked may have gone.
                    let _ = answer.send(());
                }
                _ = look.tick() => {
                    self.book.look(works.parts.clock.now());
                    self.reservations.look(self.book.reserved());
                    self.write(works).await;
                }
                () = tokio::time::sleep_until(read_again), if self.log.is_some() => self.read_log(works).await,
            }
        }
    }

    /// Everything that is known now.
    async fn flush(&mut self, works: &Works) {
        self.read_log(works).await;
        let reports = self.ledger.take_ready();
        self.enter(works, reports).await;
        self.book.look(works.parts.clock.now());
        self.write(works).await;
    }

    async fn fold(&mut self, works: &Works, reports: Vec<Report>) {
        let somebody_looks = reports.iter().any(|report| matches!(report, Report::Look));
        self.enter(works, reports).await;
        if somebody_looks && self.looked_at.is_none_or(|at| at.elapsed() >= LOOKED) {
            self.looked_at = Some(Instant::now());
            // Before the log, which is written down at once, and with it that somebody has looked.
            self.book.look(works.parts.clock.now());
            self.read_log(works).await;
        }
        self.write(works).await;
    }

    /// Reads nginx's report to its end. What began has to be entered before what ended: a line is
    /// written after its ticket was, so reports are taken up after lines.
    async fn read_log(&mut self, works: &Works) {
        while let Some(log) = &mut self.log {
            let read = log.read().await;
            let (told, is_behind) = (log.understood(&read), read.is_behind);
            let reports = self.ledger.take_ready();
            self.enter(works, reports).await;
            for Told { ticket, .. } in &told {
                self.reopen(works, ticket.sending.download).await;
            }
            self.take_told(works, read, &told);
            self.write(works).await;
            if !is_behind {
                return;
            }
        }
    }

    /// Nothing waits between the two: what counts as read is entered.
    fn take_told(&mut self, works: &Works, read: Read, told: &[Told]) {
        let (process, now) = (self.ledger.process(), works.parts.clock.now());
        self.read_at = Instant::now();
        if let Some(log) = &mut self.log {
            log.take(read);
        }
        for Told { ticket, sent } in told {
            self.book.told(ticket, process, *sent, now);
        }
    }

    async fn enter(&mut self, works: &Works, reports: Vec<Report>) {
        for report in reports {
            if let Report::Began { sending, .. } = &report {
                self.reopen(works, sending.download).await;
            }
            self.book.enter(report);
        }
    }

    /// Has a download that was settled in the book, if it was begun before: it may be older than
    /// anything that is joined by guessing.
    async fn reopen(&mut self, works: &Works, settled: Option<Uuid>) {
        let Some(id) = settled.filter(|id| !self.book.is_open(*id)) else { return };
        for _ in 0..TRIES {
            match works.parts.database.downloads().find(id).await {
                Ok(Some(row)) => return self.book.reopen(row.into()),
                Ok(None) => return,
                Err(error) => tracing::warn!(%error, "a download is not found just now; trying again"),
            }
            tokio::time::sleep(TRY_AGAIN).await;
        }
        tracing::error!("the database is away; what a download had sent before is not known");
    }

    /// Brings the rows up to date, and sees to what depends on them.
    async fn write(&mut self, works: &Works) {
        let changed = self.book.take_changed();
        if self.record(works, &changed).await {
            let endings = self.book.take_endings();
            endings.iter().for_each(events::download_ended);
            endings.iter().for_each(|ending| tell(works, ending));
            endings.iter().for_each(|ending| self.promises.hear(ending));
            endings.iter().for_each(|ending| self.reservations.hear(ending));
        } else {
            self.book.put_back(&changed);
            tokio::time::sleep(TRY_AGAIN).await;
        }
        self.promises.give_back(&works.parts.database.passes(), works.parts.clock.now()).await;
        self.reservations.settle(&works.parts.database.charges()).await;
        self.ledger.settle();
        let busy = self.book.take_busy();
        self.keeping.keep(works, busy).await;
        self.book.forget_before(works.parts.clock.now());
    }

    async fn record(&mut self, works: &Works, changed: &[Download]) -> bool {
        let places = self.log.as_ref().and_then(AccelLog::unrecorded);
        if changed.is_empty() && places.is_none() {
            return true;
        }
        let downloads: Vec<DownloadRow> = changed.iter().map(Download::row).collect();
        let recording = Recording { store: works.store, downloads: &downloads, places };
        if let Err(error) = works.parts.database.downloads().record(&recording).await {
            tracing::warn!(%error, downloads = downloads.len(), "downloads not counted yet; trying again");
            return false;
        }
        if let Some(log) = &mut self.log {
            log.recorded();
        }
        true
    }
}

/// A response has ended, and its download's row tells so. What we send ourselves is measured
/// where it is sent.
fn tell(works: &Works, ending: &Ending) {
    if ending.mode == Mode::Direct {
        return;
    }
    let (metrics, mode) = (&works.parts.metrics, ending.mode.as_str());
    metrics.downloads.with_label_values(&[mode, ending.fate.as_str()]).inc();
    metrics.download_bytes.with_label_values(&[mode]).inc_by(ending.sent);
    metrics.download_duration.observe(ending.ended_at.since(ending.began_at).as_secs_f64());
    if ending.is_ours {
        metrics.downloads_in_flight.dec();
    }
}
