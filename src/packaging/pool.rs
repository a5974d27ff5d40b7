//! The packing threads: everything that burns CPU, on plain OS threads of its own, so that a
//! download never waits behind a compressor.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

type Work = Box<dyn FnOnce() + Send>;

/// Threads that take work in the order it comes. They end with the last clone of their pool.
#[derive(Clone)]
pub struct Pool {
    work: Sender<Work>,
    threads: usize,
}

impl Pool {
    /// A pool of `threads` threads, at least one.
    pub fn new(threads: usize) -> Self {
        let threads = threads.max(1);
        let (work, queue) = bounded::<Work>(threads * 2);
        for number in 0..threads {
            let queue: Receiver<Work> = queue.clone();
            thread::Builder::new()
                .name(format!("pack-{number}"))
                .spawn(move || {
                    for work in queue {
                        // Whoever waits for a panicked work's answer finds its line dead.
                        let _ = catch_unwind(AssertUnwindSafe(work));
                    }
                })
                .expect("the system gives threads at start");
        }
        Self { work, threads }
    }

    /// How many threads there are.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Has `work` done, as soon as a thread is free; its answer comes on the line. The line is
    /// dead if the work panicked. Waits while the threads have enough to do.
    pub fn submit<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
        let (answer, line) = bounded(1);
        let work = Box::new(move || {
            // Whoever asked may have been cancelled.
            let _ = answer.send(work());
        });
        self.work.send(work).expect("the threads live as long as their pool");
        line
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("threads", &self.threads).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_kills_its_answer_and_not_its_thread() {
        let pool = Pool::new(1);
        let dead: Receiver<u8> = pool.submit(|| panic!("this work is bad"));
        assert!(dead.recv().is_err());
        assert_eq!(pool.submit(|| 7).recv(), Ok(7));
    }
}
