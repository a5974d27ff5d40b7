//! The queue as admins see it, and stop it.

use std::time::Duration;

use crate::bell::Bell;
use crate::clock::Clock;
use crate::db::{self, Load, Node, Paused, Running};
use crate::domain::{Caller, Status, Timestamp};

use super::{DeskParts, OfficeError};

/// Running exports that are told at most.
const MOST_RUNNING: u64 = 100;
/// Users that are told at most.
const MOST_USERS: u64 = 50;

/// What stands in the queue, and who works on it.
#[derive(Debug, Clone)]
pub struct QueueNow {
    /// When it was looked at.
    pub now: Timestamp,
    /// Since when nothing is begun, if that is so.
    pub paused: Option<Paused>,
    /// How many exports there are in each state.
    pub counts: Vec<(Status, u64)>,
    /// For how long the one has waited that waits longest.
    pub oldest: Duration,
    /// What is worked on, the longest running first.
    pub running: Vec<Running>,
    /// Whose it is, those with most of it first.
    pub loads: Vec<Load>,
    /// Who works.
    pub nodes: Vec<Node>,
    /// A node that was last seen before this works no more.
    pub alive_since: Timestamp,
}

/// Tells of the queue, pauses it and lets it go on.
#[derive(Debug)]
pub struct QueueDesk {
    queue: db::Queue,
    rows: db::Exports,
    lease: Duration,
    bell: Bell,
    clock: Clock,
}

impl QueueDesk {
    pub(super) fn new(parts: &DeskParts) -> Self {
        Self {
            queue: parts.database.queue(),
            rows: parts.database.exports(),
            lease: parts.lease,
            bell: parts.bell.clone(),
            clock: parts.clock.clone(),
        }
    }

    /// The queue as it stands.
    ///
    /// # Errors
    /// [`OfficeError::NotAdmin`].
    pub async fn show(&self, caller: &Caller) -> Result<QueueNow, OfficeError> {
        admins_only(caller)?;
        let now = self.clock.now();
        let oldest = self.rows.oldest_queued().await?;
        Ok(QueueNow {
            now,
            paused: self.queue.paused().await?,
            counts: self.rows.counts().await?,
            oldest: oldest.map_or(Duration::ZERO, |since| now.since(since)),
            running: self.queue.running(MOST_RUNNING).await?,
            loads: self.queue.loads(MOST_USERS).await?,
            nodes: self.queue.nodes().await?,
            alive_since: now.minus(self.lease),
        })
    }

    /// Begins nothing more, on any node, until it is resumed. What runs goes on, and requests are taken in.
    ///
    /// # Errors
    /// [`OfficeError::NotAdmin`].
    pub async fn pause(&self, caller: &Caller) -> Result<QueueNow, OfficeError> {
        admins_only(caller)?;
        self.queue.pause(caller.actor(), self.clock.now()).await?;
        tracing::warn!(by = caller.actor(), "the queue is paused");
        self.show(caller).await
    }

    /// Goes on at once, on every node.
    ///
    /// # Errors
    /// [`OfficeError::NotAdmin`].
    pub async fn resume(&self, caller: &Caller) -> Result<QueueNow, OfficeError> {
        admins_only(caller)?;
        self.queue.resume().await?;
        self.bell.ring_for_work();
        tracing::info!(by = caller.actor(), "the queue goes on");
        self.show(caller).await
    }
}

/// What concerns everyone is for admins.
pub(super) fn admins_only(caller: &Caller) -> Result<(), OfficeError> {
    if caller.is_admin() { Ok(()) } else { Err(OfficeError::NotAdmin) }
}
