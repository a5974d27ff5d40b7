//! Rows in, domain out; the one place that knows SQL.
//!
//! The statements are written once, for SQLite and PostgreSQL alike. What changes a row that a
//! job holds is guarded by `(id, status, lease)` and says by its answer whether it did.

mod config;
mod database;
mod downloads;
mod duties;
mod error;
mod exports;
mod links;
mod nonces;
mod passes;
#[cfg(test)]
mod plans;
mod projects;
mod replies;
mod row;
mod snapshots;
mod statement;

pub use config::Config;
pub use database::{Database, MigrationState};
pub use downloads::{DownloadMark, DownloadRow, Downloads, DownloadsPage, Recording};
pub use duties::Duties;
pub use error::StoreError;
pub use exports::{Beat, Claim, Cursor, Exports, Filter, Gone, Held, Page, Requested, Rescued};
pub use links::{LinkTally, Links, MOST_LINKS};
pub use nonces::{NewNonce, Nonces};
pub use passes::{Boarded, Boarding, Passes, Returned};
pub use projects::Projects;
pub use replies::{Begun, Replies, StoredReply};
pub use snapshots::Snapshots;
