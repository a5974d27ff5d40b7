//! The line between who packs and who asked for it.

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::domain::Progress;

use super::PackError;

/// Says stop in one direction and tells progress in the other; latest wins.
#[derive(Debug, Clone)]
pub struct Control {
    /// Cancelled when the work is to stop.
    pub cancel: CancellationToken,
    /// How far it has come.
    pub progress: watch::Sender<Progress>,
}

impl Default for Control {
    fn default() -> Self {
        Self { cancel: CancellationToken::new(), progress: watch::Sender::new(Progress::default()) }
    }
}

impl Control {
    /// Nothing, or the reason to stop.
    ///
    /// # Errors
    /// [`PackError::Cancelled`].
    pub fn check(&self) -> Result<(), PackError> {
        if self.cancel.is_cancelled() { Err(PackError::Cancelled) } else { Ok(()) }
    }

    /// Changes what is told.
    pub fn tell(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_modify(change);
    }
}
