//! Expires, deletes, sweeps.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::time::timeout;

use crate::config_units::TimeOfDay;
use crate::domain::{Occasion, Timestamp};

use super::keeper::Alive;
use super::sweep::sweep;
use super::works::Works;

const DAY: Duration = Duration::from_secs(86_400);

/// Removes what is due, marking the row before the file goes, so that a download racing the
/// sweep meets 410 and never a missing file.
pub struct Cleanup {
    works: Arc<Works>,
    sweeping: bool,
    deep_done_at: Option<Timestamp>,
    _alive: Alive,
}

/// There may be something to sweep. Carries nothing: rows and files say what.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Sweep;

impl Cleanup {
    /// A cleanup for these works. Its first sweep is a deep one.
    pub fn new(works: Arc<Works>, alive: Alive) -> Self {
        Self { works, sweeping: false, deep_done_at: None, _alive: alive }
    }

    /// Looks each time that its interval has passed, also when it becomes another one.
    fn follow_clock(&self, ctx: &mut Context<Self>) {
        let (works, address) = (Arc::clone(&self.works), ctx.address());
        let ticking = async move {
            let mut tuned = works.tuned.subscribe();
            loop {
                let interval = tuned.borrow_and_update().interval;
                if timeout(interval, tuned.changed()).await.is_err() {
                    // A full mailbox holds a sweep already.
                    let _ = address.try_send(Sweep);
                }
            }
        };
        ctx.spawn(ticking.into_actor(self));
    }

    fn occasion(&self, now: Timestamp) -> Occasion {
        let due = last_deep_due(now, self.works.parts.cleanup.deep_at);
        match self.deep_done_at {
            None => Occasion::Opened,
            Some(done) if done < due => Occasion::Deep,
            Some(_) => Occasion::Tick,
        }
    }
}

impl Actor for Cleanup {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.notify(Sweep);
        self.follow_clock(ctx);
    }
}

impl Handler<Sweep> for Cleanup {
    type Result = ();

    fn handle(&mut self, _: Sweep, ctx: &mut Self::Context) {
        if std::mem::replace(&mut self.sweeping, true) {
            return;
        }
        let now = self.works.parts.clock.now();
        let occasion = self.occasion(now);
        let works = Arc::clone(&self.works);
        let swept = async move { sweep(&works, occasion).await };
        ctx.spawn(swept.into_actor(self).map(move |swept, this, _| {
            this.sweeping = false;
            match swept {
                Ok(_) if occasion.is_deep() => this.deep_done_at = Some(now),
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "sweep failed; the next tick tries again"),
            }
        }));
    }
}

/// The last instant, not after `now`, at which a deep sweep was due.
fn last_deep_due(now: Timestamp, deep_at: TimeOfDay) -> Timestamp {
    deep_at.next_after(now.minus(DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_sweep_is_due_once_a_day_at_its_time() {
        let at = |text: &str| Timestamp::parse(text).expect("an instant");
        let three: TimeOfDay = "03:00".parse().expect("a time");
        assert_eq!(last_deep_due(at("2026-11-20T02:59:59Z"), three), at("2026-11-19T03:00:00Z"));
        assert_eq!(last_deep_due(at("2026-11-20T03:00:00Z"), three), at("2026-11-20T03:00:00Z"));
    }
}
