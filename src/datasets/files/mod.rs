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
