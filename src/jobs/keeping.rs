//! A package that is being downloaded is kept for a while: whoever pauses, or has eight pieces to
//! fetch, is not cut off by its expiry.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::domain::{ExportId, Status, Timestamp};

use super::download::WINDOW;
use super::works::Works;

/// While bytes leave, the expiry is put off no more often than this: so the last byte is at most
/// so much less than [`WINDOW`] before it.
const AGAIN: Duration = Duration::from_secs(5);

/// What is known of the packages that are being downloaded.
#[derive(Debug, Default)]
pub struct Keeping {
    known: HashMap<ExportId, Kept>,
}

#[derive(Debug, Clone, Copy)]
struct Kept {
    expires_at: Timestamp,
    /// It cannot be put off any more.
    is_final: bool,
    asked_at: Timestamp,
}

impl Keeping {
    /// Sees to it that `busy` packages can be gone on with for [`WINDOW`] from now, as far as
    /// `retention.max` allows. What expires earlier or is no more is left alone; what the
    /// database does not answer is asked again with the next bytes.
    pub async fn keep(&mut self, works: &Works, busy: HashSet<ExportId>) {
        let now = works.parts.clock.now();
        self.known.retain(|_, kept| now.since(kept.asked_at) <= WINDOW);
        for export in busy {
            if self.known.get(&export).is_none_or(|kept| kept.is_due(now)) {
                match put_off(works, export, now).await {
                    Ok(Some(kept)) => drop(self.known.insert(export, kept)),
                    Ok(None) => drop(self.known.remove(&export)),
                    Err(error) => {
                        tracing::warn!(export.id = %export, %error, "its expiry is not put off yet; trying again");
                    }
                }
            }
        }
    }
}

impl Kept {
    fn is_due(&self, now: Timestamp) -> bool {
        !self.is_final && self.expires_at < now.plus(WINDOW) && now.since(self.asked_at) >= AGAIN
    }
}

/// How long `export` is kept from now on; `None` when it is not there to be kept.
async fn put_off(
    works: &Works,
    export: ExportId,
    now: Timestamp,
) -> Result<Option<Kept>, crate::db::StoreError> {
    let Some(row) = works.rows.find(export).await? else { return Ok(None) };
    let (Status::Completed, Some(expires_at)) = (row.status_at(now), row.expires_at) else { return Ok(None) };
    let kept = Kept { expires_at, is_final: false, asked_at: now };
    let until = now.plus(WINDOW);
    if expires_at >= until {
        return Ok(Some(kept));
    }
    let longest = works.tuned.borrow().longest;
    match works.rows.keep(export, until, longest, now).await? {
        Some(expires_at) => {
            works.parts.bell.ring_for(export);
            tracing::debug!(export.id = %export, "its expiry is put off while it is downloaded");
            Ok(Some(Kept { expires_at, is_final: expires_at < until, ..kept }))
        }
        None => Ok(Some(Kept { is_final: true, ..kept })),
    }
}
