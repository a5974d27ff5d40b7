//! Claims as many rows as there are free slots and starts a job for each.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix::prelude::*;
use tokio::sync::oneshot;

use crate::db::{Claim, Gone, Rescued, StoreError};
use crate::domain::{Export, Status, Timestamp};

use super::events;
use super::export_job::ExportJob;
use super::keeper::Alive;
use super::works::Works;

/// Without a ring, rows are looked for this often, give or take a fifth so that nodes spread.
const TICK: Duration = Duration::from_secs(2);

/// A node that was not seen for so long is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(3600);

/// Starts what is due while there are slots.
pub struct Scheduler {
    works: Arc<Works>,
    looking: bool,
    /// A look that came while one ran: rows may have come after the running one read them.
    again: bool,
    draining: bool,
    drained: Vec<oneshot::Sender<()>>,
    _alive: Alive,
}

/// There may be something to claim. Carries nothing: the rows say what.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Look;

/// Some rows may have lost their worker.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Rescue;

/// Claim nothing from now on; answered when whatever was being claimed has its job.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Drain;

/// What one look brought.
struct Looked {
    claimed: Vec<Export>,
    next_due: Option<Timestamp>,
}

impl Scheduler {
    /// A scheduler for these works.
    pub fn new(works: Arc<Works>, alive: Alive) -> Self {
        Self { works, looking: false, again: false, draining: false, drained: Vec::new(), _alive: alive }
    }

    fn follow_bell(&self, ctx: &mut Context<Self>) {
        let (bell, address) = (self.works.parts.bell.clone(), ctx.address());
        let listening = async move {
            loop {
                bell.work().await;
                // A full mailbox holds a look already.
                let _ = address.try_send(Look);
            }
        };
        ctx.spawn(listening.into_actor(self));
    }

    fn tick(&self, ctx: &mut Context<Self>) {
        ctx.notify(Look);
        let next = TICK.mul_f64(0.8 + 0.4 * rand::random::<f64>());
        ctx.run_later(next, |this, ctx| this.tick(ctx));
    }

    fn looked(&mut self, looked: Result<Looked, StoreError>, ctx: &mut Context<Self>) {
        self.looking = false;
        let mut again = std::mem::take(&mut self.again);
        match looked {
            Ok(Looked { claimed, next_due }) => {
                again |= !claimed.is_empty();
                for export in claimed {
                    self.start_job(export);
                }
                if let Some(due) = next_due {
                    let wait = due.since(self.works.parts.clock.now()).min(TICK);
                    ctx.notify_later(Look, wait);
                }
            }
            Err(error) => tracing::warn!(%error, "claiming failed; the next tick tries again"),
        }
        // Their jobs have slots by now, which is what the drain waits for next.
        self.drained.clear();
        if again && self.works.slots.free() > 0 {
            ctx.notify(Look);
        }
    }

    fn start_job(&self, export: Export) {
        let waited = self.works.parts.clock.now().since(export.run_at);
        self.works.parts.metrics.queue_wait.observe(waited.as_secs_f64());
        self.works.parts.bell.ring_for(export.id);
        let slot = self.works.slots.take();
        ExportJob::new(Arc::clone(&self.works), export, slot).start();
    }
}

impl Actor for Scheduler {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.follow_bell(ctx);
        self.tick(ctx);
        ctx.notify(Rescue);
        ctx.run_interval(self.works.parts.config.heartbeat, |_, ctx| ctx.notify(Rescue));
    }
}

impl Handler<Look> for Scheduler {
    type Result = ();

    fn handle(&mut self, _: Look, ctx: &mut Self::Context) {
        if self.draining || self.works.slots.free() == 0 {
            return;
        }
        if std::mem::replace(&mut self.looking, true) {
            self.again = true;
            return;
        }
        let look = look(Arc::clone(&self.works));
        ctx.spawn(look.into_actor(self).map(|looked, this, ctx| this.looked(looked, ctx)));
    }
}

impl Handler<Rescue> for Scheduler {
    type Result = ();

    fn handle(&mut self, _: Rescue, ctx: &mut Self::Context) {
        let works = Arc::clone(&self.works);
        let rescue = async move {
            show_up(&works).await?;
            rescue(&works, Gone::Silent).await
        };
        ctx.spawn(rescue.into_actor(self).map(|rescued, _, _| {
            if let Err(error) = rescued {
                tracing::warn!(%error, "looking for lost jobs failed; the next heartbeat tries again");
            }
        }));
    }
}

impl Handler<Drain> for Scheduler {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Drain, _: &mut Self::Context) -> Self::Result {
        self.draining = true;
        let (drained, answer) = oneshot::channel();
        if self.looking {
            self.drained.push(drained);
        }
        let works = Arc::clone(&self.works);
        // Dropped or sent: either way no look is under way any more.
        Box::pin(async move {
            let _ = answer.await;
            if let Err(error) = works.parts.database.nodes().gone(&works.worker).await {
                tracing::warn!(%error, "other nodes will take this one for alive a little longer");
            }
        })
    }
}

/// Whether there is no room for another package; the log is told when that changes, not at every look.
async fn is_short(works: &Works) -> bool {
    let packages = works.parts.packages.clone();
    let short = tokio::task::spawn_blocking(move || packages.is_short_of_space()).await;
    let is_short = matches!(short, Ok(Ok(true)));
    match (works.is_short.swap(is_short, Ordering::Relaxed), is_short) {
        (false, true) => {
            tracing::warn!("less than `storage.reserve` is free: no job is started until there is more");
        }
        (true, false) => tracing::info!("there is room again: jobs are started"),
        _ => {}
    }
    is_short
}

async fn look(works: Arc<Works>) -> Result<Looked, StoreError> {
    let now = works.parts.clock.now();
    if is_short(&works).await {
        return Ok(Looked { claimed: Vec::new(), next_due: None });
    }
    let claim = Claim {
        worker: works.worker.clone(),
        slots: u32::try_from(works.slots.free()).unwrap_or(u32::MAX),
        per_user: works.parts.config.per_user,
        lease_for: works.parts.config.lease,
        now,
    };
    let claimed = works.rows.claim(&claim).await?;
    let next_due = if claimed.is_empty() { works.rows.next_due(now).await? } else { None };
    Ok(Looked { claimed, next_due })
}

/// Tells the other nodes that this one lives, and how many jobs it runs.
async fn show_up(works: &Works) -> Result<(), StoreError> {
    let (now, slots) = (works.parts.clock.now(), works.slots.all() as u64);
    works.parts.metrics.job_slots.set(i64::try_from(slots).unwrap_or(i64::MAX));
    works.parts.database.nodes().seen(&works.worker, slots, now, now.minus(FORGOTTEN)).await
}

/// Takes rows from workers that no longer hold them.
pub async fn rescue(works: &Works, gone: Gone) -> Result<(), StoreError> {
    let now = works.parts.clock.now();
    let rescued = works.rows.rescue(now, gone).await?;
    let reason = match gone {
        Gone::Silent => "lease_lapsed",
        Gone::HeldStore(_) => "restart",
    };
    for row in &rescued {
        tracing::warn!(export.id = %row.export.id, rescues = row.rescues, status = %row.status, reason, "export taken from a lost worker");
        if let Some(failure) = &row.failure {
            events::export_failed(&row.export, failure, now);
        }
        count_rescue(works, row, reason);
        works.parts.bell.ring_for(row.export.id);
    }
    if !rescued.is_empty() {
        works.parts.bell.ring_for_work();
    }
    Ok(())
}

/// A rescue, and the end of the export where that was the last, or somebody wanted it cancelled.
fn count_rescue(works: &Works, row: &Rescued, reason: &str) {
    let metrics = &works.parts.metrics;
    metrics.job_rescues.with_label_values(&[reason]).inc();
    if matches!(row.status, Status::Failed | Status::Cancelled) {
        let (kind, format) = (row.export.selection.kind(), row.export.format);
        let labels = [kind.as_str(), format.as_str(), row.status.as_str()];
        metrics.exports_total.with_label_values(&labels).inc();
    }
}
