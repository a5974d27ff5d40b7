//! Putting reports down.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Notify, mpsc, watch};
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::Mode;

use super::{LedgerReader, Progress, Report, Sending, Ticket};

/// Where reports are put down. Cheap to clone; all clones are one ledger.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// New at every start, so that a transfer's number is never taken for an earlier process's.
    process: Uuid,
    reports: mpsc::UnboundedSender<Report>,
    transfers: Arc<AtomicU64>,
    written: Arc<AtomicU64>,
    settled: watch::Receiver<u64>,
    wanted: Arc<Notify>,
    clock: Clock,
}

impl Ledger {
    /// A ledger and its reader.
    pub fn open(clock: Clock) -> (Self, LedgerReader) {
        let (reports, taken_up) = mpsc::unbounded_channel();
        let (settle, settled) = watch::channel(0);
        let (process, wanted) = (Uuid::now_v7(), Arc::<Notify>::default());
        let reader = LedgerReader::new(process, taken_up, settle, Arc::clone(&wanted));
        let (transfers, written) = (Arc::default(), Arc::default());
        (Self { process, reports, transfers, written, settled, wanted, clock }, reader)
    }

    /// A response begins that this process sends; what becomes of it is told to the [`Transfer`].
    pub fn begin(&self, sending: Sending) -> Transfer {
        let progress = Progress::default();
        let (transfer, _) = self.put_began(sending, Mode::Direct, progress.clone());
        Transfer { ledger: self.clone(), transfer, progress, size: None }
    }

    /// A response begins that a proxy sends. What becomes of it is known when the proxy has
    /// written down this ticket with the number of bytes, however long that takes.
    pub fn hand_over(&self, sending: Sending) -> Ticket {
        let (transfer, at) = self.put_began(sending.clone(), Mode::Accel, Progress::default());
        Ticket { process: self.process, transfer, at, sending }
    }

    /// The proxy could not send anything of the response that `ticket` went along with. What an
    /// earlier process handed over is settled otherwise.
    pub fn came_back(&self, ticket: &Ticket) {
        if ticket.process == self.process {
            let (transfer, at) = (ticket.transfer, self.clock.now());
            self.put(Report::Ended { transfer, sent: 0, size: None, at });
        }
    }

    /// Waits until every report put down before this call is in its row.
    pub async fn settled(&self) {
        let written = self.written.load(Ordering::Acquire);
        if *self.settled.borrow() < written {
            self.wanted.notify_one();
        }
        // An error means the reader is gone: nothing will be settled any more.
        let _ = self.settled.clone().wait_for(|settled| *settled >= written).await;
    }

    /// As [`settled`](Self::settled), after a look at how far the responses under way have come
    /// (no older than a second).
    pub async fn looked(&self) {
        self.put(Report::Look);
        self.settled().await;
    }

    fn put_began(&self, sending: Sending, mode: Mode, progress: Progress) -> (u64, crate::domain::Timestamp) {
        let transfer = self.transfers.fetch_add(1, Ordering::Relaxed);
        let at = self.clock.now();
        self.put(Report::Began { transfer, sending, mode, progress, at });
        (transfer, at)
    }

    fn put(&self, report: Report) {
        self.written.fetch_add(1, Ordering::AcqRel);
        // The reader only goes when its house has been closed.
        let _ = self.reports.send(report);
    }
}

/// A response under way. It ends, whole or broken off, when this is dropped.
#[derive(Debug)]
pub struct Transfer {
    ledger: Ledger,
    transfer: u64,
    progress: Progress,
    size: Option<u64>,
}

impl Transfer {
    /// So many of the planned bytes more, the next ones, were handed over.
    pub fn handed(&self, bytes: u64) {
        self.progress.handed(bytes);
    }

    /// Bytes handed over so far.
    pub fn sent(&self) -> u64 {
        self.progress.sent()
    }

    /// The response carried a whole package, whose size only its end told.
    pub fn end_with(mut self, size: u64) {
        self.size = Some(size);
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        let (transfer, sent, at) = (self.transfer, self.sent(), self.ledger.clock.now());
        self.ledger.put(Report::Ended { transfer, sent, size: self.size, at });
    }
}
