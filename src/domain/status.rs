//! Where an export stands, and where it may go from there.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where an export stands.
///
/// ```text
/// scheduled ─► queued ─► processing ─► completed ─► expired
///     │           │  ▲        │  │
///     │           │  └────────┘  ├──► failed          (a rescue, a retry: back to queued)
///     └───────────┴► cancelled ◄─┴─ cancelling
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Asked for, to be queued at its `run_at`.
    Scheduled,
    /// Waiting for a slot.
    Queued,
    /// A worker holds its lease.
    Processing,
    /// Its package can be downloaded until it expires.
    Completed,
    /// Its package is gone, for good.
    Expired,
    /// No attempt made a package, and none will be made.
    Failed,
    /// Asked to stop; its worker has not confirmed yet.
    Cancelling,
    /// Stopped before it had a package.
    Cancelled,
}

impl Status {
    /// Every status, in the order of a life.
    pub const ALL: [Self; 8] = [
        Self::Scheduled,
        Self::Queued,
        Self::Processing,
        Self::Cancelling,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The word in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of that word; `pending`, an earlier system's word for queued, is understood.
    pub fn parse(word: &str) -> Option<Self> {
        if word == "pending" {
            return Some(Self::Queued);
        }
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether work is still to be done: neither a package nor an end yet.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Scheduled | Self::Queued | Self::Processing | Self::Cancelling)
    }

    /// Whether an identical request is answered with this export instead of a new one.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Scheduled | Self::Queued | Self::Processing | Self::Completed)
    }

    /// Whether an export may go from here to `next` in one step.
    pub const fn may_become(self, next: Self) -> bool {
        use Status::{Cancelled, Cancelling, Completed, Expired, Failed, Processing, Queued, Scheduled};
        matches!(
            (self, next),
            (Scheduled, Queued | Cancelled)
                | (Queued, Processing | Cancelled)
                | (Processing, Queued | Completed | Failed | Cancelling)
                | (Cancelling, Cancelled)
                | (Completed, Expired)
        )
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_and_an_earlier_systems_too() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        assert_eq!(Status::parse("pending"), Some(Status::Queued));
        assert_eq!(Status::parse("done"), None);
    }

    #[test]
    fn nothing_leaves_its_end_except_that_packages_expire() {
        for end in [Status::Failed, Status::Cancelled, Status::Expired] {
            assert!(Status::ALL.into_iter().all(|next| !end.may_become(next)), "{end}");
        }
        let after_completion: Vec<_> =
            Status::ALL.into_iter().filter(|next| Status::Completed.may_become(*next)).collect();
        assert_eq!(after_completion, [Status::Expired]);
    }

    #[test]
    fn work_that_is_not_live_can_only_be_work_that_is_being_cancelled() {
        for status in Status::ALL {
            assert_eq!(status.is_active() && !status.is_live(), status == Status::Cancelling);
        }
    }
}
