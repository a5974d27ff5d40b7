//! The audit: a chain of records to which is only ever added.
//!
//! Numbers and hashes are given under the one row of `audit_head`, which whoever writes holds
//! locked: so two servers on one database make one chain. It is locked last in a transaction, so
//! that nobody who waits for it holds what its holder waits for.

mod append;
mod cut;
mod find;
mod row;
mod verify;

use crate::domain::audit::{Action, AuditRecord, Outcome};
use crate::domain::{Timestamp, UserId};

use super::{Database, StoreError};

pub use append::AuditBatch;
pub(super) use append::enter;
pub use verify::{Expected, Unbroken, Verified};

/// The rows of `audit_entries`.
#[derive(Debug, Clone)]
pub struct Audit {
    database: Database,
}

/// Which records are meant: those that are all of this.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Done by this one.
    pub actor: Option<String>,
    /// Done in the name of this user.
    pub user: Option<UserId>,
    /// One of these actions; any when there are none.
    pub actions: Vec<Action>,
    /// Which ended so.
    pub outcome: Option<Outcome>,
    /// Done to what has this id.
    pub subject: Option<String>,
    /// Done from this address.
    pub address: Option<std::net::IpAddr>,
    /// Done by this request.
    pub correlation_id: Option<String>,
    /// Done at this instant or later.
    pub from: Option<Timestamp>,
    /// Done before this instant.
    pub to: Option<Timestamp>,
}

/// A page of records, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// What is on it.
    pub items: Vec<AuditRecord>,
    /// The number below which the next one begins; `None` after the last.
    pub next: Option<u64>,
}

impl Audit {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }
}
