//! How far a download is, for whoever watches.

use std::fmt::Display;
use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::output;
use crate::domain::human_size;

const KNOWN: &str = "{msg} {wide_bar} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}";
const UNKNOWN: &str = "{msg} {spinner} {binary_bytes} {binary_bytes_per_sec}";
const REDRAWN: Duration = Duration::from_millis(200);

/// Tells on standard error: by a bar on a terminal, by a line every tenth elsewhere.
#[derive(Debug)]
pub struct Progress {
    manner: Manner,
    bar: ProgressBar,
    now: Mutex<Now>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Bar,
    Lines,
    Silence,
}

#[derive(Debug, Default)]
struct Now {
    name: String,
    size: Option<u64>,
    came: u64,
    /// The last tenth that was told.
    tenth: u64,
    /// A trouble was told, and nothing came since.
    in_trouble: bool,
}

impl Progress {
    /// One that fits standard error, or says nothing when that is wanted.
    pub fn new(quiet: bool) -> Self {
        let manner = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Manner::Silence,
            (false, true) => Manner::Bar,
            (false, false) => Manner::Lines,
        };
        Self { manner, bar: ProgressBar::hidden(), now: Mutex::default() }
    }

    /// From now on `name` comes: `size` bytes, of which so many are there.
    pub fn begin(&self, name: &str, size: Option<u64>, there: u64) {
        *self.now() = Now { name: name.to_owned(), size, came: there, ..Now::default() };
        self.now().tenth = tenth(there, size);
        if self.manner == Manner::Bar {
            let style = ProgressStyle::with_template(if size.is_some() { KNOWN } else { UNKNOWN });
            self.bar.set_style(style.expect("our own templates are sound"));
            self.bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
            size.map_or_else(|| self.bar.unset_length(), |size| self.bar.set_length(size));
            self.bar.set_position(there);
            self.bar.set_message(name.to_owned());
            self.bar.reset_eta();
            self.bar.enable_steady_tick(REDRAWN);
        }
    }

    /// It comes once more from the first byte.
    pub fn begin_again(&self) {
        self.bar.set_position(0);
        let mut now = self.now();
        (now.came, now.tenth) = (0, 0);
    }

    /// So many bytes came.
    pub fn came(&self, bytes: u64) {
        self.bar.inc(bytes);
        let mut now = self.now();
        now.came += bytes;
        now.in_trouble = false;
        let tenth = tenth(now.came, now.size);
        if self.manner == Manner::Lines && tenth > now.tenth {
            now.tenth = tenth;
            let size = human_size(now.size.unwrap_or_default());
            output::note(format_args!("{}: {} % of {size}", now.name, tenth * 10));
        }
    }

    /// What a person may want to know.
    pub fn note(&self, words: impl Display) {
        if self.manner != Manner::Silence {
            self.bar.suspend(|| output::note(words));
        }
    }

    /// What stands in the way just now; once until something comes again, however many connections
    /// meet it.
    pub fn trouble(&self, words: impl Display) {
        if !std::mem::replace(&mut self.now().in_trouble, true) {
            self.note(words);
        }
    }

    /// Nothing more will come.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many tenths of `size` are there.
fn tenth(came: u64, size: Option<u64>) -> u64 {
    let tenths = |size: u64| u128::from(came) * 10 / u128::from(size.max(1));
    size.map_or(0, |size| u64::try_from(tenths(size)).unwrap_or(10).min(10))
}

#[cfg(test)]
mod tests {
    use super::tenth;

    #[test]
    fn tenths_are_told_when_they_are_full() {
        let of = |came| tenth(came, Some(1000));
        assert_eq!((of(0), of(99), of(100), of(999), of(1000)), (0, 0, 1, 9, 10));
        assert_eq!((tenth(5, None), tenth(u64::MAX, Some(u64::MAX)), tenth(0, Some(0))), (0, 10, 0));
    }
}
