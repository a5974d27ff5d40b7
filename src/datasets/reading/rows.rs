//! A section's rows, for whoever may wait for them.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::flow::Passed;
use crate::records::{Batch, DataError, DataFault, Rows, Schema};

/// Batches that lie ready between a source and whoever reads: enough that neither waits for the
/// other's rhythm, and no more, for this is what bounds the memory of a reading.
pub(super) const DEPTH: usize = 3;

/// Rows that another task reads from their source. Not to be waited for on a thread that serves
/// others: `next` blocks.
pub(super) struct SectionRows {
    pub(super) data_set: String,
    pub(super) section: String,
    pub(super) schema: Arc<Schema>,
    pub(super) passed: mpsc::Receiver<Passed>,
    /// Batches that were read, for their memory to be used again.
    pub(super) spare: mpsc::Sender<Batch>,
    pub(super) ended: bool,
}

impl Rows for SectionRows {
    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn next(&mut self, room: Batch) -> Result<Option<Batch>, DataError> {
        if self.ended {
            return Ok(None);
        }
        // When there are spare ones enough, this one's memory is given back.
        let _ = self.spare.try_send(room);
        match self.passed.blocking_recv() {
            Some(Ok(Some(batch))) => Ok(Some(batch)),
            Some(Ok(None)) => {
                self.ended = true;
                Ok(None)
            }
            Some(Err(error)) => Err(error),
            // Whoever passed them on is gone, and did not say that these were all.
            None => Err(DataError {
                data_set: self.data_set.clone(),
                section: Some(self.section.clone()),
                fault: DataFault::Stopped,
            }),
        }
    }
}
