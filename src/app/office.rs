//! What concerns the house as a whole: its figures, and what it does for itself.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::bell::Bell;
use crate::clock::Clock;
use crate::db::{self, Cause, Kept, Stats, StoreError};
use crate::domain::{Caller, Export, Format, PastSweep, Swept, Timestamp, UserId};
use crate::ledger::Ledger;
use crate::storage::{Packages, StorageError};

use super::DeskParts;
use super::queue::admins_only;

/// A day of UTC.
const DAY: Duration = Duration::from_secs(86_400);
/// Users that are told at most.
const MOST_USERS: u64 = 50;

/// Sweeps the house; whoever runs the engine brings it.
#[async_trait]
pub trait Sweeper: Debug + Send + Sync {
    /// Sweeps now, to the depths, and to its end even if nobody waits for it.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    async fn sweep(&self) -> Result<Swept, StoreError>;
}

/// Why nothing is told or done.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// It concerns everyone.
    #[error("only an admin may ask for what concerns everyone")]
    NotAdmin,
    /// The database did not answer.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The disk of the packages did not answer.
    #[error("the package storage failed")]
    Storage(#[from] StorageError),
}

/// Whose exports are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The caller's own.
    Own,
    /// Everyone's; for admins.
    Everyones,
}

/// Figures of some days.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Midnight (UTC) before the first day.
    pub from: Timestamp,
    /// When they were counted.
    pub to: Timestamp,
    /// What was counted.
    pub stats: Stats,
}

/// What packages take.
#[derive(Debug, Clone)]
pub struct Stock {
    /// Bytes of all files of the store; what packages share counts once.
    pub used: u64,
    /// Bytes free on its file system.
    pub free: u64,
    /// Bytes of its file system.
    pub total: u64,
    /// Bytes that are to stay free.
    pub reserve: u64,
    /// What will have expired in a day.
    pub expiring: Kept,
    /// By format, the largest part first.
    pub by_format: Vec<(Format, Kept)>,
    /// By user, the largest part first; at most so many users.
    pub by_user: Vec<(UserId, Kept)>,
}

/// Counts, and has the house swept.
#[derive(Debug)]
pub struct Office {
    rows: db::Exports,
    sweeps: db::Sweeps,
    packages: Packages,
    sweeper: Arc<dyn Sweeper>,
    ledger: Ledger,
    bell: Bell,
    clock: Clock,
}

impl Office {
    pub(super) fn new(parts: &DeskParts) -> Self {
        Self {
            rows: parts.database.exports(),
            sweeps: parts.database.sweeps(),
            packages: parts.packages.clone(),
            sweeper: Arc::clone(&parts.sweeper),
            ledger: parts.ledger.clone(),
            bell: parts.bell.clone(),
            clock: parts.clock.clone(),
        }
    }

    /// Figures of the exports asked for in the last `days` days, today being the first of them.
    ///
    /// # Errors
    /// [`OfficeError::NotAdmin`] when a user asks for everyone's.
    pub async fn figures(&self, caller: &Caller, whose: Whose, days: u32) -> Result<Figures, OfficeError> {
        let owner = match whose {
            Whose::Own => Some(&caller.user),
            Whose::Everyones => {
                admins_only(caller)?;
                None
            }
        };
        self.ledger.settled().await;
        let to = self.clock.now();
        let from = midnight_before(to.minus(DAY * days.saturating_sub(1)));
        Ok(Figures { from, to, stats: self.rows.stats(owner, from, to).await? })
    }

    /// Why exports failed in the last `days` days, the most frequent first.
    ///
    /// # Errors
    /// [`OfficeError::NotAdmin`].
    pub async fn causes(&self, caller: &Caller, days: u32) -> Result<Vec<Cause>, OfficeError> {
        admins_only(caller)?;
        Ok(self.rows.causes(self.clock.now().minus(DAY * days)).await?)
    }

    /// What packages take: on the disk of this server, and by the rows of all.
    ///
    /// # Errors
    /// [`OfficeError::NotAdmin`], [`OfficeError::Storage`].
    pub async fn stock(&self, caller: &Caller) -> Result<Stock, OfficeError> {
        admins_only(caller)?;
        let (packages, now) = (self.packages.clone(), self.clock.now());
        let look = move || {
            Ok::<_, StorageError>((packages.used_bytes()?, packages.free_bytes()?, packages.total_bytes()?))
        };
        let (used, free, total) = tokio::task::spawn_blocking(look).await.expect("looking does not panic")?;
        Ok(Stock {
            used,
            free,
            total,
            reserve: self.packages.reserve(),
            expiring: self.rows.expiring(now, now.plus(DAY)).await?,
            by_format: self.rows.kept_by_format(now).await?,
            by_user: self.rows.kept_by_user(MOST_USERS, now).await?,
        })
    }

    /// What the last `limit` sweeps did that did something, newest first.
    ///
    /// # Errors
    /// [`OfficeError::NotAdmin`].
    pub async fn past_sweeps(&self, caller: &Caller, limit: u64) -> Result<Vec<PastSweep>, OfficeError> {
        admins_only(caller)?;
        Ok(self.sweeps.latest(limit).await?)
    }

    /// Sweeps now, to the depths. While another node sweeps there is nothing to do.
    ///
    /// # Errors
    /// [`OfficeError::NotAdmin`].
    pub async fn sweep(&self, caller: &Caller) -> Result<Swept, OfficeError> {
        admins_only(caller)?;
        tracing::info!(user = %caller.user, "a sweep was asked for");
        Ok(self.sweeper.sweep().await?)
    }

    /// Queues what is scheduled and due now, which the engine does by itself within seconds.
    ///
    /// # Errors
    /// [`OfficeError::NotAdmin`].
    pub async fn queue_due(&self, caller: &Caller) -> Result<Vec<Export>, OfficeError> {
        admins_only(caller)?;
        let queued = self.rows.queue_due(self.clock.now()).await?;
        for export in &queued {
            self.bell.ring_for(export.id);
        }
        self.bell.ring_for_work();
        Ok(queued)
    }
}

fn midnight_before(instant: Timestamp) -> Timestamp {
    let day = i64::try_from(DAY.as_millis()).expect("a day is not that long");
    Timestamp::from_millis(instant.millis().div_euclid(day) * day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight() {
        let at = |text: &str| Timestamp::parse(text).expect("an instant");
        for (instant, midnight) in [
            ("2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z"),
            ("2026-11-20T23:59:59.999Z", "2026-11-20T00:00:00Z"),
            ("2026-11-21T01:00:00+02:00", "2026-11-20T00:00:00Z"),
        ] {
            assert_eq!(midnight_before(at(instant)), at(midnight), "{instant}");
        }
    }
}
