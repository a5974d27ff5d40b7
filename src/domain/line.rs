//! Who stands in line for a slot, and when each one's turn comes.
//!
//! Foretold by playing the claims that are to come: a slot goes to whoever has the fewest jobs
//! running and, among those, has waited longest since their last one; nobody gets more than they
//! may have at a time. Every job is taken to last as long as jobs have lasted lately.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::time::Duration;

use super::Timestamp;

/// Turns that are played at most; beyond them a place is told that is too near.
const TURNS: u64 = 100_000;
/// What a job that has taken longer than usual still takes, as a part of what it took.
const OVERDUE: u32 = 4;

/// A user with something queued or running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InLine {
    /// Exports queued; of whoever the line is looked at for, up to theirs.
    pub queued: u64,
    /// For how long each of their running jobs has run.
    pub running: Vec<Duration>,
    /// Jobs that they may have at a time.
    pub at_a_time: u64,
    /// When they were last given a slot.
    pub last_claim: Timestamp,
}

/// The line, as somebody sees it who stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Slots of all nodes.
    pub slots: u64,
    /// How long jobs have lasted lately.
    pub usual: Duration,
    /// Everyone with something queued or running.
    pub users: Vec<InLine>,
    /// Which of them asks. Theirs is the last of their queued ones.
    pub mine: usize,
}

/// What becomes of somebody in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foretold {
    /// How many exports will have begun when this one begins, itself included.
    pub position: u64,
    /// Until it begins.
    pub begins_in: Duration,
}

impl Line {
    /// When the turn of whoever asks comes; `None` if it never does because they may have no job,
    /// or nobody runs any.
    pub fn foretell(&self) -> Option<Foretold> {
        let mut play = Play::of(self);
        loop {
            while let Some(user) = play.next() {
                play.begin(user, self.usual);
                if user == self.mine && play.users[user].queued == 0 || play.begun >= TURNS {
                    return Some(Foretold { position: play.begun, begins_in: play.now });
                }
            }
            play.wait()?;
        }
    }
}

/// A line while its future is played.
struct Play {
    users: Vec<Player>,
    /// Users who could be given a slot: fewest running first, then longest without one.
    ready: BTreeSet<(u64, i64, usize)>,
    /// When whose jobs end, soonest first.
    ends: BinaryHeap<Reverse<(Duration, usize)>>,
    slots: usize,
    begun: u64,
    now: Duration,
    last_claim: i64,
}

struct Player {
    queued: u64,
    running: u64,
    at_a_time: u64,
    last_claim: i64,
}

impl Play {
    fn of(line: &Line) -> Self {
        let of = |user: &InLine| Player {
            queued: user.queued,
            running: user.running.len() as u64,
            at_a_time: user.at_a_time,
            last_claim: user.last_claim.millis(),
        };
        let users: Vec<Player> = line.users.iter().map(of).collect();
        let mut ends = BinaryHeap::new();
        for (index, user) in line.users.iter().enumerate() {
            ends.extend(user.running.iter().map(|ran| Reverse((still(*ran, line.usual), index))));
        }
        let slots = usize::try_from(line.slots).unwrap_or(usize::MAX);
        let last_claim = users.iter().map(|user| user.last_claim).max().unwrap_or(0);
        let mut play =
            Self { users, ready: BTreeSet::new(), ends, slots, begun: 0, now: Duration::ZERO, last_claim };
        (0..play.users.len()).for_each(|user| play.look_at(user));
        play
    }

    /// Whoever gets the next slot, if one is free. More may run than there are slots: those of a
    /// node that is gone.
    fn next(&mut self) -> Option<usize> {
        if self.ends.len() >= self.slots {
            return None;
        }
        self.ready.pop_first().map(|(_, _, user)| user)
    }

    fn begin(&mut self, user: usize, usual: Duration) {
        self.begun += 1;
        self.last_claim += 1;
        let player = &mut self.users[user];
        player.queued -= 1;
        player.running += 1;
        player.last_claim = self.last_claim;
        self.ends.push(Reverse((self.now + usual, user)));
        self.look_at(user);
    }

    /// Goes on to the next end; `None` when there is none.
    fn wait(&mut self) -> Option<()> {
        let Reverse((at, first)) = self.ends.pop()?;
        self.now = at;
        self.end(first);
        while let Some(Reverse((end, user))) = self.ends.peek().copied()
            && end == at
        {
            self.ends.pop();
            self.end(user);
        }
        Some(())
    }

    fn end(&mut self, user: usize) {
        let player = &self.users[user];
        self.ready.remove(&(player.running, player.last_claim, user));
        self.users[user].running -= 1;
        self.look_at(user);
    }

    fn look_at(&mut self, user: usize) {
        let player = &self.users[user];
        if player.queued > 0 && player.running < player.at_a_time {
            self.ready.insert((player.running, player.last_claim, user));
        }
    }
}

/// What a job still takes that has run for so long.
pub fn still(ran: Duration, usual: Duration) -> Duration {
    usual.checked_sub(ran).filter(|left| *left > ran / OVERDUE).unwrap_or(ran / OVERDUE)
}

#[cfg(test)]
#[path = "line/tests.rs"]
mod tests;
