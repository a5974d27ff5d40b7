//! When something was last used: written down now and then, and never waited for.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::db::StoreError;
use crate::domain::Timestamp;

/// As often as a use of the same thing is written down.
const EVERY: Duration = Duration::from_secs(60);
/// Of so many things it is remembered that this was done just now.
const REMEMBERED: usize = 10_000;

/// Which uses this process has written down within the last minute.
#[derive(Debug)]
pub struct Uses<K>(Mutex<HashMap<K, Timestamp>>);

impl<K: Eq + Hash + Copy> Uses<K> {
    /// None yet.
    pub fn new() -> Self {
        Self(Mutex::default())
    }

    /// Has a use of `what` at `now` written down by `write`, unless one of the last minute was, as
    /// its row says or this process knows. Whoever used it does not wait, and does not hear of it
    /// when it fails: then the next use is written down.
    pub fn write_down<W>(&self, what: K, known: Option<Timestamp>, now: Timestamp, write: W)
    where
        W: Future<Output = Result<(), StoreError>> + Send + 'static,
    {
        if !known.is_none_or(|known| is_old(known, now)) || !self.is_due(what, now) {
            return;
        }
        tokio::spawn(async move {
            if let Err(error) = write.await {
                tracing::debug!(%error, "a use of a credential was not written down");
            }
        });
    }

    fn is_due(&self, what: K, now: Timestamp) -> bool {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if written.get(&what).is_some_and(|at| !is_old(*at, now)) {
            return false;
        }
        if written.len() >= REMEMBERED {
            written.retain(|_, at| !is_old(*at, now));
        }
        // With more in use than that within a minute, some are written down a minute later.
        let is_room = written.len() < REMEMBERED || written.contains_key(&what);
        if is_room {
            written.insert(what, now);
        }
        is_room
    }
}

/// A clock that was put back makes nothing wait.
fn is_old(at: Timestamp, now: Timestamp) -> bool {
    now < at || now.since(at) >= EVERY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_use_is_due_once_a_minute_and_memory_is_bounded() {
        let (uses, at) = (Uses::new(), Timestamp::from_millis);
        assert!(uses.is_due(7, at(0)) && !uses.is_due(7, at(59_999)) && uses.is_due(7, at(60_000)));
        assert!(uses.is_due(7, at(0)), "the clock was put back");
        for what in 0..100_000 {
            uses.is_due(what, at(100_000));
        }
        assert!(uses.0.lock().expect("nobody panicked").len() <= REMEMBERED);
        assert!(uses.is_due(100_001, at(160_000)), "room again");
    }
}
