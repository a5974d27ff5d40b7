//! The tables, there and gone again.

use super::{Dialect, ReferenceError};

/// Creates the reference schema in the database at `url`, or what is missing of it. A SQLite file
/// that is not there is made.
///
/// # Errors
/// When the database does not answer, or has tables of these names already.
pub async fn up(url: &str) -> Result<(), ReferenceError> {
    let url = Dialect::of(url)?.url_that_creates(url);
    migrations::reference::up(&url).await.map_err(|error| ReferenceError::Database(error.to_string()))
}

/// Takes the reference schema back, with everything that its tables hold.
///
/// # Errors
/// When the database does not answer.
pub async fn down(url: &str) -> Result<(), ReferenceError> {
    Dialect::of(url)?;
    migrations::reference::down(url).await.map_err(|error| ReferenceError::Database(error.to_string()))
}
