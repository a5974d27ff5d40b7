//! Sees one attempt to its end, whatever the end is. One actor per running row.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument;

use crate::db::{Beat as RowBeat, Held, StoreError};
use crate::domain::{Export, Progress};
use crate::otel;
use crate::packaging::Control;

use super::attempt::attempt;
use super::backoff::backoff;
use super::ending::{AttemptError, Made, StopReason, ending};
use super::settle::settle;
use super::slots::Slot;
use super::works::Works;

/// How often a job looks whether it was told to stop, and shows how far it has come.
const BEAT: Duration = Duration::from_millis(500);
/// Progress is written no more often than this (the engine's law, 5).
const WRITE: Duration = Duration::from_secs(1);
/// An attempt that was told to stop and does not is left behind after this.
const PATIENCE: Duration = Duration::from_secs(10);

/// Holds one row for as long as it takes.
pub struct ExportJob {
    works: Arc<Works>,
    export: Export,
    control: Control,
    progress: watch::Receiver<Progress>,
    /// How long it takes, where that is traced.
    traced: otel::Span,
    written_at: Instant,
    beating: bool,
    stop: Option<StopReason>,
    settling: bool,
    slot: Option<Slot>,
}

/// Look at the row; write to it when that is due.
#[derive(Message)]
#[rtype(result = "()")]
struct Beat;

/// Stop the attempt; how it ended comes as [`Packed`].
#[derive(Message)]
#[rtype(result = "()")]
struct Stop(StopReason);

/// The attempt is over.
#[derive(Message)]
#[rtype(result = "()")]
struct Packed(Result<Made, AttemptError>);

impl ExportJob {
    /// A job for `export`, which `works.worker` has just claimed.
    pub fn new(works: Arc<Works>, export: Export, slot: Slot) -> Self {
        let (sender, progress) = watch::channel(Progress::default());
        let control = Control { cancel: works.stop.child_token(), progress: sender };
        let written_at = Instant::now();
        let traced = traced(&works.parts.tracer, &export);
        Self {
            works,
            export,
            control,
            progress,
            traced,
            written_at,
            beating: false,
            stop: None,
            settling: false,
            slot: Some(slot),
        }
    }

    fn held(&self) -> Held {
        Held { id: self.export.id, lease: self.export.lease }
    }

    /// Work runs on the shared runtime, where its panic is an answer and not our end.
    fn start_attempt(&self, ctx: &mut Context<Self>) {
        let span = tracing::info_span!(
            "export",
            export.id = %self.export.id,
            correlation.id = %self.export.origin.correlation_id,
            trace.id = self.export.origin.trace_id(),
        );
        let work =
            attempt(Arc::clone(&self.works), self.export.clone(), self.control.clone(), self.traced.clone());
        let work = tokio::spawn(work.instrument(span));
        ctx.spawn(work.into_actor(self).map(|joined, _, ctx| {
            ctx.notify(Packed(joined.unwrap_or(Err(AttemptError::Panicked))));
        }));
    }

    /// A ring for this row may be somebody's wish to cancel it: no need to wait for a beat.
    fn follow_bell(&self, ctx: &mut Context<Self>) {
        let (mut changes, id) = (self.works.parts.bell.changes(), self.export.id);
        let address = ctx.address();
        ctx.spawn(
            async move {
                loop {
                    changes.of(id).await;
                    // A full mailbox holds a beat already.
                    let _ = address.try_send(Beat);
                }
            }
            .into_actor(self),
        );
    }

    /// When the house closes, every attempt is cancelled at once; this tells the job why.
    fn follow_house(&self, ctx: &mut Context<Self>) {
        let stop = self.works.stop.clone();
        ctx.spawn(async move { stop.cancelled().await }.into_actor(self).map(|(), _, ctx| {
            ctx.notify(Stop(StopReason::Shutdown));
        }));
    }

    /// Progress worth writing: there is some, and the last writing is long enough ago. A
    /// heartbeat is due even without.
    fn is_write_due(&self) -> bool {
        let news = self.progress.has_changed().unwrap_or(false);
        is_due(news, self.written_at.elapsed(), self.works.parts.config.heartbeat)
    }

    fn heard(&mut self, beat: Result<RowBeat, StoreError>, ctx: &mut Context<Self>) {
        self.beating = false;
        match beat {
            Ok(RowBeat::Held) => {}
            Ok(RowBeat::CancelAsked) => ctx.notify(Stop(StopReason::Cancelled)),
            Ok(RowBeat::Lost) => ctx.notify(Stop(StopReason::LeaseLost)),
            Err(error) => {
                tracing::warn!(export.id = %self.export.id, %error, "beat failed; the next one tries again");
            }
        }
    }
}

impl Actor for ExportJob {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.start_attempt(ctx);
        self.follow_bell(ctx);
        self.follow_house(ctx);
        ctx.run_interval(BEAT, |_, ctx| ctx.notify(Beat));
        ctx.run_later(self.works.parts.config.deadline, |_, ctx| ctx.notify(Stop(StopReason::Deadline)));
    }
}

impl Handler<Beat> for ExportJob {
    type Result = ();

    fn handle(&mut self, _: Beat, ctx: &mut Self::Context) {
        if self.settling || std::mem::replace(&mut self.beating, true) {
            return;
        }
        let (works, held) = (Arc::clone(&self.works), self.held());
        let progress = self.is_write_due().then(|| self.progress.borrow_and_update().clone());
        if progress.is_some() {
            self.written_at = Instant::now();
        }
        let beat = async move {
            let Some(progress) = progress else { return works.rows.peek(&held).await };
            let now = works.parts.clock.now();
            let beat = works.rows.beat(&held, now, works.parts.config.lease, Some(&progress)).await;
            works.parts.bell.ring_for(held.id);
            beat
        };
        ctx.spawn(beat.into_actor(self).map(Self::after_beat));
    }
}

impl ExportJob {
    fn after_beat(beat: Result<RowBeat, StoreError>, this: &mut Self, ctx: &mut Context<Self>) {
        this.heard(beat, ctx);
    }
}

impl Handler<Stop> for ExportJob {
    type Result = ();

    fn handle(&mut self, Stop(reason): Stop, ctx: &mut Self::Context) {
        // Once the lease is lost nothing else matters; otherwise the first reason is the reason.
        if reason == StopReason::LeaseLost {
            self.stop = Some(reason);
        }
        if self.stop.get_or_insert(reason) == &reason {
            tracing::info!(export.id = %self.export.id, ?reason, "stopping the attempt");
        }
        self.control.cancel.cancel();
        ctx.run_later(PATIENCE, |this, ctx| {
            tracing::error!(export.id = %this.export.id, "the attempt does not stop; leaving it behind");
            ctx.notify(Packed(Err(AttemptError::Panicked)));
        });
    }
}

impl Handler<Packed> for ExportJob {
    type Result = ();

    fn handle(&mut self, Packed(result): Packed, ctx: &mut Self::Context) {
        if std::mem::replace(&mut self.settling, true) {
            return;
        }
        if let Err(error) = &result {
            tracing::info!(export.id = %self.export.id, error = %chain(error), "the attempt made no package");
        }
        let config = &self.works.parts.config;
        let attempts_left = self.export.attempt < self.export.max_attempts;
        let wait = backoff(config.backoff, self.export.attempt, rand::random());
        let ending = ending(result, self.stop, config.deadline, attempts_left, wait);
        self.traced.note("exportd.outcome", ending.word());
        if let Some(failure) = ending.failure() {
            self.traced.failed(failure.code.as_str());
        }
        let settled = settle(Arc::clone(&self.works), self.export.clone(), ending);
        let slot = self.slot.take();
        ctx.spawn(settled.into_actor(self).map(move |(), _, ctx| {
            drop(slot);
            ctx.stop();
        }));
    }
}

/// Whether the row is to be written to, `since` after the last time.
fn is_due(news: bool, since: Duration, heartbeat: Duration) -> bool {
    (news && since >= WRITE) || since >= heartbeat
}

/// The attempt that begins, as a part of the trace that the request for it belongs to.
fn traced(tracer: &otel::Tracer, export: &Export) -> otel::Span {
    let span = tracer.work("export", export.origin.traceparent.as_deref());
    if !span.is_told() {
        return span;
    }
    span.note("export.id", export.id.to_string());
    span.note("correlation.id", export.origin.correlation_id.clone());
    span.note("exportd.kind", export.selection.kind().to_string());
    span.note("exportd.format", export.format.to_string());
    span.note("exportd.attempt", i64::from(export.attempt));
    span
}

/// An error with all its causes, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_written_once_a_second_at_most_and_a_heartbeat_when_it_is_due() {
        let (soon, second, beat) = (Duration::from_millis(999), WRITE, Duration::from_secs(15));
        for (news, since, due) in
            [(true, soon, false), (true, second, true), (false, second, false), (false, beat, true)]
        {
            assert_eq!(is_due(news, since, beat), due, "news: {news}, after {since:?}");
        }
    }
}
