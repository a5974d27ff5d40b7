//! The same to many exports at once: each as if it had been asked for alone.

use std::time::Duration;

use crate::db::Filter;
use crate::domain::{Caller, Export, ExportId, Origin, Status, expires_at};

use super::{ExportError, Exports, RequestError, Requested};

/// Exports that something is done to at a call.
pub const MOST_AT_ONCE: usize = 1_000;
/// Exports of which more is told than their number.
const SAMPLE: usize = 20;

/// What is done to exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// They are stopped.
    Cancel,
    /// They are asked for once more.
    Retry,
    /// Their packages are deleted.
    Delete,
    /// Their packages are kept for so long from now on; as [`Exports::extend`] has it.
    Extend(Option<Duration>),
}

/// To which exports it is done.
#[derive(Debug, Clone)]
pub enum Which {
    /// To these.
    These(Vec<ExportId>),
    /// To all that this lets through and to which it can be done, the oldest first.
    All(Filter),
}

/// What was done, or would be.
#[derive(Debug)]
pub struct Acted {
    /// How many exports there are to which it can be done.
    pub matching: u64,
    /// How many of these were left for another call.
    pub remaining: u64,
    /// To which it was done, in this order.
    pub done: Vec<Did>,
    /// The first of those to which it can be done, as they stand now.
    pub sample: Vec<Export>,
    /// To which it could not be done, and why.
    pub failed: Vec<(ExportId, RequestError)>,
}

/// One export to which it was done.
#[derive(Debug)]
pub struct Did {
    /// Which.
    pub id: ExportId,
    /// What it was asked for again as, if that was done.
    pub again: Option<Requested>,
}

impl Deed {
    /// Where exports stand to which it can be done.
    const fn statuses(self) -> &'static [Status] {
        match self {
            Self::Cancel => &[Status::Scheduled, Status::Queued, Status::Processing, Status::Cancelling],
            Self::Retry => &[Status::Failed, Status::Cancelled, Status::Expired],
            Self::Delete | Self::Extend(_) => &[Status::Completed],
        }
    }

    /// What of `filter` it can be done to; `None` if that is nothing. What was asked for again is not
    /// asked for a third time, however often the same is said.
    fn narrowed(self, mut filter: Filter) -> Option<Filter> {
        let mut statuses = self.statuses().to_vec();
        if !filter.statuses.is_empty() {
            statuses.retain(|status| filter.statuses.contains(status));
        }
        filter.unretried = self == Self::Retry;
        filter.statuses = statuses;
        (!filter.statuses.is_empty()).then_some(filter)
    }
}

impl Exports {
    /// Does `deed` to at most [`MOST_AT_ONCE`] exports, one after the other, each with the permission,
    /// the limits and the charge that it has alone; what cannot be done to one keeps no other. Changes
    /// nothing if it is only `tried`.
    ///
    /// # Errors
    /// When nothing could be done to any: the caller asks for another's exports, or packages may not be
    /// kept for so long; or [`ExportError::Store`].
    pub async fn act(
        &self,
        caller: &Caller,
        deed: Deed,
        which: Which,
        tried: bool,
        origin: &Origin,
    ) -> Result<Acted, ExportError> {
        if let Deed::Extend(Some(lifetime)) = deed {
            expires_at(self.clock.now(), lifetime, self.config.load().max)?;
        }
        let (chosen, matching, mut failed) = match which {
            Which::These(ids) => self.these(caller, deed, ids).await,
            Which::All(filter) => self.all(caller, deed, filter).await?,
        };
        let remaining = matching - chosen.len() as u64;
        let mut done = Vec::new();
        for export in chosen.iter().filter(|_| !tried) {
            match self.act_on(caller, deed, export.id, origin).await {
                Ok(again) => done.push(Did { id: export.id, again }),
                Err(error) => failed.push((export.id, error)),
            }
        }
        let mut sample = Vec::new();
        for export in chosen.into_iter().take(SAMPLE) {
            sample.push(if tried { export } else { self.show(caller, export.id).await.unwrap_or(export) });
        }
        Ok(Acted { matching, remaining, done, sample, failed })
    }

    async fn act_on(
        &self,
        caller: &Caller,
        deed: Deed,
        id: ExportId,
        origin: &Origin,
    ) -> Result<Option<Requested>, RequestError> {
        match deed {
            Deed::Cancel => drop(self.cancel(caller, id).await?),
            Deed::Retry => return Ok(Some(self.retry(caller, id, origin.clone()).await?)),
            Deed::Delete => self.delete(caller, id).await?,
            Deed::Extend(lifetime) => drop(self.extend(caller, id, lifetime).await?),
        }
        Ok(None)
    }

    /// Those of `ids` to which it can be done, each once; and why not to the others.
    async fn these(
        &self,
        caller: &Caller,
        deed: Deed,
        ids: Vec<ExportId>,
    ) -> (Vec<Export>, u64, Vec<(ExportId, RequestError)>) {
        let (mut chosen, mut failed) = (Vec::<Export>::new(), Vec::new());
        for id in ids {
            if chosen.iter().any(|export| export.id == id) {
                continue;
            }
            match self.show(caller, id).await {
                Ok(export) => match self.objection_to(deed, &export).await {
                    None => chosen.push(export),
                    Some(error) => failed.push((id, error)),
                },
                Err(error) => failed.push((id, error.into())),
            }
        }
        let matching = chosen.len() as u64;
        (chosen, matching, failed)
    }

    async fn all(
        &self,
        caller: &Caller,
        deed: Deed,
        filter: Filter,
    ) -> Result<(Vec<Export>, u64, Vec<(ExportId, RequestError)>), ExportError> {
        let filter = theirs(caller, filter)?;
        let Some(filter) = deed.narrowed(filter) else { return Ok((Vec::new(), 0, Vec::new())) };
        self.ledger.settled().await;
        let rows = self.rows.acting_for(caller);
        let (chosen, matching) = rows.oldest(&filter, MOST_AT_ONCE as u64, self.clock.now()).await?;
        Ok((chosen, matching, Vec::new()))
    }

    /// Why it cannot be done to `export` where that stands, as the single call would say.
    async fn objection_to(&self, deed: Deed, export: &Export) -> Option<RequestError> {
        let status = export.status_at(self.clock.now());
        match deed {
            _ if deed.statuses().contains(&status) => None,
            // Without a package there is nothing to delete, which is no fault.
            Deed::Delete if !status.is_active() => None,
            Deed::Retry if status == Status::Completed && !self.has_what_it_promises(export).await => None,
            Deed::Cancel => Some(ExportError::NotCancellable(status).into()),
            Deed::Retry => Some(RequestError::NotRetryable(status)),
            Deed::Delete => Some(ExportError::StillActive(status).into()),
            Deed::Extend(_) => Some(ExportError::NotKept(status).into()),
        }
    }
}

/// What of `filter` is for `caller`: their own exports, or for an admin everyone's.
///
/// # Errors
/// [`ExportError::Foreign`] when a user asks for another's.
pub(super) fn theirs(caller: &Caller, mut filter: Filter) -> Result<Filter, ExportError> {
    if !caller.is_admin() {
        let own = filter.owner.get_or_insert_with(|| caller.user.clone());
        if *own != caller.user {
            return Err(ExportError::Foreign);
        }
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_asked_for_only_that_is_meant_to_which_it_can_be_done() {
        let asked = |statuses: &[Status]| Filter { statuses: statuses.to_vec(), ..Filter::default() };
        let narrowed = Deed::Retry.narrowed(asked(&[])).expect("some");
        assert_eq!(narrowed.statuses, [Status::Failed, Status::Cancelled, Status::Expired]);
        assert!(narrowed.unretried);
        let narrowed = Deed::Cancel.narrowed(asked(&[Status::Queued, Status::Failed])).expect("some");
        assert_eq!((narrowed.statuses.as_slice(), narrowed.unretried), (&[Status::Queued][..], false));
        assert_eq!(Deed::Delete.narrowed(asked(&[Status::Failed])), None, "not everything instead");
    }
}
