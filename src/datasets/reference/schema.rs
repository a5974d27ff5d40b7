//! The tables, there and gone again.

use std::fmt::Display;

use crate::config_units::masked_url;

use super::{Dialect, ReferenceError};

/// Creates the reference schema in the database at `url`, or what is missing of it. A SQLite file
/// that is not there is made.
///
/// # Errors
/// When the database does not answer, or has tables of these names already.
pub async fn up(url: &str) -> Result<(), ReferenceError> {
    let url = Dialect::of(url)?.url_that_creates(url);
    migrations::reference::up(&url).await.map_err(|error| refusal(&url, &error))
}

/// Takes the reference schema back, with everything that its tables hold.
///
/// # Errors
/// When the database does not answer.
pub async fn down(url: &str) -> Result<(), ReferenceError> {
    Dialect::of(url)?;
    migrations::reference::down(url).await.map_err(|error| refusal(url, &error))
}

/// An address that cannot be read is repeated by some, password and all.
fn refusal(url: &str, error: &dyn Display) -> ReferenceError {
    ReferenceError::Database(error.to_string().replace(url, &masked_url(url)))
}
