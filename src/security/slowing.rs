//! Slows down whoever keeps failing.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::Timestamp;

/// How patient one is with failures.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Tries that may fail before anything is slowed.
    pub free: u32,
    /// The wait after those; it doubles with every further failure.
    pub first_wait: Duration,
    /// And grows no longer than this.
    pub longest_wait: Duration,
    /// After so long without a try all is forgotten.
    pub forgotten_after: Duration,
    /// How many are remembered. Beyond that, those are forgotten that were quiet for longest.
    pub remembered: usize,
}

/// Who has failed how often lately. Knows no clock: whoever asks brings the time.
///
/// A try counts as failed from its beginning until it is [forgiven](Slowing::forgive), so that a
/// thousand at once are not a thousand free ones.
#[derive(Debug)]
pub struct Slowing<K> {
    patience: Patience,
    failed: Mutex<HashMap<K, Failed>>,
}

#[derive(Debug, Clone, Copy)]
struct Failed {
    times: u32,
    last_at: Timestamp,
}

impl<K: Eq + Hash + Clone> Slowing<K> {
    /// Nobody has failed yet.
    pub fn new(patience: Patience) -> Self {
        Self { patience, failed: Mutex::default() }
    }

    /// `who` tries something at `now`.
    ///
    /// # Errors
    /// How long `who` has to wait before trying; nothing counts then.
    pub fn begin(&self, who: &K, now: Timestamp) -> Result<(), Duration> {
        let mut failed = self.lock();
        let known = failed.get(who).copied().filter(|known| !self.is_forgotten(known, now));
        let times = known.map_or(0, |known| known.times);
        if let Some(left) = known.and_then(|known| self.left(&known, now)) {
            // A clock that was put back must not make anybody wait for longer.
            failed.entry(who.clone()).and_modify(|known| known.last_at = known.last_at.min(now));
            return Err(left);
        }
        if !failed.contains_key(who) {
            self.make_room(&mut failed, now);
        }
        failed.insert(who.clone(), Failed { times: times.saturating_add(1), last_at: now });
        Ok(())
    }

    /// The try of `who` was right after all.
    pub fn forgive(&self, who: &K) {
        if let Some(known) = self.lock().get_mut(who) {
            known.times = known.times.saturating_sub(1);
        }
    }

    /// Whether `who` has failed lately.
    pub fn has_failed(&self, who: &K, now: Timestamp) -> bool {
        self.lock().get(who).is_some_and(|known| known.times > 0 && !self.is_forgotten(known, now))
    }

    /// How long `who` would have to wait at `now`, if at all.
    pub fn wait(&self, who: &K, now: Timestamp) -> Option<Duration> {
        let known = self.lock().get(who).copied()?;
        self.left(&known, now).filter(|_| !self.is_forgotten(&known, now))
    }

    /// How many are remembered.
    pub fn remembered(&self) -> usize {
        self.lock().len()
    }

    fn left(&self, known: &Failed, now: Timestamp) -> Option<Duration> {
        let beyond = known.times.checked_sub(self.patience.free)?;
        let doubled = 2u32.checked_pow(beyond).unwrap_or(u32::MAX);
        let wait = self.patience.first_wait.saturating_mul(doubled).min(self.patience.longest_wait);
        let left = wait.saturating_sub(now.since(known.last_at));
        (!left.is_zero()).then_some(left)
    }

    fn is_forgotten(&self, known: &Failed, now: Timestamp) -> bool {
        now.since(known.last_at) >= self.patience.forgotten_after
    }

    /// Room for one more: what is forgotten anyway goes first, then the quietest quarter.
    fn make_room(&self, failed: &mut HashMap<K, Failed>, now: Timestamp) {
        if failed.len() < self.patience.remembered {
            return;
        }
        failed.retain(|_, known| !self.is_forgotten(known, now));
        if failed.len() < self.patience.remembered {
            return;
        }
        let mut ages: Vec<_> = failed.values().map(|known| known.last_at).collect();
        let quarter = ages.len() / 4;
        let oldest = *ages.select_nth_unstable(quarter).1;
        failed.retain(|_, known| known.last_at > oldest);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Failed>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const PATIENCE: Patience = Patience {
        free: 3,
        first_wait: SECOND,
        longest_wait: Duration::from_secs(60),
        forgotten_after: Duration::from_secs(3600),
        remembered: 100,
    };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn waits_double_after_the_free_tries_up_to_the_longest() {
        let slowing = Slowing::new(PATIENCE);
        let mut now = at(0);
        for _ in 0..3 {
            assert_eq!(slowing.begin(&"eve", now), Ok(()));
        }
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(slowing.begin(&"eve", now), Err(SECOND * wait));
            now = now.plus(SECOND * wait);
            assert_eq!(slowing.begin(&"eve", now), Ok(()));
        }
        assert_eq!(slowing.begin(&"ada", now), Ok(()), "others do not wait");
        assert_eq!(slowing.begin(&"eve", now.plus(Duration::from_secs(3600))), Ok(()));
        assert!(!slowing.has_failed(&"eve", now.plus(Duration::from_secs(7200))));
    }

    #[test]
    fn what_was_right_does_not_count() {
        let slowing = Slowing::new(PATIENCE);
        for _ in 0..100 {
            assert_eq!(slowing.begin(&"ada", at(0)), Ok(()));
            slowing.forgive(&"ada");
        }
        assert!(!slowing.has_failed(&"ada", at(0)));
        assert_eq!(slowing.wait(&"ada", at(0)), None);
    }

    #[test]
    fn a_thousand_at_once_are_no_more_than_the_free_ones() {
        let slowing = Slowing::new(PATIENCE);
        let let_in = (0..1_000).filter(|_| slowing.begin(&"eve", at(0)).is_ok()).count();
        assert_eq!(let_in, 3);
    }

    #[test]
    fn a_clock_that_is_put_back_makes_nobody_wait_for_longer() {
        let slowing = Slowing::new(PATIENCE);
        (0..3).for_each(|_| assert_eq!(slowing.begin(&"eve", at(1_000_000)), Ok(())));
        assert_eq!(slowing.begin(&"eve", at(0)), Err(SECOND));
        assert_eq!(slowing.begin(&"eve", at(1_000)), Ok(()));
    }

    #[test]
    fn however_many_fail_only_so_many_are_remembered_and_the_latest_are() {
        let slowing = Slowing::new(PATIENCE);
        for who in 0..10_000 {
            assert_eq!(slowing.begin(&who, at(i64::from(who))), Ok(()));
            assert!(slowing.remembered() <= 100);
        }
        assert!(slowing.has_failed(&9_999, at(10_000)));
        // All at one instant: then all are equally old.
        for who in 0..10_000 {
            assert_eq!(slowing.begin(&who, at(20_000)), Ok(()));
            assert!(slowing.remembered() <= 100);
        }
    }
}
