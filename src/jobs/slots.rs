//! How many jobs may run on this node, and how many do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

use crate::bell::Bell;

/// The node's slots. Shared by a scheduler, its successors after a crash, and the jobs, so that
/// jobs which outlive their scheduler still count.
#[derive(Debug, Clone)]
pub struct Slots {
    limit: Arc<AtomicUsize>,
    used: Arc<watch::Sender<usize>>,
    bell: Bell,
}

/// The right to run one job; gives its slot back when dropped, however the job ended.
#[derive(Debug)]
pub struct Slot(Slots);

impl Slots {
    /// `limit` free slots.
    pub fn new(limit: usize, bell: Bell) -> Self {
        Self { limit: Arc::new(AtomicUsize::new(limit)), used: Arc::new(watch::Sender::new(0)), bell }
    }

    /// How many there are.
    pub fn all(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    /// From now on there are so many. What runs beyond that runs to its end.
    pub fn set_all(&self, limit: usize) {
        self.limit.store(limit, Ordering::Relaxed);
        self.bell.ring_for_work();
    }

    /// How many jobs could be started now.
    pub fn free(&self) -> usize {
        self.all().saturating_sub(*self.used.borrow())
    }

    /// Takes one slot. Only the scheduler takes, and it has asked [`Slots::free`] before.
    pub fn take(&self) -> Slot {
        self.used.send_modify(|used| *used += 1);
        Slot(self.clone())
    }

    /// Waits until no job runs.
    pub async fn all_free(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.used.subscribe().wait_for(|used| *used == 0).await;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.used.send_modify(|used| *used -= 1);
        self.0.bell.ring_for_work();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dropped_slot_is_free_again_and_the_bell_says_so() {
        let bell = Bell::default();
        let slots = Slots::new(2, bell.clone());
        let (one, two) = (slots.take(), slots.take());
        assert_eq!(slots.free(), 0);
        drop(one);
        assert_eq!(slots.free(), 1);
        bell.work().await;
        drop(two);
        slots.all_free().await;
    }

    #[tokio::test]
    async fn with_fewer_slots_what_runs_goes_on_and_nothing_is_begun() {
        let slots = Slots::new(2, Bell::default());
        let (one, _two) = (slots.take(), slots.take());
        slots.set_all(1);
        drop(one);
        assert_eq!((slots.all(), slots.free()), (1, 0));
        slots.set_all(3);
        assert_eq!(slots.free(), 2);
    }
}
