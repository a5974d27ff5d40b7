//! The line of portions: read and compressed on many threads, taken off in order.
//!
//! At most a window of portions is under way, so memory is bounded whatever the source; the driver
//! feeds the line until the window is full, then takes the first one off, waiting if it must.

use std::collections::VecDeque;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::PackError;
use super::chunk::{Chunk, LargeReader};
use super::dropped::{Dropped, Why};
use super::plan::{Plan, Portion};
use super::pool::Pool;
use super::previous::{Known, Previous};
use super::source::Entry;
use super::unit::{Batch, Packing};

/// Portions under way for each thread, and the memory they may take in all: it is not to grow with
/// the machine. Each may hold a chunk, and as much again of what it became.
const DEPTH: usize = 6;
const MEMORY: usize = 24 << 20;
/// How often a waiting driver looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(50);

/// What comes off the line, in the order of the entries.
pub enum Step {
    /// Some entries, whole.
    Batch(Batch),
    /// A large entry begins.
    Begin(usize),
    /// Its next chunk.
    Chunk(Chunk),
    /// It is over; whether it changed while it was read.
    End(bool),
    /// A large entry that is unchanged, and what it was in the package before.
    Taken(usize, Known),
    /// An entry that could not be opened.
    Dropped(Dropped),
}

/// What is under way.
enum Ticket {
    Batch(Receiver<Batch>),
    Chunk(Receiver<Chunk>),
    Ready(Step),
}

/// The line.
pub struct Pipeline<'a> {
    packing: Packing,
    plan: Plan,
    next: usize,
    reading: Option<LargeReader>,
    window: VecDeque<Ticket>,
    spent: Vec<Chunk>,
    depth: usize,
    pool: &'a Pool,
}

impl<'a> Pipeline<'a> {
    /// A line for all that there is to pack.
    pub fn new(packing: Packing, pool: &'a Pool) -> Self {
        let deepest = MEMORY / (2 * packing.press.chunk());
        let depth = (pool.threads() * DEPTH).min(deepest.max(pool.threads() + 1));
        let plan = Plan::new(packing.press.format);
        let (window, spent) = (VecDeque::new(), Vec::new());
        Self { packing, plan, next: 0, reading: None, window, spent, depth, pool }
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

    /// Puts one more portion on the line; `false` when there is none.
    fn feed(&mut self) -> Result<bool, PackError> {
        self.packing.control.check()?;
        if self.reading.is_some() {
            self.feed_chunk();
            return Ok(true);
        }
        let ticket = match self.plan.portion(&self.packing.entries, self.next) {
            None => return Ok(false),
            Some(Portion::Large(index)) => self.open_large(index),
            Some(Portion::Batch(range)) => {
                self.next = range.end;
                // It may be long until the next large entry, and batches take memory too.
                self.spent.clear();
                let packing = self.packing.clone();
                Ticket::Batch(self.pool.submit(move || packing.pack(range)))
            }
        };
        self.window.push_back(ticket);
        Ok(true)
    }

    fn open_large(&mut self, index: usize) -> Ticket {
        let Packing { source, entries, press, longest, previous, .. } = &self.packing;
        let entry = &entries[index];
        self.next = index + 1;
        if let Some(known) = previous.as_ref().and_then(|previous| unchanged(previous, entry)) {
            return Ticket::Ready(Step::Taken(index, known));
        }
        Ticket::Ready(match source.open(entry) {
            Ok(content) => {
                self.reading = Some(LargeReader::new(content, entry, *longest, *press));
                Step::Begin(index)
            }
            Err(error) => Step::Dropped(Dropped { index, why: Why::Unread(error) }),
        })
    }

    fn feed_chunk(&mut self) {
        let Some(reader) = self.reading.as_mut() else { return };
        let ticket = match reader.chunk(self.spent.pop().unwrap_or_default()) {
            Some(chunk) => {
                let press = self.packing.press;
                Ticket::Chunk(self.pool.submit(move || chunk.pack(press)))
            }
            None => Ticket::Ready(Step::End(self.reading.take().is_some_and(|reader| reader.has_changed()))),
        };
        self.window.push_back(ticket);
    }

    fn wait<T>(&self, line: &Receiver<T>) -> Result<T, PackError> {
        loop {
            match line.recv_timeout(LOOK) {
                Ok(answer) => {
                    self.packing.control.check()?;
                    return Ok(answer);
                }
                Err(RecvTimeoutError::Timeout) => self.packing.control.check()?,
                Err(RecvTimeoutError::Disconnected) => return Err(PackError::Panicked),
            }
        }
    }
}

/// What a large entry was the last time, if it is unchanged, and what it became undamaged.
fn unchanged(previous: &Previous, entry: &Entry) -> Option<Known> {
    previous.unchanged(std::slice::from_ref(entry)).filter(|known| previous.is_sound(known))
}
