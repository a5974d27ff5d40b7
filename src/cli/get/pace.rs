//! So many bytes a second and no more, however many connections bring them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// A rate that all connections of a download keep together; or none.
///
/// Each byte that came is paid for in time before the next is read, so that the kernel's buffers
/// fill and the sender slows down.
#[derive(Debug)]
pub struct Pace {
    /// Bytes per second.
    rate: Option<u64>,
    paid_until: Mutex<Option<Instant>>,
}

impl Pace {
    /// This rate, in bytes per second; `None` is as fast as can be.
    pub fn new(rate: Option<u64>) -> Self {
        Self { rate: rate.filter(|rate| *rate > 0), paid_until: Mutex::new(None) }
    }

    /// These bytes came: waits until the next may be read.
    pub async fn keep(&self, bytes: usize) {
        if let Some(until) = self.due(bytes, Instant::now()) {
            sleep_until(until).await;
        }
    }

    /// When bytes that came `now` are paid for. What was not used before `now` is not saved up.
    fn due(&self, bytes: usize, now: Instant) -> Option<Instant> {
        let cost = Duration::from_secs_f64(bytes as f64 / self.rate? as f64);
        let mut paid_until = self.paid_until.lock().unwrap_or_else(PoisonError::into_inner);
        let until = paid_until.unwrap_or(now).max(now) + cost;
        *paid_until = Some(until);
        Some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_connections_together_keep_the_rate() {
        let (pace, now) = (Pace::new(Some(1000)), Instant::now());
        let after = |pace: &Pace, bytes, at| pace.due(bytes, at).map(|until| until - now);
        assert_eq!(after(&pace, 500, now), Some(Duration::from_millis(500)));
        assert_eq!(after(&pace, 500, now), Some(Duration::from_secs(1)), "another connection's");
        let later = now + Duration::from_secs(9);
        assert_eq!(after(&pace, 1000, later), Some(Duration::from_secs(10)), "nothing is saved up");
        assert_eq!(after(&Pace::new(None), 1 << 30, now), None);
    }
}
