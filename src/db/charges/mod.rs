//! What users have used of their limits.
//!
//! A row for each thing that was charged, counted over a window that slides, by whoever holds the
//! user's row of `limits`. Rows and not a crate like `governor`: those count in the memory of one
//! process, and what is promised here holds over a restart and over several servers. Charges hang
//! on no export, so that deleting one gives nothing back.

mod downloads;
mod spent;
mod stored;
mod under_way;

use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::domain::{ExportId, Timestamp, UserId};

use super::row::big;
use super::statement::change;
use super::{Database, StoreError};

pub use downloads::{Admitted, Counts, Fetch};
pub(super) use spent::rate;
pub(super) use stored::storage;
pub use under_way::Sent;

/// The rows of `charges`.
#[derive(Debug, Clone)]
pub struct Charges {
    database: Database,
}

/// What is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Export,
    Download,
    Bytes,
}

impl What {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Download => "download",
            Self::Bytes => "bytes",
        }
    }
}

impl Charges {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }
}

/// Charges `user` with a new export.
pub(super) async fn charge_export(
    on: &DatabaseTransaction,
    user: &UserId,
    export: ExportId,
    now: Timestamp,
) -> Result<(), StoreError> {
    charge(on, user, What::Export, 1, export, None, now).await.map(drop)
}

async fn charge(
    on: &DatabaseTransaction,
    user: &UserId,
    what: What,
    amount: u64,
    export: ExportId,
    holder: Option<&str>,
    now: Timestamp,
) -> Result<Uuid, StoreError> {
    let id = Uuid::now_v7();
    let text = "INSERT INTO charges (id, user_id, what, at, amount, export_id, holder)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        id.to_string().into(),
        user.as_str().into(),
        what.as_str().into(),
        now.millis().into(),
        big(amount).into(),
        export.to_string().into(),
        holder.map(ToOwned::to_owned).into(),
    ];
    change(on, text, values).await?;
    Ok(id)
}

/// Counts what was charged later than `now` as charged now, and tells whether there was any. A
/// clock that was wrong, and is right again, gives nothing back and keeps nobody out for longer
/// than a window.
pub(super) async fn reach_back(
    on: &DatabaseTransaction,
    user: &UserId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let text = "UPDATE charges SET at = $2
        WHERE user_id = $1 AND what IN ('export', 'download', 'bytes') AND at > $2";
    Ok(change(on, text, [user.as_str().into(), now.millis().into()]).await? > 0)
}
