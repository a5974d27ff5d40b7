//! Why an object cannot be had.

use std::io;

/// Why an object cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The repository has none of that name.
    #[error("it is missing")]
    Missing,
    /// The repository borrows objects from a place that may not be read for it.
    #[error("it is missing, and may be where `objects/info/alternates` leads, out of what may be read")]
    Elsewhere,
    /// What is there is no object, or another one.
    #[error("{0}")]
    Corrupt(&'static str),
    /// Larger than was asked for.
    #[error("it is too large")]
    TooLarge,
    /// Whoever asked does not want it any more.
    #[error("reading was cancelled")]
    Cancelled,
    /// The disk does not give it.
    #[error("it cannot be read")]
    Unreadable(#[from] io::Error),
}

impl From<ObjectError> for io::Error {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Unreadable(error) => error,
            // Not `NotFound`: nobody deleted it while it was being packed.
            error => Self::new(io::ErrorKind::InvalidData, error),
        }
    }
}
