//! What one user may use, and what is left of it.
//!
//! What is used is counted in a window that slides: what was used at `t` comes back at `t` plus
//! the window, neither sooner nor later.

use std::ops::{Index, IndexMut};
use std::time::Duration;

use super::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// Something that each user may have so much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Exports asked for in an hour; an answer by an export that was there is none.
    ExportsPerHour,
    /// Exports asked for in a day.
    ExportsPerDay,
    /// Downloads begun in a minute, however many requests each takes.
    DownloadsPerMinute,
    /// Bytes sent in a day, by the user's links too.
    DownloadBytesPerDay,
    /// Bytes of packages that can be downloaded.
    UserStorage,
    /// Jobs that run at a time.
    JobsPerUser,
}

/// What a policy counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Requests.
    Requests,
    /// Bytes.
    Bytes,
    /// Jobs at a time.
    Jobs,
}

impl Policy {
    /// All of them, in the order in which people read them.
    pub const ALL: [Self; 6] = [
        Self::ExportsPerHour,
        Self::ExportsPerDay,
        Self::DownloadsPerMinute,
        Self::DownloadBytesPerDay,
        Self::UserStorage,
        Self::JobsPerUser,
    ];
    /// Those that a new export is charged to.
    pub const OF_EXPORTS: [Self; 2] = [Self::ExportsPerHour, Self::ExportsPerDay];

    /// As columns and metrics have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExportsPerHour => "exports_per_hour",
            Self::ExportsPerDay => "exports_per_day",
            Self::DownloadsPerMinute => "downloads_per_minute",
            Self::DownloadBytesPerDay => "download_bytes_per_day",
            Self::UserStorage => "user_storage",
            Self::JobsPerUser => "jobs_per_user",
        }
    }

    /// The setting that holds it.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::ExportsPerHour => "limits.exports_per_hour",
            Self::ExportsPerDay => "limits.exports_per_day",
            Self::DownloadsPerMinute => "limits.downloads_per_minute",
            Self::DownloadBytesPerDay => "limits.download_bytes_per_day",
            Self::UserStorage => "limits.user_storage",
            Self::JobsPerUser => "jobs.per_user",
        }
    }

    /// What it counts.
    pub const fn unit(self) -> Unit {
        match self {
            Self::ExportsPerHour | Self::ExportsPerDay | Self::DownloadsPerMinute => Unit::Requests,
            Self::DownloadBytesPerDay | Self::UserStorage => Unit::Bytes,
            Self::JobsPerUser => Unit::Jobs,
        }
    }

    /// After how long what was used comes back; `None` where it is what there is now that counts.
    pub const fn window(self) -> Option<Duration> {
        match self {
            Self::ExportsPerHour => Some(HOUR),
            Self::ExportsPerDay | Self::DownloadBytesPerDay => Some(DAY),
            Self::DownloadsPerMinute => Some(MINUTE),
            Self::UserStorage | Self::JobsPerUser => None,
        }
    }
}

/// How much somebody may have of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// This much and no more.
    AtMost(u64),
    /// As much as there is.
    Unlimited,
}

impl Limit {
    /// The number, if there is one.
    pub const fn most(self) -> Option<u64> {
        match self {
            Self::AtMost(most) => Some(most),
            Self::Unlimited => None,
        }
    }
}

impl From<Option<u64>> for Limit {
    fn from(most: Option<u64>) -> Self {
        most.map_or(Self::Unlimited, Self::AtMost)
    }
}

/// One `T` for each policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PerPolicy<T>([T; 6]);

impl<T> PerPolicy<T> {
    /// What `of` says of each.
    pub fn from_fn(mut of: impl FnMut(Policy) -> T) -> Self {
        Self(Policy::ALL.map(&mut of))
    }

    /// Each with its policy.
    pub fn iter(&self) -> impl Iterator<Item = (Policy, &T)> {
        Policy::ALL.into_iter().zip(&self.0)
    }
}

impl<T> Index<Policy> for PerPolicy<T> {
    type Output = T;

    fn index(&self, policy: Policy) -> &T {
        &self.0[policy as usize]
    }
}

impl<T> IndexMut<Policy> for PerPolicy<T> {
    fn index_mut(&mut self, policy: Policy) -> &mut T {
        &mut self.0[policy as usize]
    }
}

/// Every limit that is in force for somebody.
pub type Limits = PerPolicy<Limit>;
/// What is set for somebody; of the rest nothing is said.
pub type SetLimits = PerPolicy<Option<Limit>>;

impl Limits {
    /// No limit at all.
    pub fn none() -> Self {
        Self::from_fn(|_| Limit::Unlimited)
    }

    /// These, but for what is `set`.
    #[must_use]
    pub fn but(&self, set: &SetLimits) -> Self {
        Self::from_fn(|policy| set[policy].unwrap_or(self[policy]))
    }
}

/// How much of a limit is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Of which policy.
    pub policy: Policy,
    /// How much there may be.
    pub limit: u64,
    /// How much is used.
    pub used: u64,
    /// When some of it comes back; `None` when nothing is used, or nobody knows.
    pub comes_back: Option<Timestamp>,
}

impl Allowance {
    /// How much may still be used.
    pub const fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

/// A limit has been reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The limit that keeps longest.
    pub reached: Allowance,
    /// When the same would be let through, as far as that can be told.
    pub retry_at: Timestamp,
    /// That one and the others that were looked at.
    pub looked_at: Vec<Allowance>,
    /// When it was refused.
    pub now: Timestamp,
}

impl Refusal {
    /// What keeps longest of what was looked at, each with the instant at which it would let the
    /// same through; `None` if all of it does.
    pub fn of(looked_at: &[(Allowance, Option<Timestamp>)], now: Timestamp) -> Option<Self> {
        let refusing = looked_at.iter().filter_map(|(allowance, retry_at)| Some((allowance, (*retry_at)?)));
        let (reached, retry_at) = refusing.max_by_key(|(_, retry_at)| *retry_at)?;
        let looked_at = looked_at.iter().map(|(allowance, _)| *allowance).collect();
        Some(Self { reached: *reached, retry_at, looked_at, now })
    }

    /// How long to wait, in whole seconds, rounded up: whoever comes back then is not too early.
    pub fn retry_after_seconds(&self) -> u64 {
        let wait = self.retry_at.since(self.now).as_millis().div_ceil(1000);
        u64::try_from(wait).unwrap_or(u64::MAX).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_763_683_200_000);

    fn used_up(policy: Policy, wait: Duration) -> (Allowance, Option<Timestamp>) {
        let comes_back = Some(NOW.plus(wait));
        (Allowance { policy, limit: 1, used: 1, comes_back }, comes_back)
    }

    #[test]
    fn every_policy_has_its_place_and_what_is_set_for_one_leaves_the_others() {
        let configured = Limits::from_fn(|policy| Limit::AtMost(policy as u64));
        for (policy, limit) in configured.iter() {
            assert_eq!(*limit, Limit::AtMost(policy as u64), "{policy:?}");
        }
        let mut set = SetLimits::default();
        set[Policy::UserStorage] = Some(Limit::Unlimited);
        let limits = configured.but(&set);
        assert_eq!(limits[Policy::UserStorage], Limit::Unlimited);
        assert_eq!(limits[Policy::JobsPerUser], configured[Policy::JobsPerUser]);
    }

    #[test]
    fn of_two_limits_that_are_reached_the_one_that_keeps_longer_is_told() {
        let both = [used_up(Policy::ExportsPerHour, HOUR), used_up(Policy::ExportsPerDay, DAY)];
        let refusal = Refusal::of(&both, NOW).expect("refused");
        assert_eq!((refusal.reached.policy, refusal.looked_at.len()), (Policy::ExportsPerDay, 2));
        assert_eq!(refusal.retry_after_seconds(), 86_400);
        let (free, _) = used_up(Policy::ExportsPerHour, HOUR);
        assert_eq!(Refusal::of(&[(free, None)], NOW), None);
    }

    #[test]
    fn whoever_waits_as_long_as_told_is_not_too_early() {
        let wait = |millis| {
            let reached = used_up(Policy::ExportsPerHour, Duration::from_millis(millis));
            Refusal::of(&[reached], NOW).expect("refused").retry_after_seconds()
        };
        assert_eq!([wait(0), wait(1), wait(1000), wait(1001)], [1, 1, 1, 2]);
    }
}
