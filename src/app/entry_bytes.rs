//! The bytes of one entry, unpacked as they are asked for.

use std::any::Any;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::packaging::{EntryReader, Step};

/// Once so many entries are open, those that wait for their clients give back the memory that
/// they can do without.
const CROWDED: usize = 32;

/// Whose turn it is to unpack: never so many at a time that downloads would starve.
#[derive(Debug, Clone)]
pub(super) struct Turns {
    running: Arc<Semaphore>,
    open: Arc<AtomicUsize>,
}

impl Default for Turns {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { running: Arc::new(Semaphore::new(2 * cores)), open: Arc::default() }
    }
}

/// The bytes of one entry. Between two reads it holds no thread, and little memory.
pub struct EntryBytes {
    reader: EntryReader,
    turns: Turns,
    _scan: Option<OwnedSemaphorePermit>,
}

impl fmt::Debug for EntryBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EntryBytes")
    }
}

impl EntryBytes {
    pub(super) fn new(reader: EntryReader, turns: &Turns, scan: Option<OwnedSemaphorePermit>) -> Self {
        turns.open.fetch_add(1, Ordering::Relaxed);
        Self { reader, turns: turns.clone(), _scan: scan }
    }

    /// Waits until it may [`read`](Self::read); the turn lasts until what comes back is dropped.
    pub fn turn(&self) -> impl Future<Output = Box<dyn Any + Send>> + Send + 'static {
        let running = Arc::clone(&self.turns.running);
        async move { Box::new(running.acquire_owned().await) as Box<dyn Any + Send> }
    }

    /// Some bytes from `at` on into `room`; none when those before them had to be unpacked, and
    /// one has to ask again. Works for a bounded time: call it where waiting hurts nobody.
    ///
    /// # Errors
    /// When the package is damaged: better no bytes than wrong ones.
    pub fn read(&mut self, at: u64, room: &mut [u8]) -> io::Result<usize> {
        self.reader.go_to(at);
        let step = self.reader.read(room).map_err(io::Error::other)?;
        if self.turns.open.load(Ordering::Relaxed) > CROWDED {
            self.reader.make_room();
        }
        match step {
            Step::NotYet => Ok(0),
            Step::Bytes(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Step::Bytes(got) => Ok(got),
        }
    }
}

impl Drop for EntryBytes {
    fn drop(&mut self) {
        self.turns.open.fetch_sub(1, Ordering::Relaxed);
    }
}
