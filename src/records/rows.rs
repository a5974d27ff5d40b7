//! Where rows come from.

use std::sync::Arc;

use super::{Batch, DataError, Schema};

/// Rows, from first to last. Whoever asks waits for them: not on a thread that serves others.
pub trait Rows: Send {
    /// Their columns.
    fn schema(&self) -> &Arc<Schema>;

    /// The next of them, in `room`; `None` when there are no more.
    ///
    /// # Errors
    /// [`DataError`]: what came before is not all there is then.
    fn next(&mut self, room: Batch) -> Result<Option<Batch>, DataError>;
}
