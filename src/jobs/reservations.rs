//! Bytes that were reserved for responses, and are given back when they end.

use crate::db::{Charges, Sent};

use super::under_way::Ending;

/// Given back in one transaction.
const AT_ONCE: usize = 500;

/// Reservations to be settled.
#[derive(Debug, Default)]
pub struct Reservations {
    sent: Vec<Sent>,
}

impl Reservations {
    /// Hears of an ending. Most are of responses for which nothing was reserved.
    pub fn hear(&mut self, ending: &Ending) {
        let sent = |reserved| Sent { reserved, bytes: ending.sent, ended: true };
        self.sent.extend(ending.reserved.map(sent));
    }

    /// Hears how far responses under way have come: were their process killed, that is what they
    /// count for.
    pub fn look(&mut self, under_way: Vec<Sent>) {
        self.sent.extend(under_way);
    }

    /// Settles what can be. What cannot, for now, is kept for the next time.
    pub async fn settle(&mut self, rows: &Charges) {
        while !self.sent.is_empty() {
            let some = self.sent.len().min(AT_ONCE);
            if let Err(error) = rows.settle(&self.sent[..some]).await {
                let reservations = self.sent.len();
                tracing::warn!(%error, reservations, "reserved bytes not given back yet; trying again");
                return;
            }
            self.sent.drain(..some);
        }
    }
}
