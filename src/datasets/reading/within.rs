//! A deadline and a cancellation around what a source does.

use std::future::Future;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Why something was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::datasets) enum GivenUp {
    /// Its time was over.
    Late,
    /// Nobody wants it any more.
    Stopped,
}

/// Waits for `work`, but no longer than until `deadline` or until it is `cancel`led.
pub(in crate::datasets) async fn within<T>(
    deadline: Instant,
    cancel: &CancellationToken,
    work: impl Future<Output = T>,
) -> Result<T, GivenUp> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(GivenUp::Stopped),
        done = work => Ok(done),
        () = tokio::time::sleep_until(deadline) => Err(GivenUp::Late),
    }
}
