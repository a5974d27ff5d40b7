//! What time it is: the machine's, or one that a test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use crate::domain::Timestamp;

/// The wall clock, shared by every room of one house.
///
/// Tests put it forward to see packages expire; nothing else moves it. Waiting (`sleep`,
/// timeouts) always goes by the machine's own monotonic clock.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead_millis: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that shows the machine's time.
    pub fn system() -> Self {
        Self::default()
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        let machine = Timestamp::from(SystemTime::now()).millis();
        Timestamp::from_millis(machine + self.ahead_millis.load(Ordering::Relaxed))
    }

    /// Puts this clock, and every clone of it, forward.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 4);
        self.ahead_millis.fetch_add(millis, Ordering::Relaxed);
    }
}
