//! What is kept of who did what: entries, the records that they become, and the chain of these.
//!
//! An **entry** is what somebody did, or was refused. Written down it is a **record**: it has a
//! number without gaps, and a hash over all that it says and over the hash of the one before it.
//! So the last hash, the **head**, stands for everything that was ever written.

mod action;
mod chain;
mod entry;
mod record;

pub use action::Action;
pub use chain::{Break, BreakKind, Chain};
pub use entry::{AuditEntry, Author, Detail, Fact, LONGEST_TEXT, Outcome, Subject, bounded};
pub use record::{AuditRecord, FIRST_HASH, Head};
