//! How long a failed attempt waits for the next.

use std::time::Duration;

/// However often it failed, an attempt waits no longer than this.
const LONGEST: Duration = Duration::from_secs(600);

/// The wait after attempt number `attempt` (1 is the first) failed: `base` ×4 for every attempt
/// before it, ±20 %, at most ten minutes.
///
/// `dice` in 0..1 chooses within the ±20 %, so that exports which failed together, as when a
/// disk was full, do not come back together.
pub fn backoff(base: Duration, attempt: u32, dice: f64) -> Duration {
    let grown = base.saturating_mul(4u32.saturating_pow(attempt.saturating_sub(1)));
    grown.min(LONGEST).mul_f64(0.8 + 0.4 * dice).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_fourfold_up_to_ten_minutes() {
        let base = Duration::from_secs(2);
        let middle = |attempt| backoff(base, attempt, 0.5).as_secs_f64().round();
        assert_eq!([middle(1), middle(2), middle(3)], [2.0, 8.0, 32.0]);
        assert_eq!(backoff(base, 40, 1.0), LONGEST);
    }

    #[test]
    fn the_dice_move_a_wait_by_a_fifth_at_most() {
        let base = Duration::from_secs(10);
        assert_eq!(backoff(base, 1, 0.0), Duration::from_secs(8));
        assert_eq!(backoff(base, 1, 1.0), Duration::from_secs(12));
    }
}
