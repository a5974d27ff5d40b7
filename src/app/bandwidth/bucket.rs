//! A rate, as what may leave at some instant.

use std::time::Duration;

use tokio::time::Instant;

/// What may come together while nobody takes it: so much of the time's worth.
pub const BURST: Duration = Duration::from_millis(50);
/// Bytes are counted in parts, so that no rate is rounded.
const PARTS: u128 = 1_000_000_000;

/// Bytes that may leave, as they come in at so many per second.
#[derive(Debug)]
pub struct Bucket {
    /// Bytes per second.
    rate: u64,
    /// Billionths of bytes.
    filled: u128,
    at: Instant,
}

impl Bucket {
    /// A full bucket for `rate` bytes per second.
    pub fn full(rate: u64, now: Instant) -> Self {
        let mut bucket = Self { rate, filled: 0, at: now };
        bucket.filled = bucket.most();
        bucket
    }

    /// Lets in what has come since the last time.
    pub fn refill(&mut self, now: Instant) {
        let since = now.saturating_duration_since(self.at);
        self.at = self.at.max(now);
        self.pour(u128::from(self.rate) * since.as_nanos());
    }

    /// Whole bytes that may leave.
    pub fn available(&self) -> u64 {
        u64::try_from(self.filled / PARTS).unwrap_or(u64::MAX)
    }

    /// The most that it ever has.
    pub fn depth(&self) -> u64 {
        u64::try_from(self.most() / PARTS).unwrap_or(u64::MAX)
    }

    /// Takes bytes out; no more than are [`available`](Self::available).
    pub fn take(&mut self, bytes: u64) {
        self.filled = self.filled.saturating_sub(u128::from(bytes) * PARTS);
    }

    /// Puts bytes back that were taken out and did not leave.
    pub fn put_back(&mut self, bytes: u64) {
        self.pour(u128::from(bytes) * PARTS);
    }

    fn pour(&mut self, parts: u128) {
        self.filled = self.filled.saturating_add(parts).min(self.most());
    }

    fn most(&self) -> u128 {
        // One byte more: else the slowest rates would never have a whole one, or lose its parts.
        u128::from(self.rate) * BURST.as_nanos() + PARTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rate_is_rounded_and_none_gets_more_than_a_burst() {
        let start = Instant::now();
        let second = |count: f64| start + Duration::from_secs_f64(count);
        let mut slow = Bucket::full(3, start);
        assert_eq!((slow.available(), slow.depth()), (1, 1), "even the slowest lets one byte through");
        let mut left = 0;
        for step in 1..=100 {
            left += slow.available();
            slow.take(slow.available());
            slow.refill(second(f64::from(step) * 0.05));
        }
        assert_eq!(left, 16, "three bytes a second for five seconds, and the one it began with");

        let mut fast = Bucket::full(1_000_000, start);
        assert_eq!(fast.available(), 50_001);
        fast.take(50_001);
        fast.refill(second(0.01));
        assert_eq!(fast.available(), 10_000);
        fast.refill(second(60.0));
        assert_eq!(fast.available(), 50_001, "what nobody took is gone");
        fast.put_back(1);
        assert_eq!(fast.available(), 50_001);
        fast.take(50_001);
        fast.refill(second(1.0));
        assert_eq!(fast.available(), 0, "time does not run backwards");
    }
}
