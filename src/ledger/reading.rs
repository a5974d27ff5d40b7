//! Taking reports up.

use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use super::Report;

/// Where reports are taken up, by one reader at a time.
#[derive(Debug)]
pub struct LedgerReader {
    process: Uuid,
    reports: mpsc::UnboundedReceiver<Report>,
    taken: u64,
    settled: watch::Sender<u64>,
}

impl LedgerReader {
    pub(super) fn new(
        process: Uuid,
        reports: mpsc::UnboundedReceiver<Report>,
        settled: watch::Sender<u64>,
    ) -> Self {
        Self { process, reports, taken: 0, settled }
    }

    /// Whose transfers are reported here: the numbers of another process mean other transfers.
    pub const fn process(&self) -> Uuid {
        self.process
    }

    /// Waits for reports and takes up as many as there are, at most `most`.
    /// Empty when every [`Ledger`](super::Ledger) is gone.
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
