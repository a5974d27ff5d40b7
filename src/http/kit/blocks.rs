//! What packages take on their way out: the memory they are read into, and turns at the disk.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// As much as one read takes while there is plenty: large enough that the calls cost nothing
/// beside the copying, small enough that the copy is still in the processor's cache when it is
/// written to the socket.
const LARGE: usize = 256 * 1024;
/// Once this much is lent, many clients are reading slowly, and reads become smaller.
const PLENTY: usize = 16 * 1024 * 1024;
const SMALL: usize = 64 * 1024;
/// Once this much is lent, reads are as small as they get.
const CROWDED: usize = 32 * 1024 * 1024;
const SMALLEST: usize = 16 * 1024;
/// Large blocks kept for the next read, rather than zeroed anew for each.
const MOST_IDLE: usize = 32;
/// Reads that may wait for the disk at a time: enough to keep a fast one busy, few enough that
/// whoever else needs a thread that may wait (there are 512) always finds one.
const TURNS: usize = 32;

/// Lends the memory for reads to all downloads of one server, and gives turns at the disk. Cheap to
/// clone; all clones are one.
///
/// A slow reader holds on to what was read for it until its socket takes it. So the more is lent,
/// the less is lent at a time: one client alone gets 256 KiB, five hundred that stall hold less
/// than forty MiB together.
#[derive(Debug, Clone, Default)]
pub struct Blocks(Arc<Shelf>);

#[derive(Debug)]
struct Shelf {
    /// Bytes out at present.
    lent: AtomicUsize,
    /// Blocks of [`LARGE`] bytes that came back.
    idle: Mutex<Vec<Box<[u8]>>>,
    /// Whose turn it is at the disk.
    disk: Arc<Semaphore>,
}

impl Default for Shelf {
    fn default() -> Self {
        let disk = Arc::new(Semaphore::new(TURNS));
        Self { lent: AtomicUsize::default(), idle: Mutex::default(), disk }
    }
}

impl Blocks {
    /// Memory for a read of `wanted` bytes, or of fewer when much is lent; never none for some.
    pub(super) fn lend(&self, wanted: u64) -> Block {
        let most = match self.lent() {
            ..PLENTY => LARGE,
            PLENTY..CROWDED => SMALL,
            CROWDED.. => SMALLEST,
        };
        let size = usize::try_from(wanted).map_or(most, |wanted| wanted.min(most));
        let recycled = if size > SMALL { self.0.idle().pop() } else { None };
        let room = recycled.unwrap_or_else(|| {
            let size = if size > SMALL { LARGE } else { size };
            vec![0; size].into_boxed_slice()
        });
        self.0.lent.fetch_add(room.len(), Ordering::Relaxed);
        Block { room, size, shelf: Arc::clone(&self.0) }
    }

    /// Waits for a turn at the disk, which lasts until it is dropped: first come, first served.
    pub(super) async fn turn(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.0.disk).acquire_owned().await.expect("it is never closed")
    }

    /// Bytes lent at present.
    pub fn lent(&self) -> usize {
        self.0.lent.load(Ordering::Relaxed)
    }
}

impl Shelf {
    fn idle(&self) -> MutexGuard<'_, Vec<Box<[u8]>>> {
        // Whoever panicked was only pushing or popping: the list is whole.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Memory to read into, and then what was read; goes back to the shelf when the last that holds
/// a piece of it lets go.
#[derive(Debug)]
pub(super) struct Block {
    room: Box<[u8]>,
    /// How much of the room is this read's.
    size: usize,
    shelf: Arc<Shelf>,
}

impl Block {
    /// Where to read into.
    pub(super) fn as_mut(&mut self) -> &mut [u8] {
        &mut self.room[..self.size]
    }

    /// All of it, as the chunk of a body.
    pub(super) fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Block {
    fn as_ref(&self) -> &[u8] {
        &self.room[..self.size]
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        let room = std::mem::take(&mut self.room);
        self.shelf.lent.fetch_sub(room.len(), Ordering::Relaxed);
        let mut idle = self.shelf.idle();
        if room.len() == LARGE && idle.len() < MOST_IDLE {
            idle.push(room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_is_lent_the_less_is_lent_at_a_time() {
        let blocks = Blocks::default();
        let held: Vec<_> = (0..512).map(|_| blocks.lend(u64::MAX)).collect();
        let sizes: Vec<_> = held.iter().map(|block| block.as_ref().len()).collect();
        assert_eq!(sizes[0], LARGE);
        assert!(sizes.is_sorted_by(|earlier, later| earlier >= later));
        assert!(blocks.lent() < 40 * 1024 * 1024, "{}", blocks.lent());
        drop(held);
        assert_eq!(blocks.lent(), 0);
        assert_eq!(blocks.0.idle().len(), MOST_IDLE);
    }

    #[test]
    fn a_block_is_as_long_as_what_is_left_to_read_and_comes_back() {
        let blocks = Blocks::default();
        for wanted in [1, 4096, 100_000, LARGE as u64] {
            let chunk = blocks.lend(wanted).freeze();
            assert_eq!(chunk.len() as u64, wanted);
            let piece = chunk.slice(..1);
            drop(chunk);
            assert!(blocks.lent() > 0, "a piece is still held");
            drop(piece);
            assert_eq!(blocks.lent(), 0);
        }
    }
}
