//! The queue as a whole.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{Load, Node, Outlook, QueueNow, Running};
use crate::domain::{Status, Timestamp};

use super::ExportView;

/// What waits, what runs, for whom and where.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Queue)]
pub struct QueueView {
    /// Nothing more is begun.
    paused: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    paused_at: Option<Timestamp>,
    /// Who paused it: a user, or a key as `key:ID`.
    paused_by: Option<String>,
    depth: DepthView,
    /// For how long the one has waited that waits longest; 0 when none does.
    oldest_queued_seconds: u64,
    /// At most 100, the longest running first.
    running: Vec<RunningView>,
    /// At most 50, those with most in the queue first.
    users: Vec<LoadView>,
    /// The servers that were seen within the last hour.
    workers: Vec<WorkerView>,
}

/// How many exports there are that have not ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueueDepth)]
struct DepthView {
    scheduled: u64,
    queued: u64,
    processing: u64,
    cancelling: u64,
}

/// An export that is worked on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = QueueRunning)]
struct RunningView {
    export: ExportView,
    user_id: String,
    /// As among `workers`.
    worker: String,
    /// When its worker was last heard of.
    #[schema(value_type = String, format = DateTime)]
    heartbeat_at: Timestamp,
}

/// What one user has in the queue.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = QueueUser)]
struct LoadView {
    user_id: String,
    queued: u64,
    running: u64,
}

/// A server that runs jobs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = QueueWorker)]
struct WorkerView {
    name: String,
    /// Jobs it runs at a time.
    slots: u64,
    /// Jobs it runs now.
    running: u64,
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
    /// It was seen within `jobs.lease`.
    alive: bool,
}

impl From<QueueNow> for QueueView {
    fn from(queue: QueueNow) -> Self {
        let count = |wanted| {
            let found = queue.counts.iter().find(|(status, _)| *status == wanted);
            found.map_or(0, |(_, count)| *count)
        };
        let running = |Running { export, worker, heard_at }: &Running| RunningView {
            export: ExportView::new(export, Outlook::default(), queue.now),
            user_id: export.owner.to_string(),
            worker: worker.clone(),
            heartbeat_at: *heard_at,
        };
        let load = |Load { user, queued, running }: &Load| LoadView {
            user_id: user.to_string(),
            queued: *queued,
            running: *running,
        };
        let worker = |Node { worker, slots, running, seen_at }: &Node| WorkerView {
            name: worker.clone(),
            slots: *slots,
            running: *running,
            seen_at: *seen_at,
            alive: *seen_at >= queue.alive_since,
        };
        Self {
            paused: queue.paused.is_some(),
            paused_at: queue.paused.as_ref().map(|paused| paused.at),
            paused_by: queue.paused.as_ref().map(|paused| paused.by.clone()),
            depth: DepthView {
                scheduled: count(Status::Scheduled),
                queued: count(Status::Queued),
                processing: count(Status::Processing),
                cancelling: count(Status::Cancelling),
            },
            oldest_queued_seconds: queue.oldest.as_secs(),
            running: queue.running.iter().map(running).collect(),
            users: queue.loads.iter().map(load).collect(),
            workers: queue.nodes.iter().map(worker).collect(),
        }
    }
}
