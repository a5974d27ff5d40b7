//! Folds downloads into few writes; loses nothing on a clean stop.

use std::sync::Arc;

use actix::prelude::*;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::counter::Counter;
use super::keeper::Alive;
use super::works::Works;

/// Counts downloads.
pub struct Usage {
    works: Arc<Works>,
    counter: Arc<Mutex<Counter>>,
    ask: mpsc::UnboundedSender<oneshot::Sender<()>>,
    _alive: Alive,
}

/// Write everything down that was reported until now, and how far the rest has come.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Flush;

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
        ctx.spawn(async move { counter.lock().await.count(&works).await }.into_actor(self));
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
