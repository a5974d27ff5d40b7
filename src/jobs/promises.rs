//! What was promised to responses by limited links, and is given back when they end.

use crate::db::{Passes, Returned};
use crate::domain::Timestamp;

use super::under_way::Ending;

/// Given back in one transaction.
const AT_ONCE: usize = 500;

/// Promises to be given back.
#[derive(Debug, Default)]
pub struct Promises {
    returned: Vec<Returned>,
}

impl Promises {
    /// Hears of an ending. Most are of responses to which nothing was promised.
    pub fn hear(&mut self, ending: &Ending) {
        let returned = |pass| Returned { pass, planned: ending.planned.clone(), sent: ending.sent };
        self.returned.extend(ending.settled.map(returned));
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
