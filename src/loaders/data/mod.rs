//! Data: from a selector to rows, and from rows to a document or the parts of an archive.
//!
//! ```text
//! Order ─► the data set, its arguments ─► Reading (one snapshot) ─► Rows ─► Formatter ─► a document
//! ```

mod archive;
mod caps;
mod document;
mod lacking;
mod loader;
mod order;

pub use caps::Caps;
pub use loader::{DataLoader, DataParts};
