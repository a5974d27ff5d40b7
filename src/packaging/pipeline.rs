//! The line of units: read and compressed on many threads, taken off in order.
//!
//! At most a window of units is under way, so memory is bounded whatever the source; the driver
//! feeds the line until the window is full, then takes the first unit off, waiting if it must.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::dropped::{Dropped, Why};
use super::large::{CHUNK, Chunk, LargeReader};
use super::pool::Pool;
use super::source::{Entry, EntryKind, Source};
use super::unit::{Packed, pack_batch};
use super::{Control, PackError};

/// Larger files go chunk by chunk.
const LARGE: u64 = (CHUNK + CHUNK / 2) as u64;
/// Small files of a batch, in bytes and in number.
const BATCH_BYTES: u64 = 256 * 1024;
const BATCH_FILES: usize = 256;
/// Units under way for each thread, and in all: each may hold 2 MiB, and memory is not to grow
/// with the machine.
const DEPTH: usize = 6;
const DEEPEST: usize = 32;
/// How often a waiting driver looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(50);

/// What comes off the line, in the order of the entries.
pub enum Step {
    /// Some entries, whole.
    Batch(Vec<Result<Packed, Dropped>>),
    /// A large entry begins.
    Begin(usize),
    /// Its next chunk.
    Chunk(Chunk),
    /// It is over; whether it changed while it was read.
    End(bool),
    /// An entry that could not be opened.
    Dropped(Dropped),
}

/// What is under way.
enum Ticket {
    Batch(Receiver<Vec<Result<Packed, Dropped>>>),
    Chunk(Receiver<Chunk>),
    Ready(Step),
}

/// The line.
pub struct Pipeline<'a> {
    source: Arc<dyn Source>,
    entries: Arc<Vec<Entry>>,
    next: usize,
    reading: Option<LargeReader>,
    window: VecDeque<Ticket>,
    spent: Vec<Chunk>,
    depth: usize,
    pool: &'a Pool,
    longest: u64,
    level: u32,
    control: &'a Control,
}

impl<'a> Pipeline<'a> {
    /// A line for `entries` of `source`; no file is read beyond `longest` bytes.
    pub fn new(
        source: Arc<dyn Source>,
        entries: Arc<Vec<Entry>>,
        pool: &'a Pool,
        longest: u64,
        level: u32,
        control: &'a Control,
    ) -> Self {
        let depth = (pool.threads() * DEPTH).min(DEEPEST.max(pool.threads() * 2));
        Self {
            source,
            entries,
            next: 0,
            reading: None,
            window: VecDeque::new(),
            spent: Vec::new(),
            depth,
            pool,
            longest,
            level,
            control,
        }
    }

    /// The next step; `None` at the end.
    ///
    /// # Errors
    /// [`PackError::Cancelled`], [`PackError::Panicked`].
    pub fn step(&mut self) -> Result<Option<Step>, PackError> {
        while self.window.len() < self.depth && self.feed()? {}
        match self.window.pop_front() {
            None => Ok(None),
            Some(Ticket::Ready(step)) => Ok(Some(step)),
            Some(Ticket::Batch(line)) => Ok(Some(Step::Batch(self.wait(&line)?))),
            Some(Ticket::Chunk(line)) => Ok(Some(Step::Chunk(self.wait(&line)?))),
        }
    }

    /// Takes a chunk back whose buffers may be used again.
    pub fn reuse(&mut self, spent: Chunk) {
        self.spent.push(spent);
    }

    /// Puts one more unit on the line; `false` when there is none.
    fn feed(&mut self) -> Result<bool, PackError> {
        self.control.check()?;
        if self.reading.is_some() {
            self.feed_chunk();
            return Ok(true);
        }
        let Some(entry) = self.entries.get(self.next) else { return Ok(false) };
        let ticket = if entry.kind == EntryKind::File && entry.size > LARGE {
            self.open_large()
        } else {
            self.batch()
        };
        self.window.push_back(ticket);
        Ok(true)
    }

    fn open_large(&mut self) -> Ticket {
        let index = self.next;
        let entry = &self.entries[index];
        self.next += 1;
        Ticket::Ready(match self.source.open(entry) {
            Ok(content) => {
                self.reading = Some(LargeReader::new(content, entry.size, self.longest));
                Step::Begin(index)
            }
            Err(error) => Step::Dropped(Dropped { index, why: Why::Unread(error) }),
        })
    }

    fn feed_chunk(&mut self) {
        let Some(reader) = self.reading.as_mut() else { return };
        let ticket = match reader.chunk(self.spent.pop().unwrap_or_default()) {
            Some(chunk) => {
                let level = self.level;
                Ticket::Chunk(self.pool.submit(move || chunk.pack(level)))
            }
            None => Ticket::Ready(Step::End(self.reading.take().is_some_and(|reader| reader.has_changed()))),
        };
        self.window.push_back(ticket);
    }

    fn batch(&mut self) -> Ticket {
        let (first, mut bytes) = (self.next, 0);
        while let Some(entry) = self.entries.get(self.next) {
            let is_large = entry.kind == EntryKind::File && entry.size > LARGE;
            let is_full =
                self.next > first && (bytes + entry.size > BATCH_BYTES || self.next - first >= BATCH_FILES);
            if is_large || is_full {
                break;
            }
            bytes += entry.size;
            self.next += 1;
        }
        let (source, entries) = (Arc::clone(&self.source), Arc::clone(&self.entries));
        let (indices, longest, level, control) =
            (first..self.next, self.longest, self.level, self.control.clone());
        Ticket::Batch(
            self.pool.submit(move || pack_batch(&*source, &entries, indices, longest, level, &control)),
        )
    }

    fn wait<T>(&self, line: &Receiver<T>) -> Result<T, PackError> {
        loop {
            match line.recv_timeout(LOOK) {
                Ok(answer) => {
                    self.control.check()?;
                    return Ok(answer);
                }
                Err(RecvTimeoutError::Timeout) => self.control.check()?,
                Err(RecvTimeoutError::Disconnected) => return Err(PackError::Panicked),
            }
        }
    }
}
