//! Why there is no report.

use std::io;

use crate::formats::FormatError;
use crate::records::DataError;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The rows ended before their time.
    #[error(transparent)]
    Rows(#[from] DataError),
    /// The template asks for what the data do not have, or for more than a report may cost
    /// ([`DataFault::Template`](crate::records::DataFault::Template)); or the document cannot be written.
    #[error(transparent)]
    Document(#[from] FormatError),
    /// Rows cannot be put by.
    #[error("rows cannot be put by")]
    Scratch(#[from] io::Error),
}
