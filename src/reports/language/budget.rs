//! What the texts of one report may still cost.

use std::sync::atomic::{AtomicU64, Ordering};

use minijinja::{Error, ErrorKind};

use crate::reports::limits::{MADE, PRINTED, STEPS};

/// What the texts of one report may still cost, all together.
#[derive(Debug)]
pub struct Budget {
    steps: AtomicU64,
    made: AtomicU64,
    printed: AtomicU64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: STEPS.into(), made: MADE.into(), printed: PRINTED.into() }
    }
}

impl Budget {
    /// Steps that are left.
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// So many steps were taken.
    pub fn stepped(&self, steps: u64) {
        take(&self.steps, steps);
    }

    /// A filter is about to make, or look through, so many bytes or items.
    ///
    /// # Errors
    /// When that is more than is left.
    pub fn make(&self, size: usize) -> Result<(), Error> {
        let is_left = take(&self.made, size as u64);
        is_left.then_some(()).ok_or_else(|| refused("makes too much of its data"))
    }

    /// Whether so many bytes may still be printed.
    pub fn may_print(&self, bytes: usize) -> bool {
        self.printed.load(Ordering::Relaxed) >= bytes as u64
    }

    /// So many bytes are about to be printed; `false` when that is more than is left.
    pub fn print(&self, bytes: usize) -> bool {
        take(&self.printed, bytes as u64)
    }
}

/// Takes `size` from what is left, which is nothing when it is less.
fn take(left: &AtomicU64, size: u64) -> bool {
    let before = left.load(Ordering::Relaxed);
    left.store(before.saturating_sub(size), Ordering::Relaxed);
    before >= size
}

/// An error in words of ours, in which nothing of the data stands.
pub fn refused(why: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, why)
}
