//! Which download of a link's limit a request belongs to: settled before its first byte.

use std::ops::Range;

use tracing::Instrument;

use crate::db::Boarding;
use crate::domain::Receiver;

use super::door_error::DoorError;
use super::gate::HeldPass;
use super::link_door::{Admitted, LinkDoor};
use super::visitor::visitor;

impl LinkDoor {
    /// Settles which download a request belongs to that would send the bytes of `planned`, of a
    /// package of `size`, by a link that allows so many downloads. `None` when the link allows any
    /// number, or nothing would be sent.
    ///
    /// # Errors
    /// [`DoorError::UsedUp`]; [`DoorError::Revoked`] when the link ended just now.
    pub async fn board(
        &self,
        admitted: &Admitted,
        to: &Receiver,
        size: u64,
        planned: Vec<Range<u64>>,
    ) -> Result<Option<HeldPass>, DoorError> {
        if !admitted.is_limited() {
            return Ok(None);
        }
        let gate = self.gate().clone();
        let (link, visitor, holder) = (admitted.link(), visitor(admitted.link(), to), gate.store);
        if planned.is_empty() {
            // A look takes nothing, but is told what a download would be.
            let known = if admitted.is_used_up() { gate.known(link, &visitor).await } else { Ok(()) };
            return known.map(|()| None).inspect_err(|error| self.count(error));
        }
        let boarding = Boarding { link, visitor, planned, size, holder };
        let settling = tokio::spawn(gate.pass(boarding, admitted.is_used_up()).in_current_span());
        let settled = settling.await.map_err(|_| DoorError::Busy).flatten();
        settled.map(Some).inspect_err(|error| self.count(error))
    }
}
