//! What concerns the house as a whole: its figures, and what it does for itself.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::bell::Bell;
use crate::clock::Clock;
use crate::db::{self, Stats, StoreError};
use crate::domain::{Caller, Export, Swept, Timestamp};
use crate::ledger::Ledger;

use super::DeskParts;

/// A day of UTC.
const DAY: Duration = Duration::from_secs(86_400);

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

/// Counts, and has the house swept.
#[derive(Debug)]
pub struct Office {
    rows: db::Exports,
    sweeper: Arc<dyn Sweeper>,
    ledger: Ledger,
    bell: Bell,
    clock: Clock,
}

impl Office {
    pub(super) fn new(parts: &DeskParts) -> Self {
        Self {
            rows: parts.database.exports(),
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
                admin(caller)?;
                None
            }
        };
        self.ledger.settled().await;
        let to = self.clock.now();
        let from = midnight_before(to.minus(DAY * days.saturating_sub(1)));
        Ok(Figures { from, to, stats: self.rows.stats(owner, from, to).await? })
    }

    /// Sweeps now, to the depths. While another node sweeps there is nothing to do.
    ///
    /// # Errors
    /// [`OfficeError::NotAdmin`].
    pub async fn sweep(&self, caller: &Caller) -> Result<Swept, OfficeError> {
        admin(caller)?;
        tracing::info!(user = %caller.user, "a sweep was asked for");
        Ok(self.sweeper.sweep().await?)
    }

    /// Queues what is scheduled and due now, which the engine does by itself within seconds.
    ///
    /// # Errors
    /// [`OfficeError::NotAdmin`].
    pub async fn queue_due(&self, caller: &Caller) -> Result<Vec<Export>, OfficeError> {
        admin(caller)?;
        let queued = self.rows.queue_due(self.clock.now()).await?;
        for export in &queued {
            self.bell.ring_for(export.id);
        }
        self.bell.ring_for_work();
        Ok(queued)
    }
}

fn admin(caller: &Caller) -> Result<(), OfficeError> {
    if caller.is_admin() { Ok(()) } else { Err(OfficeError::NotAdmin) }
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
