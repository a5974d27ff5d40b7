//! Folds downloads into few writes; loses nothing on a clean stop.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::ledger::{LedgerReader, Report};

use super::book::{Book, Download};
use super::keeper::Alive;
use super::promises::Promises;
use super::works::Works;

/// Reports folded into one write.
const AT_ONCE: usize = 4096;
/// After a write that failed.
const TRY_AGAIN: Duration = Duration::from_millis(500);

/// What outlives an actor that dies: what is to be read, and what was read of it.
#[derive(Debug)]
pub struct Counter {
    ledger: LedgerReader,
    book: Book,
    promises: Promises,
    asked: mpsc::UnboundedReceiver<oneshot::Sender<()>>,
}

/// Counts downloads.
pub struct Usage {
    works: Arc<Works>,
    counter: Arc<Mutex<Counter>>,
    ask: mpsc::UnboundedSender<oneshot::Sender<()>>,
    _alive: Alive,
}

/// Write everything down that was reported until now.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Flush;

impl Counter {
    /// A counter that goes on with `book`, and the line by which it is asked to flush.
    pub fn new(ledger: LedgerReader, book: Book) -> (Self, mpsc::UnboundedSender<oneshot::Sender<()>>) {
        let (ask, asked) = mpsc::unbounded_channel();
        (Self { ledger, book, promises: Promises::default(), asked }, ask)
    }
}

impl Usage {
    /// Counts what `counter` has to read.
    pub fn new(
        works: Arc<Works>,
        counter: Arc<Mutex<Counter>>,
        ask: mpsc::UnboundedSender<oneshot::Sender<()>>,
        alive: Alive,
    ) -> Self {
        Self { works, counter, ask, _alive: alive }
    }
}

impl Actor for Usage {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let (works, counter) = (Arc::clone(&self.works), Arc::clone(&self.counter));
        ctx.spawn(count(works, counter).into_actor(self));
    }
}

impl Handler<Flush> for Usage {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Flush, _: &mut Self::Context) -> Self::Result {
        let (answer, flushed) = oneshot::channel();
        // Without a counter there is nothing to wait for.
        let _ = self.ask.send(answer);
        Box::pin(async move {
            let _ = flushed.await;
        })
    }
}

/// Folds reports as they come. When the last ledger is gone no more will, but whoever asks for a
/// flush is still answered.
async fn count(works: Arc<Works>, counter: Arc<Mutex<Counter>>) {
    let mut counter = counter.lock().await;
    let mut more_may_come = true;
    loop {
        let Counter { ledger, asked, .. } = &mut *counter;
        tokio::select! {
            reports = ledger.take(AT_ONCE), if more_may_come => {
                more_may_come = !reports.is_empty();
                fold(&works, &mut counter, reports).await;
            }
            Some(answer) = asked.recv() => {
                let reports = counter.ledger.take_ready();
                fold(&works, &mut counter, reports).await;
                // Whoever asked may have gone.
                let _ = answer.send(());
            }
            else => return,
        }
    }
}

async fn fold(works: &Works, counter: &mut Counter, reports: Vec<Report>) {
    let Counter { ledger, book, promises, .. } = counter;
    for report in reports {
        promises.hear(&report);
        book.enter(report);
    }
    let changed = book.take_changed();
    if !changed.is_empty() && !write(works, &changed).await {
        book.put_back(&changed);
        tokio::time::sleep(TRY_AGAIN).await;
    }
    promises.give_back(&works.parts.database.passes(), works.parts.clock.now()).await;
    ledger.settle();
    book.forget_before(works.parts.clock.now());
}

async fn write(works: &Works, changed: &[Download]) -> bool {
    let rows: Vec<_> = changed.iter().map(Download::row).collect();
    match works.parts.database.downloads().record(&rows).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, downloads = rows.len(), "downloads not counted yet; trying again");
            false
        }
    }
}
