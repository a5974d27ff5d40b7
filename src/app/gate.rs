//! Passes, taken and held until their transfers begin.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout_at};
use uuid::Uuid;

use crate::clock::Clock;
use crate::db::{Boarded, Boarding, Passes, Returned};
use crate::domain::LinkId;
use crate::ledger::Ledger;

use super::DeskParts;
use super::door_error::DoorError;

/// A client that begins again after its line broke often does so before this side has heard that
/// it broke. So long one waits to hear it before a download is taken for another one.
const HEARS_OF_IT: Duration = Duration::from_secs(1);
/// Between two looks meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Settles passes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Gate {
    rows: Passes,
    ledger: Ledger,
    clock: Clock,
    pub(super) store: Uuid,
}

/// A pass on which bytes are promised to a transfer that has not begun. Dropped, the promise is
/// taken back.
#[derive(Debug)]
pub struct HeldPass {
    promise: Option<Returned>,
    gate: Gate,
}

impl HeldPass {
    /// The transfer begins: whoever hears of its end gives back what it did not send. The id of
    /// the download that it belongs to.
    pub fn begun(mut self) -> Uuid {
        self.promise.take().expect("it is taken here and when it is dropped only").pass
    }
}

impl Drop for HeldPass {
    fn drop(&mut self) {
        let (Some(promise), Ok(runtime)) = (self.promise.take(), Handle::try_current()) else { return };
        let gate = self.gate.clone();
        runtime.spawn(async move {
            if let Err(error) = gate.rows.give_back(&[promise], gate.clock.now()).await {
                tracing::warn!(%error, "a promise that nobody took up was not given back; it will lapse");
            }
        });
    }
}

impl Gate {
    pub(super) fn new(parts: &DeskParts) -> Self {
        Self {
            rows: parts.database.passes(),
            ledger: parts.ledger.clone(),
            clock: parts.clock.clone(),
            store: parts.store,
        }
    }

    /// Lets past only who has a pass already.
    pub(super) async fn known(&self, link: LinkId, visitor: &str) -> Result<(), DoorError> {
        if self.rows.has_one(link, visitor).await? { Ok(()) } else { Err(DoorError::UsedUp) }
    }

    /// The pass for a request. Runs to its end although the request may go away, so that no
    /// promise is made that nobody knows of.
    pub(super) async fn pass(self, boarding: Boarding, is_used_up: bool) -> Result<HeldPass, DoorError> {
        if is_used_up {
            self.known(boarding.link, &boarding.visitor).await?;
        }
        let patience = Instant::now() + HEARS_OF_IT;
        loop {
            let patient = Instant::now() < patience;
            match self.rows.board(&boarding, patient, self.clock.now()).await? {
                Boarded::On(pass) => {
                    let promise = Some(Returned { pass, planned: boarding.planned, sent: 0 });
                    return Ok(HeldPass { promise, gate: self });
                }
                Boarded::UsedUp => return Err(DoorError::UsedUp),
                // It had not when it was let in.
                Boarded::Ended => return Err(DoorError::Revoked),
                Boarded::Undecided => {
                    sleep(LOOK_AGAIN).await;
                    // What was reported by now is looked at, if it can be.
                    let _in_time = timeout_at(patience, self.ledger.settled()).await;
                }
            }
        }
    }
}
