//! What all connections of one download share.

use std::future::Future;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::fault::{GetError, Trouble};
use super::pace::Pace;
use super::progress::Progress;
use super::source::Source;
use crate::cli::client::Patience;

/// Longer than this nobody waits because a server asks for it.
const LONGEST_ASKED: Duration = Duration::from_secs(900);

/// A source, and how hard it is tried.
#[derive(Debug)]
pub struct Effort {
    /// Where it comes from.
    pub source: Source,
    /// How far it is.
    pub progress: Progress,
    /// Cancelled by Ctrl-C.
    pub stop: CancellationToken,
    pace: Pace,
    retries: u32,
    received: AtomicU64,
    again: AtomicU32,
}

impl Effort {
    /// An effort at `source` that keeps `pace`, and does not mind so many failures in a row.
    pub fn new(
        source: Source,
        pace: Pace,
        progress: Progress,
        retries: u32,
        stop: CancellationToken,
    ) -> Self {
        let (received, again) = (AtomicU64::new(0), AtomicU32::new(0));
        Self { source, progress, stop, pace, retries, received, again }
    }

    /// Patience for one connection.
    pub fn patience(&self) -> Patience {
        Patience::new(self.retries)
    }

    /// So many bytes came. Returns when the next may.
    pub async fn took(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
        self.progress.came(bytes as u64);
        self.pace.keep(bytes).await;
    }

    /// How often anything was tried again.
    pub fn tried_again(&self) -> u32 {
        self.again.load(Ordering::Relaxed)
    }

    /// What `work` comes to, unless a signal comes before.
    ///
    /// # Errors
    /// [`GetError::Interrupted`].
    pub async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, GetError> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(GetError::Interrupted),
            done = work => Ok(done),
        }
    }

    /// Something failed that may pass: returns when it is time to try again.
    ///
    /// # Errors
    /// When it was tried often enough, or the server asks for too long a wait.
    pub async fn again(
        &self,
        patience: &mut Patience,
        why: String,
        after: Option<Duration>,
    ) -> Result<(), GetError> {
        if let Some(after) = after.filter(|after| *after > LONGEST_ASKED) {
            return Err(GetError::ComeBack { why, after });
        }
        let Some(wait) = patience.failed(self.received.load(Ordering::Relaxed), after) else {
            return Err(GetError::GivenUp { why, retries: self.retries });
        };
        self.again.fetch_add(1, Ordering::Relaxed);
        self.progress.trouble(format_args!("{why}; trying again in {:.1} s", wait.as_secs_f64()));
        self.unless_stopped(sleep(wait)).await
    }

    /// Asks until there is an answer that does not pass.
    ///
    /// # Errors
    /// Any [`Trouble`] but [`Trouble::Passing`].
    pub async fn insist<T>(&self, mut ask: impl AsyncFnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
        let mut patience = self.patience();
        loop {
            let before = self.received.load(Ordering::Relaxed);
            let asked = self.unless_stopped(ask()).await?;
            if self.received.load(Ordering::Relaxed) > before {
                patience.progress();
            }
            match asked {
                Err(Trouble::Passing { why, after }) => self.again(&mut patience, why, after).await?,
                asked => return asked,
            }
        }
    }
}
