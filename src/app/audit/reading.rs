//! Reading the audit, which only admins do.

use crate::db::{self, AuditFilter, AuditPage, StoreError};
use crate::domain::Caller;
use crate::domain::audit::AuditRecord;

/// Records read at a time by whoever wants all of them.
const STRETCH: u64 = 500;

/// Why the audit is not read.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The caller is no admin.
    #[error("only an admin reads the audit")]
    AdminsOnly,
    /// The database does not answer, or what it holds was changed by somebody.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Reads the audit.
#[derive(Debug)]
pub struct Audits {
    rows: db::Audit,
}

impl Audits {
    pub(in crate::app) const fn new(rows: db::Audit) -> Self {
        Self { rows }
    }

    /// A page of the records that are meant, newest first, from below number `below` on.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn page(
        &self,
        caller: &Caller,
        filter: &AuditFilter,
        below: Option<u64>,
        limit: u64,
    ) -> Result<AuditPage, AuditError> {
        admin(caller)?;
        Ok(self.rows.page(filter, below, limit).await?)
    }

    /// All records that are meant, oldest first, up to the one that is the last now: to ask for them
    /// is an entry too, and must not be followed for ever.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn all(&self, caller: &Caller, filter: AuditFilter) -> Result<Stretches, AuditError> {
        admin(caller)?;
        let last = self.rows.head().await?.seq;
        Ok(Stretches { rows: self.rows.clone(), filter, after: 0, last })
    }
}

fn admin(caller: &Caller) -> Result<(), AuditError> {
    if caller.is_admin() { Ok(()) } else { Err(AuditError::AdminsOnly) }
}

/// Records, a stretch of them at a time.
#[derive(Debug)]
pub struct Stretches {
    rows: db::Audit,
    filter: AuditFilter,
    after: u64,
    last: u64,
}

impl Stretches {
    /// The next ones; none after the last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next(&mut self) -> Result<Vec<AuditRecord>, StoreError> {
        let found = self.rows.stretch(&self.filter, self.after, self.last, STRETCH).await?;
        self.after = found.last().map_or(self.last, |last| last.seq);
        Ok(found)
    }
}
