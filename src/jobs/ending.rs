//! How an attempt ends: a plain decision, made apart from its carrying out.

use std::time::Duration;

use crate::domain::{Failure, FailureCode, Package, Warning};
use crate::packaging::{LoadError, PackError};
use crate::storage::StorageError;

/// A package that was published, and what it had to leave out.
#[derive(Debug)]
pub struct Made {
    /// The package.
    pub package: Package,
    /// What it had to leave out or change.
    pub warnings: Vec<Warning>,
}

/// Why an attempt made nothing.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// The source could not be opened or packed.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The package could not be written.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The code that packs panicked.
    #[error("the packer panicked")]
    Panicked,
}

impl From<LoadError> for AttemptError {
    fn from(error: LoadError) -> Self {
        Self::Pack(PackError::Load(error))
    }
}

impl AttemptError {
    fn failure(&self) -> Failure {
        let failure = |code, message: &str| Failure { code, message: message.to_owned() };
        match self {
            Self::Pack(error) => error.failure(),
            Self::Storage(StorageError::Full) => {
                failure(FailureCode::InsufficientStorage, "the server ran out of disk space; try again later")
            }
            Self::Storage(_) => {
                failure(FailureCode::Unavailable, "the package storage failed; try again later")
            }
            Self::Panicked => failure(FailureCode::Internal, "packing failed by a fault of the server"),
        }
    }
}

/// Why an attempt was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody cancelled the export.
    Cancelled,
    /// It took longer than `jobs.deadline`.
    Deadline,
    /// The house is closing.
    Shutdown,
    /// Another worker holds the lease now; nothing may be written any more.
    LeaseLost,
}

/// What is to become of the row.
#[derive(Debug)]
pub enum Ending {
    /// The package is there.
    Complete(Made),
    /// Try again after `wait`; `burn` counts the attempt.
    Requeue {
        /// Before the next attempt.
        wait: Duration,
        /// Why this one failed, if it did.
        failure: Option<Failure>,
        /// Whether this attempt counts.
        burn: bool,
    },
    /// There will be no package.
    Fail(Failure),
    /// It was cancelled.
    Cancel(Option<Made>),
    /// The row is another's; what was made is garbage.
    Abandon(Option<Made>),
}

impl Ending {
    /// What it is called in a trace.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Complete(_) => "completed",
            Self::Requeue { .. } => "requeued",
            Self::Fail(_) => "failed",
            Self::Cancel(_) => "cancelled",
            Self::Abandon(_) => "abandoned",
        }
    }

    /// Why there is no package, where something failed.
    pub const fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Requeue { failure, .. } => failure.as_ref(),
            Self::Fail(failure) => Some(failure),
            Self::Complete(_) | Self::Cancel(_) | Self::Abandon(_) => None,
        }
    }
}

/// Decides how an attempt ends.
///
/// A package that was finished before the stop arrived is kept, except after a cancellation. A
/// shutdown does not burn an attempt. `attempts_left` is whether another attempt is allowed;
/// `wait` the time before it.
pub fn ending(
    result: Result<Made, AttemptError>,
    stop: Option<StopReason>,
    deadline: Duration,
    attempts_left: bool,
    wait: Duration,
) -> Ending {
    match (stop, result) {
        (Some(StopReason::LeaseLost), result) => Ending::Abandon(result.ok()),
        (Some(StopReason::Cancelled), result) => Ending::Cancel(result.ok()),
        (_, Ok(made)) => Ending::Complete(made),
        (Some(StopReason::Shutdown), Err(_)) => {
            Ending::Requeue { wait: Duration::ZERO, failure: None, burn: false }
        }
        (Some(StopReason::Deadline), Err(_)) => Ending::Fail(Failure {
            code: FailureCode::DeadlineExceeded,
            message: format!("packing took longer than {} seconds", deadline.as_secs()),
        }),
        (None, Err(error)) => {
            let failure = error.failure();
            if failure.code.is_retryable() && attempts_left {
                Ending::Requeue { wait, failure: Some(failure), burn: true }
            } else {
                Ending::Fail(failure)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(2);
    const DEADLINE: Duration = Duration::from_secs(9);

    fn failed(error: AttemptError, stop: Option<StopReason>, attempts_left: bool) -> Ending {
        ending(Err(error), stop, DEADLINE, attempts_left, WAIT)
    }

    #[test]
    fn a_full_disk_is_tried_again_until_the_attempts_are_used_up() {
        let full = || AttemptError::Storage(StorageError::Full);
        assert!(matches!(failed(full(), None, true), Ending::Requeue { wait: WAIT, burn: true, .. }));
        let Ending::Fail(failure) = failed(full(), None, false) else { panic!("it has to end") };
        assert_eq!(failure.code, FailureCode::InsufficientStorage);
    }

    #[test]
    fn a_shutdown_does_not_burn_an_attempt() {
        let ending = failed(PackError::Cancelled.into(), Some(StopReason::Shutdown), false);
        assert!(matches!(ending, Ending::Requeue { burn: false, failure: None, wait: Duration::ZERO }));
    }

    #[test]
    fn a_deadline_is_told_and_final() {
        let Ending::Fail(failure) = failed(PackError::Cancelled.into(), Some(StopReason::Deadline), true)
        else {
            panic!("a hung export would hang again");
        };
        assert_eq!(failure.code, FailureCode::DeadlineExceeded);
        assert!(failure.message.contains("9 seconds"));
    }

    #[test]
    fn what_will_not_get_better_is_not_tried_again() {
        let gone = failed(PackError::Load(LoadError::NotThere).into(), None, true);
        assert!(matches!(gone, Ending::Fail(Failure { code: FailureCode::ProjectNotFound, .. })));
    }

    #[test]
    fn a_worker_without_its_lease_writes_nothing() {
        let lost = failed(AttemptError::Panicked, Some(StopReason::LeaseLost), true);
        assert!(matches!(lost, Ending::Abandon(None)));
    }
}
