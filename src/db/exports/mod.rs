//! Exports: asked for, found, claimed, held, ended, swept.
//!
//! Each file is one chapter of a row's life; this page has the words they share.

mod alike;
mod claim;
mod end;
mod find;
mod hold;
mod keep;
mod line;
mod log;
mod overview;
mod request;
mod rescue;
mod stats;
mod sweep;
mod words;

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};

use crate::domain::{
    Allowance, Caller, Export, ExportId, Failure, FailureCode, Format, Kind, ProjectId, Refusal, Status,
    Timestamp, UserId,
};

use super::row::Row;
use super::statement::sql;
use super::{Acting, Database, StoreError};

pub use overview::{Cause, Kept};
pub use rescue::Gone;
pub use stats::{Lot, Middle, Stats};

/// The rows of `exports`.
#[derive(Debug, Clone)]
pub struct Exports {
    database: Database,
}

/// The answer to a request.
#[derive(Debug, Clone)]
pub enum Requested {
    /// A row was made.
    New(Export),
    /// An identical live export was there.
    Twin(Export),
}

/// The answer to a request that is charged to its owner.
#[derive(Debug, Clone)]
pub enum Charged {
    /// A row was made; so much is used now of the limits that count exports.
    New(Export, Vec<Allowance>),
    /// An identical live export was there; that is free.
    Twin(Export),
    /// Its owner has used up what they may.
    Refused(Refusal),
}

/// What became of a row whose package is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// It is completed.
    Done,
    /// It is somebody else's by now, or is to be cancelled.
    Lost,
    /// With this package its owner would have more than they may; nothing was written.
    OverStorage(Allowance),
}

/// The right to write a row: its id and the lease it was claimed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Which row.
    pub id: ExportId,
    /// The lease of the claim.
    pub lease: i64,
}

/// What a beat finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// The row is still the worker's.
    Held,
    /// It is, and somebody wants it cancelled.
    CancelAsked,
    /// It is another's now.
    Lost,
}

/// Who claims, and how much.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The worker's name, new at every start.
    pub worker: String,
    /// At most so many.
    pub slots: u32,
    /// At most so many of one user, those that run included.
    pub per_user: u32,
    /// How long the lease lasts without a beat.
    pub lease_for: Duration,
    /// When.
    pub now: Timestamp,
}

/// A row that was taken from its worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescued {
    /// Which, as it was before.
    pub export: Export,
    /// Where it stands now.
    pub status: Status,
    /// How often that has happened to it.
    pub rescues: u32,
    /// Why it is not tried again, if it is not.
    pub failure: Option<Failure>,
}

/// Which exports a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this user only.
    pub owner: Option<UserId>,
    /// In one of these states; empty for all.
    pub statuses: Vec<Status>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// In this format.
    pub format: Option<Format>,
    /// Of this project.
    pub project: Option<ProjectId>,
    /// Asked for after this instant.
    pub created_after: Option<Timestamp>,
    /// Asked for before this instant.
    pub created_before: Option<Timestamp>,
    /// With this in its file's name, its project or its version, or at the beginning of its id: literally,
    /// whatever its case.
    pub search: Option<String>,
    /// Failed for this reason.
    pub failure: Option<FailureCode>,
    /// Only those to which there are links that nobody has taken back; or only the others.
    pub linked: Option<bool>,
    /// Only those that nobody has asked for again.
    pub unretried: bool,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// When its last export was asked for.
    pub created_at: Timestamp,
    /// Its last export.
    pub id: ExportId,
}

/// A page of a list, newest first.
#[derive(Debug, Clone)]
pub struct Page {
    /// What is on it.
    pub items: Vec<Export>,
    /// Where the next one begins; `None` after the last.
    pub next: Option<Cursor>,
}

impl Exports {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// The same rows, read and written in the name of `caller`.
    #[must_use]
    pub fn acting_for(&self, caller: &Caller) -> Self {
        Self { database: self.database.acting(Acting::of(caller)) }
    }
}

/// The exports that `text` selects or returns.
async fn exports(
    on: &impl ConnectionTrait,
    text: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<Export>, StoreError> {
    let rows = Row::find_by_statement(sql(on, text, values)).all(on).await?;
    rows.into_iter().map(Export::try_from).collect()
}

/// Writes a line of the log of `id`, whose status is `status` now.
pub(in crate::db) async fn note(
    on: &DatabaseTransaction,
    id: ExportId,
    at: Timestamp,
    kind: &str,
    status: Status,
    message: &str,
) -> Result<(), StoreError> {
    let text = "INSERT INTO export_events (export_id, at, kind, status, message) VALUES ($1, $2, $3, $4, $5)";
    let values =
        [id.to_string().into(), at.millis().into(), kind.into(), status.as_str().into(), message.into()];
    super::statement::change(on, text, values).await.map(drop)
}
