//! One moment of a source.

use async_trait::async_trait;

use super::{Found, Trouble};
use crate::datasets::reading::Flow;
use crate::datasets::sql::Bound;

/// A connection to a source in which everything is of one moment, and nothing can be changed.
#[async_trait]
pub(in crate::datasets) trait Snapshot: Send {
    /// The columns that a query gives, without running it.
    async fn columns(&mut self, query: &Bound) -> Result<Vec<Found>, Trouble>;

    /// The one number that a query gives.
    async fn number(&mut self, query: &Bound) -> Result<u64, Trouble>;

    /// Reads a query's rows into `flow`, as fast as they are taken off there, until it has enough.
    async fn read(&mut self, query: &Bound, flow: &mut Flow) -> Result<(), Trouble>;

    /// Stops what still runs at the source, after one of the above was given up in the middle.
    async fn stop(&mut self);
}

/// A query that should give one number gives something else.
pub(super) fn no_number() -> Trouble {
    Trouble::Refused { why: "its count is not one whole number".to_owned(), said: String::new() }
}
