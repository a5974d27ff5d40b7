//! Where rows come from: databases and folders, each with a snapshot in which all of a document is
//! read.

mod cell;
mod found;
mod mysql;
mod place;
mod postgres;
mod snapshot;
mod sqlite;
mod trouble;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::sql::Dialect;
pub(super) use cell::fit;
pub(super) use found::{Found, Gives};
pub(super) use place::{Place, PlaceError, UserIds};
pub(super) use snapshot::Snapshot;
pub(super) use trouble::Trouble;

/// A source that the operator declared.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) place: Place,
    /// Longest that one query may take, from its beginning to its last row.
    pub(super) timeout: Duration,
    /// How its user ids are bound.
    pub(super) user_ids: UserIds,
    seats: Arc<Semaphore>,
}

impl Source {
    pub(super) fn new(
        name: &str,
        place: Place,
        timeout: Duration,
        connections: usize,
        user_ids: UserIds,
    ) -> Self {
        Self { name: name.to_owned(), place, timeout, user_ids, seats: Arc::new(Semaphore::new(connections)) }
    }

    /// Whose SQL it speaks; none for a folder.
    pub(super) fn dialect(&self) -> Option<Dialect> {
        self.place.dialect()
    }

    /// Waits until there is a connection to be had. The seat is free again when it is dropped.
    pub(super) async fn seat(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.seats).acquire_owned().await.expect("never closed")
    }

    /// Opens a snapshot: what is read in it is of one moment.
    pub(super) async fn open(&self) -> Result<Box<dyn Snapshot>, Trouble> {
        match &self.place {
            Place::Postgres(options) => postgres::open(self, options).await,
            Place::Sqlite(options) => sqlite::open(options).await,
            Place::Mysql(options) => mysql::open(self, options).await,
            Place::Folder(_) => Err(Trouble::Lost("a folder has no connections".to_owned())),
        }
    }
}

/// Never a password.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).field("place", &self.place).finish_non_exhaustive()
    }
}
