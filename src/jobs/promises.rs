//! What was promised to transfers by limited links, and is given back when they end.

use std::collections::HashMap;

use crate::db::{Passes, Returned};
use crate::domain::Timestamp;
use crate::ledger::{Report, Sending};

/// Given back in one transaction.
const AT_ONCE: usize = 500;

/// Promises under way, and those to be given back.
#[derive(Debug, Default)]
pub struct Promises {
    under_way: HashMap<u64, Returned>,
    returned: Vec<Returned>,
}

impl Promises {
    /// Hears a report. Most are of transfers to which nothing was promised.
    pub fn hear(&mut self, report: &Report) {
        match report {
            Report::Began { transfer, sending, .. } => {
                self.under_way.extend(of(sending).map(|promise| (*transfer, promise)));
            }
            Report::Ended { transfer, sent, .. } => {
                let ended = self.under_way.remove(transfer);
                self.returned.extend(ended.map(|promise| Returned { sent: *sent, ..promise }));
            }
        }
    }

    /// Gives back what can be. What cannot, for now, is kept for the next time.
    pub async fn give_back(&mut self, rows: &Passes, now: Timestamp) {
        while !self.returned.is_empty() {
            let some = self.returned.len().min(AT_ONCE);
            if let Err(error) = rows.give_back(&self.returned[..some], now).await {
                let promises = self.returned.len();
                tracing::warn!(%error, promises, "promises not given back yet; trying again");
                return;
            }
            self.returned.drain(..some);
        }
    }
}

/// What was promised to a transfer that is to carry `sending`, and has sent nothing of it yet.
fn of(sending: &Sending) -> Option<Returned> {
    sending.download.map(|pass| Returned { pass, planned: sending.planned.clone(), sent: 0 })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use crate::domain::{ExportId, Receiver};

    use super::*;

    fn began(transfer: u64, download: Option<Uuid>) -> Report {
        let user = "ada".parse().expect("a user");
        let to = Receiver { user, link: None, address: [127, 0, 0, 1].into(), agent: None };
        let planned = std::iter::once(10..20).collect();
        let sending = Sending { export: ExportId::new(), to, download, size: 100, planned };
        Report::Began { transfer, sending, at: Timestamp::from_millis(0) }
    }

    #[test]
    fn only_what_was_settled_is_given_back_and_only_once() {
        let (mut promises, pass) = (Promises::default(), Uuid::now_v7());
        promises.hear(&began(1, Some(pass)));
        promises.hear(&began(2, None));
        for transfer in [1, 2, 1, 3] {
            promises.hear(&Report::Ended { transfer, sent: 7, at: Timestamp::from_millis(1) });
        }
        let planned = std::iter::once(10..20).collect();
        assert_eq!(promises.returned, [Returned { pass, planned, sent: 7 }]);
    }
}
