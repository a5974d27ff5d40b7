//! The engine: its actors, started, kept and drained.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::db::{Gone, StoreError};
use crate::ledger::LedgerReader;

use super::cleanup::{Cleanup, Sweep};
use super::counter::Counter;
use super::keeper::{Keeper, Line};
use super::scheduler::{self, Drain, Scheduler};
use super::usage::{Flush, Usage};
use super::works::Works;

/// Jobs that were told to stop are waited for no longer than this.
pub const LAST_WAIT: Duration = Duration::from_secs(12);

/// The running engine.
pub struct Engine {
    works: Arc<Works>,
    scheduler: Line<Scheduler>,
    cleanup: Line<Cleanup>,
    usage: Line<Usage>,
    closing: CancellationToken,
}

impl Engine {
    /// Starts the actors on the current thread's actix system. `is_well` will tell whether they
    /// stay alive.
    ///
    /// One process holds the store: rows that its earlier holders worked on belong to the dead,
    /// and are taken at once.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn start(
        works: Arc<Works>,
        ledger: LedgerReader,
        is_well: Arc<AtomicBool>,
    ) -> Result<Self, StoreError> {
        works.parts.database.duties().free_of(works.store).await?;
        works.parts.database.nodes().free_of(works.store).await?;
        works.parts.database.charges().free_of(&works.store.to_string()).await?;
        works.parts.database.passes().free_of(works.store, works.parts.clock.now()).await?;
        scheduler::rescue(&works, Gone::HeldStore(works.store)).await?;
        let (counter, ask) = Counter::resume(&works, ledger).await?;
        let counter = Arc::new(Mutex::new(counter));
        let closing = CancellationToken::new();
        let keeper = Keeper::new(is_well, closing.clone(), works.parts.metrics.clone());

        let parts = Arc::clone(&works);
        let scheduler = keeper.keep("scheduler", move |alive| Scheduler::new(Arc::clone(&parts), alive));
        let parts = Arc::clone(&works);
        let cleanup = keeper.keep("cleanup", move |alive| Cleanup::new(Arc::clone(&parts), alive));
        let parts = Arc::clone(&works);
        let usage = keeper.keep("usage", move |alive| {
            Usage::new(Arc::clone(&parts), Arc::clone(&counter), ask.clone(), alive)
        });
        Ok(Self { works, scheduler, cleanup, usage, closing })
    }

    /// Asks for a sweep, soon.
    pub fn sweep_soon(&self) {
        if let Some(cleanup) = self.cleanup.addr() {
            cleanup.do_send(Sweep);
        }
    }

    /// Stops working: claims nothing more, gives running jobs `grace` to finish, then sends them
    /// back to the queue.
    pub async fn drain(&self, grace: Duration) {
        self.closing.cancel();
        if let Some(scheduler) = self.scheduler.addr() {
            // A scheduler that is gone claims nothing either.
            let _ = scheduler.send(Drain).await;
        }
        if timeout(grace, self.works.slots.all_free()).await.is_err() {
            self.works.stop.cancel();
            if timeout(LAST_WAIT, self.works.slots.all_free()).await.is_err() {
                tracing::error!("some jobs did not stop; their leases will lapse");
            }
        }
    }

    /// Writes down every download that was reported. The last thing before the database closes.
    pub async fn flush(&self) {
        if let Some(usage) = self.usage.addr() {
            let _ = usage.send(Flush).await;
        }
    }
}
