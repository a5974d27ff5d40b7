//! How much of the rows one report may hold at a time.

use crate::reports::limits::HELD;

/// How many bytes more a report may hold, and of what.
#[derive(Debug)]
pub struct Rooms {
    /// For rows that texts look at. Whoever prints the rows of a large section has a table for it, so
    /// that fewer of them are kept when they are large.
    pub kept: Room,
    /// For rows of tables and points of charts.
    pub shown: Room,
}

impl Default for Rooms {
    fn default() -> Self {
        Self { kept: Room(HELD / 4), shown: Room(HELD) }
    }
}

/// How many bytes more may be held.
#[derive(Debug)]
pub struct Room(usize);

impl Room {
    /// Takes `bytes`; `false`, and nothing is taken, when there are not so many.
    #[must_use = "nothing may be held for which there is no room"]
    pub fn take(&mut self, bytes: usize) -> bool {
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }

    /// Gives `bytes` back.
    pub fn give(&mut self, bytes: usize) {
        self.0 += bytes;
    }
}
