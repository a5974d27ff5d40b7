//! Keeps an actor alive: rebuilds it when it dies, and tells when that happens too often.
//!
//! actix's own `Supervisor` does not survive a panic in a handler, so the keeper watches the
//! actor's life by a token that dies with it, and holds its address in a replaceable line.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix::{Actor, Addr, Context};
use arc_swap::ArcSwapOption;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::telemetry::{Metrics, whole_millis};

/// Deaths within [`MEMORY`] from which on the house calls itself unwell.
const TOO_MANY: usize = 5;
/// How long a death is remembered.
const MEMORY: Duration = Duration::from_secs(60);
/// Wait before the first rebuild; doubles with every remembered death.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// Dies with the actor that holds it, whichever way the actor goes.
#[derive(Debug)]
pub struct Alive(#[expect(dead_code, reason = "held only to be dropped")] oneshot::Sender<()>);

/// The address of an actor that may be replaced by its successor.
pub struct Line<A: Actor>(Arc<ArcSwapOption<Addr<A>>>);

impl<A: Actor> Clone for Line<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A: Actor> Line<A> {
    /// The actor that answers at present; `None` while it is being rebuilt.
    pub fn addr(&self) -> Option<Addr<A>> {
        self.0.load().as_deref().cloned()
    }
}

/// Keeps the engine's actors.
#[derive(Clone)]
pub struct Keeper {
    /// False while actors keep dying; part of `/readyz`.
    pub is_well: Arc<AtomicBool>,
    deaths: Arc<Mutex<VecDeque<Instant>>>,
    closing: CancellationToken,
    metrics: Metrics,
}

impl Keeper {
    /// A keeper that lets actors go once `closing` is cancelled.
    pub fn new(is_well: Arc<AtomicBool>, closing: CancellationToken, metrics: Metrics) -> Self {
        is_well.store(true, Ordering::Release);
        Self { is_well, deaths: Arc::default(), closing, metrics }
    }

    /// Starts the actor that `build` makes, and another whenever it dies.
    pub fn keep<A>(&self, name: &'static str, build: impl Fn(Alive) -> A + 'static) -> Line<A>
    where
        A: Actor<Context = Context<A>>,
    {
        let line = Line(Arc::new(ArcSwapOption::empty()));
        let (keeper, kept) = (self.clone(), line.clone());
        let mut died = start(&kept, &build);
        actix::spawn(async move {
            loop {
                // Whether it was dropped or not, the answer is that the actor is gone.
                let _ = died.await;
                if keeper.closing.is_cancelled() {
                    return;
                }
                let wait = keeper.note_death(name);
                tokio::time::sleep(wait).await;
                died = start(&kept, &build);
            }
        });
        line
    }

    fn note_death(&self, name: &'static str) -> Duration {
        let now = Instant::now();
        let mut deaths = self.deaths.lock().unwrap_or_else(PoisonError::into_inner);
        deaths.push_back(now);
        deaths.retain(|death| now.duration_since(*death) < MEMORY);
        let remembered = deaths.len();
        drop(deaths);
        if remembered >= TOO_MANY {
            self.is_well.store(false, Ordering::Release);
            self.recover_later();
        }
        self.metrics.actor_restarts.with_label_values(&[name]).inc();
        let wait = FIRST_WAIT * 2u32.pow(u32::try_from(remembered.min(8)).unwrap_or(8));
        tracing::error!(
            actor = name,
            deaths = remembered,
            wait_ms = whole_millis(wait),
            "actor died; rebuilding it"
        );
        wait
    }

    /// Calls the house well again when the last death is forgotten.
    fn recover_later(&self) {
        let keeper = self.clone();
        actix::spawn(async move {
            tokio::time::sleep(MEMORY).await;
            let deaths = keeper.deaths.lock().unwrap_or_else(PoisonError::into_inner);
            if deaths.back().is_none_or(|last| last.elapsed() >= MEMORY) {
                keeper.is_well.store(true, Ordering::Release);
            }
        });
    }
}

fn start<A>(line: &Line<A>, build: &impl Fn(Alive) -> A) -> oneshot::Receiver<()>
where
    A: Actor<Context = Context<A>>,
{
    let (alive, died) = oneshot::channel();
    line.0.store(Some(Arc::new(build(Alive(alive)).start())));
    died
}

#[cfg(test)]
mod tests {
    use actix::{Handler, Message};

    use super::*;

    struct Fragile(#[expect(dead_code, reason = "held only to be dropped")] Alive);

    impl Actor for Fragile {
        type Context = Context<Self>;
    }

    #[derive(Message)]
    #[rtype(result = "u8")]
    struct Touch {
        hard: bool,
    }

    impl Handler<Touch> for Fragile {
        type Result = u8;

        fn handle(&mut self, touch: Touch, _: &mut Self::Context) -> u8 {
            assert!(!touch.hard, "touched too hard");
            7
        }
    }

    #[actix::test]
    async fn an_actor_that_panics_is_rebuilt_and_counted() {
        let (is_well, metrics) = (Arc::default(), Metrics::new("test"));
        let keeper = Keeper::new(Arc::clone(&is_well), CancellationToken::new(), metrics.clone());
        let line = keeper.keep("fragile", Fragile);
        let first = line.addr().expect("it was started");
        assert!(first.send(Touch { hard: true }).await.is_err());

        loop {
            match line.addr().expect("there is always one").send(Touch { hard: false }).await {
                Ok(seven) => break assert_eq!(seven, 7),
                Err(_) => tokio::task::yield_now().await,
            }
        }
        assert_eq!(metrics.actor_restarts.with_label_values(&["fragile"]).get(), 1);
        assert!(is_well.load(Ordering::Acquire), "one death is no illness");
    }
}
