//! A folder of files as a source: CSV, JSON Lines and Parquet.

use std::path::Path;

use super::Argument;
use super::query::FileQuery;
use super::source::Found;
use crate::records::{DataFault, Rows};

/// Which rows of the files are wanted; all of these must hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Narrowing {
    /// The column that holds whose a row is, and whose rows are wanted.
    pub(super) user: Option<(String, String)>,
    /// The column that tells when, and from when (inclusive) to when (exclusive), in microseconds
    /// since 1970.
    pub(super) time: Option<(String, Option<i64>, Option<i64>)>,
    /// Columns, and the values of which each must have one.
    pub(super) equals: Vec<(String, Vec<Argument>)>,
}

/// The rows of some files that are wanted.
pub(super) struct FolderRows {
    /// Their columns, as far as the files tell: a column of CSV gives text that may be anything
    /// ([`super::source::Gives::Any`]); a column of Parquet one type.
    pub(super) found: Vec<Found>,
    /// How many rows there are, from a first pass over the same open files.
    pub(super) counted: u64,
    /// They, with the columns that were found, in that order. Whoever reads them fits them to the
    /// declared types, masks them, and compares their number.
    pub(super) rows: Box<dyn Rows>,
}

/// Opens the files of the folder at `path` that `query` names, in the order of their names, and
/// counts what is wanted of them. Blocks.
///
/// # Errors
/// [`DataFault`]; of a file's name only what the pattern says.
pub(super) fn open(
    _path: &Path,
    _query: &FileQuery,
    _narrowing: &Narrowing,
) -> Result<FolderRows, DataFault> {
    Err(DataFault::SourceLost { row: None })
}
//! The folder as a source: rows of its CSV, JSON Lines and Parquet files.
//!
//! ```text
//! FolderQuery ─► FileSet::list ─► count ─► rows ─► records::Rows
//!                    └─ what each file was like ─┘ compared whenever it is opened and at its end
//! ```
//!
//! There is no snapshot of a folder; in its place a file that is not what it was when the folder was
//! listed ends the reading. Files are read in the order of their names, in bytes. Nothing outside the
//! folder is opened: no name leads out, and links are not followed.

mod beneath;
mod cast;
mod file_set;
mod filter;
mod opening;
mod pattern;
mod rows;
#[cfg(test)]
mod tests;

pub use file_set::{FileSet, FolderQuery, Whose};
pub use filter::{Filter, Test};
pub use rows::FolderRows;
