//! Silence that is not the other side's fault.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Tells a connection that it is quiet because we have nothing to say yet. In the extensions of
/// every request; all clones are of one connection.
#[derive(Debug, Clone, Default)]
pub struct Quiet(Arc<AtomicUsize>);

/// While this lives, nobody is blamed for a silence.
#[derive(Debug)]
pub struct OurTurn(Arc<AtomicUsize>);

impl Quiet {
    /// From now on it is us who have something to say and do not know it yet.
    pub fn our_turn(&self) -> OurTurn {
        self.0.fetch_add(1, Ordering::Relaxed);
        OurTurn(Arc::clone(&self.0))
    }

    /// Whether it is.
    pub(super) fn is_our_turn(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

impl Drop for OurTurn {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
