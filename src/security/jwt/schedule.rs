//! When keys are fetched again.

use std::time::Duration;

use crate::domain::Timestamp;

/// Between two looks when the provider does not say how long its keys are fresh, and the longest
/// for which it is believed: a key that it takes back is refused an hour later at the latest.
const USUAL: Duration = Duration::from_secs(3600);
/// A provider that says less is asked no more often.
const SHORTEST: Duration = Duration::from_secs(300);
/// Between two fetches that are owed to tokens which name an unknown key.
const UNKNOWN: Duration = Duration::from_secs(300);
/// After so many failures the pause grows no more: 64 s.
const MOST_DOUBLINGS: u32 = 6;

/// When a provider is asked, by the clock of the house.
#[derive(Debug)]
pub struct Schedule {
    next: Timestamp,
    failures: u32,
    asked_for_unknown: Option<Timestamp>,
    /// How many fetches have ended, whatever their end.
    pub ended: u64,
}

impl Schedule {
    /// A schedule that begins now.
    pub fn new(now: Timestamp) -> Self {
        Self { next: now, failures: 0, asked_for_unknown: None, ended: 0 }
    }

    /// Whether it is time.
    pub fn is_due(&self, now: Timestamp) -> bool {
        now >= self.next
    }

    /// Whether an unknown key is a reason to ask now; asking again within five minutes, it is
    /// none, however many unknown keys come along.
    pub fn admits_unknown(&mut self, now: Timestamp) -> bool {
        if self.asked_for_unknown.is_some_and(|asked| now < asked.plus(UNKNOWN)) {
            return false;
        }
        self.asked_for_unknown = Some(now);
        true
    }

    /// A fetch that ended at `now` brought keys, fresh for `max_age`.
    pub fn succeeded(&mut self, now: Timestamp, max_age: Option<Duration>) {
        self.failures = 0;
        self.next = now.plus(max_age.unwrap_or(USUAL).clamp(SHORTEST, USUAL));
        self.ended += 1;
    }

    /// A fetch that ended at `now` brought none.
    pub fn failed(&mut self, now: Timestamp) {
        self.next = now.plus(Duration::from_secs(1 << self.failures.min(MOST_DOUBLINGS)));
        self.failures += 1;
        self.ended += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_763_683_200_000);

    fn next_after(max_age: Option<u64>) -> u64 {
        let mut schedule = Schedule::new(NOW);
        schedule.succeeded(NOW, max_age.map(Duration::from_secs));
        schedule.next.since(NOW).as_secs()
    }

    #[test]
    fn keys_are_fetched_hourly_or_as_their_provider_says_within_bounds() {
        assert!(Schedule::new(NOW).is_due(NOW));
        for (max_age, seconds) in
            [(None, 3600), (Some(900), 900), (Some(0), 300), (Some(1), 300), (Some(86_400), 3600)]
        {
            assert_eq!(next_after(max_age), seconds, "{max_age:?}");
        }
    }

    #[test]
    fn a_provider_that_fails_is_asked_again_soon_and_then_less_often() {
        let mut schedule = Schedule::new(NOW);
        let pauses: Vec<u64> = (0..9)
            .map(|_| {
                schedule.failed(NOW);
                schedule.next.since(NOW).as_secs()
            })
            .collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
        schedule.succeeded(NOW, None);
        schedule.failed(NOW);
        assert_eq!(schedule.next.since(NOW).as_secs(), 1);
    }

    #[test]
    fn unknown_keys_are_a_reason_once_in_five_minutes() {
        let mut schedule = Schedule::new(NOW);
        assert!(schedule.admits_unknown(NOW));
        for millis in [0, 1, 299_999] {
            assert!(!schedule.admits_unknown(NOW.plus(Duration::from_millis(millis))), "{millis}");
        }
        assert!(schedule.admits_unknown(NOW.plus(UNKNOWN)));
        assert!(!schedule.admits_unknown(NOW.plus(UNKNOWN)));
    }
}
