//! When packages stop being there.

use std::time::Duration;

use super::Timestamp;

/// Why a lifetime is not granted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RetentionError {
    /// Longer than the operator's ceiling.
    #[error("packages are kept for at most {} seconds, not {}", longest.as_secs(), lifetime.as_secs())]
    TooLong {
        /// What was asked for.
        lifetime: Duration,
        /// `retention.max`.
        longest: Duration,
    },
}

/// When a package completed at `completed_at` stops being downloadable.
///
/// `lifetime` is wall-clock time; the instant itself is already expired
/// (half-open `[completed_at, expires_at)`), so `Cache-Control: max-age` and 410 agree.
///
/// # Errors
/// [`RetentionError::TooLong`] if `lifetime` exceeds `longest`, the operator's ceiling.
///
/// Source: RFC 9111 §4.2 (freshness is strictly less than lifetime).
pub fn expires_at(
    completed_at: Timestamp,
    lifetime: Duration,
    longest: Duration,
) -> Result<Timestamp, RetentionError> {
    if lifetime > longest {
        return Err(RetentionError::TooLong { lifetime, longest });
    }
    Ok(completed_at.plus(lifetime))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_counts_from_completion_up_to_the_ceiling() {
        let (done, day) = (Timestamp::from_millis(1_000), Duration::from_secs(86_400));
        assert_eq!(expires_at(done, day, day), Ok(Timestamp::from_millis(86_401_000)));
        assert!(expires_at(done, day + Duration::from_secs(1), day).is_err());
    }
}
