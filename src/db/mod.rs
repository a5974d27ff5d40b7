//! Rows in, domain out; the one place that knows SQL.
//!
//! The statements are written once, for SQLite and PostgreSQL alike. What changes a row that a
//! job holds is guarded by `(id, status, lease)` and says by its answer whether it did.

mod acting;
mod api_tokens;
mod audit;
mod charges;
mod checkup;
mod config;
mod database;
mod downloads;
mod duties;
mod error;
mod exports;
mod links;
mod nodes;
mod nonces;
mod passes;
mod permissions;
#[cfg(test)]
mod plans;
mod projects;
mod queue;
mod replies;
mod roles;
mod row;
mod schema;
mod sessions;
mod snapshots;
mod statement;
mod sweeps;
mod templates;
mod user_limits;

pub use acting::Acting;
pub use api_tokens::{ApiTokens, MOST_API_TOKENS};
pub use audit::{Audit, AuditBatch, AuditFilter, AuditPage, Expected, Unbroken, Verified};
pub use charges::{Admitted, Charges, Counts, Fetch, Sent};
pub use checkup::{Checkup, SchemaState};
pub use config::{Config, is_in_memory};
pub use database::Database;
pub use downloads::{DownloadMark, DownloadRow, Downloads, DownloadsPage, Recording};
pub use duties::Duties;
pub use error::StoreError;
pub use exports::{
    Beat, Cause, Charged, Claim, Completion, Cursor, Exports, Filter, Gone, Held, Kept, Lot, Middle, Page,
    Requested, Rescued, Stats,
};
pub use links::{LinkTally, Links, MOST_LINKS};
pub use nodes::Nodes;
pub use nonces::{NewNonce, Nonces};
pub use passes::{Boarded, Boarding, Passes, Returned};
pub use permissions::{EVERYONE, Permissions, PermissionsRow};
pub use projects::Projects;
pub use queue::{Load, Node, Paused, Queue, Running};
pub use replies::{Begun, Replies, StoredReply};
pub use schema::MigrationState;
pub use sessions::{MOST_SESSIONS, Sessions};
pub use snapshots::Snapshots;
pub use sweeps::Sweeps;
pub use templates::{MOST_TEMPLATES, Templates, Written};
pub use user_limits::UserLimits;
