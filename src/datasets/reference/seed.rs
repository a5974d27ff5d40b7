//! Made-up rows for the reference schema: the same for the same seed, whatever the database.

use serde::Serialize;

use crate::domain::{Timestamp, UserId};

use super::ReferenceError;
use super::chance::Chance;
use super::lives::seconds;
use super::spans::millis;
use super::target::Target;
use super::world::World;

/// What rows are made up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// The same gives the same rows.
    pub seed: u64,
    /// Whose most of them are.
    pub first: UserId,
    /// How many users there are; at least one.
    pub users: u32,
    /// How many conversations they have.
    pub conversations: u32,
    /// In how many of a hundred the first user takes part; the others share what is left.
    pub first_percent: u8,
    /// How many days back everything happened.
    pub days: u32,
    /// Nothing happened after this.
    pub until: Timestamp,
}

/// How many rows were made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Seeded {
    /// Users.
    pub users: u64,
    /// Their files.
    pub files: u64,
    /// Sessions of their widgets.
    pub widget_sessions: u64,
    /// Conversations.
    pub conversations: u64,
    /// Messages of these.
    pub messages: u64,
    /// What people thought of them.
    pub feedback: u64,
    /// Events.
    pub events: u64,
    /// Spans of traces.
    pub traces: u64,
}

impl Seed {
    /// A dozen users with three thousand conversations in ninety days, most of them `first`'s: what
    /// fits a first look.
    pub fn demo(first: UserId, until: Timestamp) -> Self {
        Self { seed: 1, first, users: 12, conversations: 3_000, first_percent: 60, days: 90, until }
    }

    /// So many users, alike, with ten conversations each.
    pub fn of_users(users: u32, first: UserId, until: Timestamp) -> Self {
        let conversations = users.saturating_mul(10);
        Self { seed: 1, first, users, conversations, first_percent: 0, days: 90, until }
    }

    /// The first instant of all that happens.
    pub(super) fn from(&self) -> Timestamp {
        self.until.minus(seconds(i64::from(self.days.max(1)) * 86_400))
    }

    /// Who takes part in a conversation.
    pub(super) fn user(&self, chance: &mut Chance) -> usize {
        let others = i64::from(self.users) - 1;
        if others == 0 || chance.percent(i64::from(self.first_percent)) {
            return 0;
        }
        let all = if self.first_percent == 0 { chance.below(others + 1) } else { 1 + chance.below(others) };
        usize::try_from(all).unwrap_or(0)
    }

    /// When one begins: there are more of late, and all have ended before everything does.
    pub(super) fn moment(&self, chance: &mut Chance) -> Timestamp {
        let long = i64::from(self.days.max(1)) * 86_400 - 7_200;
        let later = chance.below(long).max(chance.below(long));
        self.from().plus(seconds(later)).plus(millis(chance.below(1_000)))
    }
}

/// Puts made-up rows into the reference schema of the database at `url`, in one transaction.
///
/// # Errors
/// [`ReferenceError::NotEmpty`] when there are users already, and what the database says.
pub async fn seed(url: &str, wanted: &Seed) -> Result<Seeded, ReferenceError> {
    let mut target = Target::open(url).await?;
    match target.users().await? {
        0 => {}
        users => return Err(ReferenceError::NotEmpty(users)),
    }
    target.run("BEGIN").await?;
    let mut world = World::new(wanted, target.dialect());
    world.people(&mut target).await?;
    for _ in 0..wanted.conversations {
        world.conversation();
        world.send_when_full(&mut target).await?;
    }
    world.send(&mut target).await?;
    target.run("COMMIT").await?;
    target.close().await?;
    Ok(world.seeded())
}
