//! Many requests at once: all of them can be meant, or none is carried out.

use crate::domain::{Caller, Origin};

use super::requesting::format_of;
use super::{Exports, RequestError, Requested, Wanted};

/// Some requests of a batch cannot be meant; nothing was done about any.
#[derive(Debug, thiserror::Error)]
#[error("{} of the items cannot be accepted", .0.len())]
pub struct Unacceptable(pub Vec<(usize, RequestError)>);

impl Exports {
    /// Asks for several exports, in this order. What may keep one from being made (there is no such
    /// project, a limit is reached) keeps no other.
    ///
    /// # Errors
    /// [`Unacceptable`] when something is wrong with a request itself: then none is carried out.
    pub async fn request_all(
        &self,
        caller: &Caller,
        batch: Vec<Wanted>,
        origin: &Origin,
    ) -> Result<Vec<Result<Requested, RequestError>>, Unacceptable> {
        let mut unacceptable = Vec::new();
        for (place, wanted) in batch.iter().enumerate() {
            if let Some(error) = self.objection(caller, wanted).await {
                unacceptable.push((place, error));
            }
        }
        if !unacceptable.is_empty() {
            return Err(Unacceptable(unacceptable));
        }
        let mut results = Vec::with_capacity(batch.len());
        for wanted in batch {
            results.push(self.request(caller, wanted, origin.clone()).await);
        }
        Ok(results)
    }

    /// What is wrong with a request itself, whatever the server's state.
    async fn objection(&self, caller: &Caller, wanted: &Wanted) -> Option<RequestError> {
        let format = match format_of(wanted) {
            Ok(format) => format,
            Err(error) => return Some(error),
        };
        let now = self.clock.now();
        let pinned = self.pinned(caller, wanted, now).await;
        let judged = self.judged(caller, wanted.clone(), format, pinned, Origin::default(), now).await;
        judged.err().filter(is_in_the_request)
    }
}

fn is_in_the_request(error: &RequestError) -> bool {
    use RequestError as E;
    match error {
        E::VersionNotFound { .. }
        | E::UnsupportedFormat { .. }
        | E::BadGlob(_)
        | E::Retention(_)
        | E::NoDataOf(_)
        | E::NoDataSet(_)
        | E::Misfits(_) => true,
        E::Export(_)
        | E::ProjectNotFound(_)
        | E::NoFolder(_)
        | E::NotPermitted { .. }
        | E::NotYours(_)
        | E::Refused(_)
        | E::PriorityNotAllowed(_)
        | E::NotRetryable(_)
        | E::DiskFull
        | E::Source(_)
        | E::Store(_)
        | E::Storage(_) => false,
    }
}
