//! Why a document cannot be written.

use std::io;

use crate::records::DataFault;

/// Why a document cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// Its bytes cannot be written to where they go.
    #[error("the document cannot be written")]
    Output(#[from] io::Error),
    /// This format cannot hold what is to be written.
    #[error(transparent)]
    Data(#[from] DataFault),
    /// The format's library failed; the words are the library's.
    #[error("the document cannot be made: {0}")]
    Library(String),
}
