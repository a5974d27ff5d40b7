//! Data that become an archive: in blocks, each of one moment, which are kept on the workbench until
//! the archive is made of them. An attempt that is stopped goes on after the last finished block.
//!
//! ```text
//! Plan ─► block 0, 1, 2 … ─► Reading (one snapshot) ─► part files on the bench ─► Packer
//! ```

mod block;
mod listing;
mod notes;
mod plan;
mod restore;
mod source;
mod warnings;

pub use plan::Plan;
pub use source::{ArchiveSource, everyone};
