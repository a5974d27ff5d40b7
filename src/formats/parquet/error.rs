//! What the library says, in our words.

use std::io;

use parquet::errors::ParquetError;

use crate::formats::FormatError;

impl From<ParquetError> for FormatError {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(cause) => match cause.downcast::<io::Error>() {
                Ok(cause) => Self::Output(*cause),
                Err(cause) => Self::Library(cause.to_string()),
            },
            other => Self::Library(other.to_string()),
        }
    }
}
