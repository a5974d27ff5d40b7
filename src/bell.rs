//! The bell between the rooms that write rows and the rooms that act on them.
//!
//! It only says "look": whatever is to be done stands in a row, so a ring that is lost costs
//! time (until the next tick), never work.

use std::sync::Arc;

use tokio::sync::{Notify, broadcast};

use crate::domain::ExportId;

/// Rings that a follower may fall behind before it is told to look for itself.
const BACKLOG: usize = 1024;

/// Tells whoever listens that a row is worth a look. Cheap to clone; all clones are one bell.
#[derive(Debug, Clone)]
pub struct Bell {
    work: Arc<Notify>,
    changes: broadcast::Sender<ExportId>,
}

impl Default for Bell {
    fn default() -> Self {
        Self { work: Arc::default(), changes: broadcast::channel(BACKLOG).0 }
    }
}

impl Bell {
    /// There may be something to claim.
    pub fn ring_for_work(&self) {
        self.work.notify_one();
    }

    /// Waits until there may be something to claim. A ring while nobody waited counts.
    pub async fn work(&self) {
        self.work.notified().await;
    }

    /// The row of `id`, or its progress, is no longer what it was.
    pub fn ring_for(&self, id: ExportId) {
        // No listener is no fault: nobody follows this export just now.
        let _ = self.changes.send(id);
    }

    /// Follows the changes of all exports from now on.
    pub fn changes(&self) -> Changes {
        Changes(self.changes.subscribe())
    }
}

/// A follower of changes.
#[derive(Debug)]
pub struct Changes(broadcast::Receiver<ExportId>);

impl Changes {
    /// The next export that changed; `None` when too many rings were missed to know which, so
    /// that the follower should look whatever it follows.
    pub async fn next(&mut self) -> Option<ExportId> {
        match self.0.recv().await {
            Ok(id) => Some(id),
            Err(broadcast::error::RecvError::Lagged(_)) => None,
            // The bell is gone with its house; nothing will change any more.
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }

    /// Waits until `id` changed, or may have.
    pub async fn of(&mut self, id: ExportId) {
        while let Some(changed) = self.next().await {
            if changed == id {
                return;
            }
        }
    }
}
