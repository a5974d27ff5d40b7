//! Taking reports up.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::Report;

/// Between two times that reports are taken up while nobody waits for their rows: small ranges by
/// the ten thousand are then one write, and wake their reader once.
const GATHERED: Duration = Duration::from_millis(20);

/// Where reports are taken up, by one reader at a time.
#[derive(Debug)]
pub struct LedgerReader {
    process: Uuid,
    reports: mpsc::UnboundedReceiver<Report>,
    /// Received and not yet handed out: whoever gives up waiting for them loses none.
    received: Vec<Report>,
    taken: u64,
    settled: watch::Sender<u64>,
    settled_at: Instant,
    /// Somebody waits until what was reported is settled.
    wanted: Arc<Notify>,
}

impl LedgerReader {
    pub(super) fn new(
        process: Uuid,
        reports: mpsc::UnboundedReceiver<Report>,
        settled: watch::Sender<u64>,
        wanted: Arc<Notify>,
    ) -> Self {
        let settled_at = Instant::now();
        Self { process, reports, received: Vec::new(), taken: 0, settled, settled_at, wanted }
    }

    /// Whose transfers are reported here: the numbers of another process mean other transfers.
    pub const fn process(&self) -> Uuid {
        self.process
    }

    /// Waits for reports and takes up as many as there are, at most `most`: at once after a quiet
    /// while or for whoever waits for them to be settled, otherwise some at a time.
    /// Empty when every [`Ledger`](super::Ledger) is gone.
    pub async fn take(&mut self, most: usize) -> Vec<Report> {
        if self.received.is_empty() && self.reports.recv_many(&mut self.received, most).await == 0 {
            return Vec::new();
        }
        tokio::select! {
            () = sleep_until(self.settled_at + GATHERED) => {}
            () = self.wanted.notified() => {}
        }
        self.receive(most);
        self.hand_out()
    }

    /// The reports that lie there now, without waiting.
    pub fn take_ready(&mut self) -> Vec<Report> {
        self.receive(usize::MAX);
        self.hand_out()
    }

    fn receive(&mut self, most: usize) {
        while self.received.len() < most
            && let Ok(report) = self.reports.try_recv()
        {
            self.received.push(report);
        }
    }

    fn hand_out(&mut self) -> Vec<Report> {
        self.taken += self.received.len() as u64;
        std::mem::take(&mut self.received)
    }

    /// Everything taken up so far is in its row.
    pub fn settle(&mut self) {
        self.settled_at = Instant::now();
        self.settled.send_replace(self.taken);
    }
}
