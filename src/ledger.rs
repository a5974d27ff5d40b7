//! The way from whoever sends bytes of packages to whoever counts downloads.
//!
//! A response never waits for its counting: a report is put down and taken up later. Whoever
//! then wants to read a count may wait until the reports put down so far are in their rows.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::{ExportId, Receiver, Timestamp};

/// One response that carries bytes of a package, as it begins.
#[derive(Debug, Clone)]
pub struct Sending {
    /// Whose package.
    pub export: ExportId,
    /// Who receives it.
    pub to: Receiver,
    /// Which download it belongs to, where that was settled before it began.
    pub download: Option<Uuid>,
    /// Size of the whole package in bytes.
    pub size: u64,
    /// The bytes that this response is going to carry, in the order in which they are sent.
    pub planned: Vec<Range<u64>>,
}

/// What is put down in the ledger.
#[derive(Debug)]
pub enum Report {
    /// A response began.
    Began {
        /// Its number.
        transfer: u64,
        /// What it carries to whom.
        sending: Sending,
        /// When.
        at: Timestamp,
    },
    /// A response ended, whole or broken off.
    Ended {
        /// Its number.
        transfer: u64,
        /// How many of the planned bytes were handed to the connection: the first so many.
        sent: u64,
        /// When.
        at: Timestamp,
    },
}

/// Where reports are put down. Cheap to clone; all clones are one ledger.
#[derive(Debug, Clone)]
pub struct Ledger {
    reports: mpsc::UnboundedSender<Report>,
    transfers: Arc<AtomicU64>,
    written: Arc<AtomicU64>,
    settled: watch::Receiver<u64>,
    clock: Clock,
}

/// Where reports are taken up, by one reader at a time.
#[derive(Debug)]
pub struct LedgerReader {
    reports: mpsc::UnboundedReceiver<Report>,
    taken: u64,
    settled: watch::Sender<u64>,
}

impl Ledger {
    /// A ledger and its reader.
    pub fn open(clock: Clock) -> (Self, LedgerReader) {
        let (reports, taken_up) = mpsc::unbounded_channel();
        let (settle, settled) = watch::channel(0);
        let ledger = Self { reports, transfers: Arc::default(), written: Arc::default(), settled, clock };
        (ledger, LedgerReader { reports: taken_up, taken: 0, settled: settle })
    }

    /// A response begins; what becomes of it is told to the [`Transfer`].
    pub fn begin(&self, sending: Sending) -> Transfer {
        let transfer = self.transfers.fetch_add(1, Ordering::Relaxed);
        self.put(Report::Began { transfer, sending, at: self.clock.now() });
        Transfer { ledger: self.clone(), transfer }
    }

    /// A response begins that a proxy sends; the ticket goes along and comes back in its report.
    pub fn hand_over(&self, sending: Sending) -> Ticket {
        let transfer = self.transfers.fetch_add(1, Ordering::Relaxed);
        Ticket(format!("{}.{transfer}", sending.export))
    }

    /// Waits until every report put down before this call is in its row.
    pub async fn settled(&self) {
        let written = self.written.load(Ordering::Acquire);
        // An error means the reader is gone: nothing will be settled any more.
        let _ = self.settled.clone().wait_for(|settled| *settled >= written).await;
    }

    fn put(&self, report: Report) {
        self.written.fetch_add(1, Ordering::AcqRel);
        // The reader only goes when its house has been closed.
        let _ = self.reports.send(report);
    }
}

/// Names a response that a proxy sends. Written as text that any header takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket(String);

impl std::fmt::Display for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A response under way.
#[derive(Debug)]
pub struct Transfer {
    ledger: Ledger,
    transfer: u64,
}

impl Transfer {
    /// The response ended after handing over the first `sent` of the planned bytes.
    pub fn end(self, sent: u64) {
        let at = self.ledger.clock.now();
        self.ledger.put(Report::Ended { transfer: self.transfer, sent, at });
    }
}

impl LedgerReader {
    /// Waits for reports and takes up as many as there are, at most `most`.
    /// Empty when every [`Ledger`] is gone.
    pub async fn take(&mut self, most: usize) -> Vec<Report> {
        let mut reports = Vec::new();
        self.taken += self.reports.recv_many(&mut reports, most).await as u64;
        reports
    }

    /// The reports that lie there now, without waiting.
    pub fn take_ready(&mut self) -> Vec<Report> {
        let mut reports = Vec::new();
        while let Ok(report) = self.reports.try_recv() {
            self.taken += 1;
            reports.push(report);
        }
        reports
    }

    /// Everything taken up so far is in its row.
    pub fn settle(&self) {
        self.settled.send_replace(self.taken);
    }
}
