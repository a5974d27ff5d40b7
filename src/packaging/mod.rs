//! Source in, sealed package out: cancellable, with progress, in bounded memory.
//!
//! ```text
//! Loader ─► Source ─► plan (units) ─► packing threads ─► in order ─► archive ─► Seal ─► Output
//!                        │  small files, in batches          ▲
//!                        └─ large files, chunk by chunk ─────┘
//! ```
//! The same source gives the same bytes on any machine, day and number of threads.

mod archive;
mod body;
mod chunk;
mod codec;
mod config;
mod control;
mod error;
mod estimate;
mod globs;
mod index;
mod large;
mod manifest;
mod noise;
mod packer;
mod pipeline;
mod plan;
mod pool;
mod press;
mod registry;
mod room;
mod seal;
mod source;
mod unit;
mod verify;

pub use crate::storage::Output;
pub use config::{Config, Limits};
pub use control::Control;
pub use error::{LoadError, PackError};
pub use estimate::Estimate;
pub use globs::{BadGlob, Globs};
pub use index::{Coding, Index, Piece, Place, Unit};
pub use manifest::{
    ExcludeReason, Excluded, Manifest, ManifestEntry, PackageDigest, Provenance, Recipe, Totals, Withheld,
};
pub use packer::{Packer, Sealed};
pub use press::Shape;
pub use registry::Registry;
pub use source::{Content, Entry, EntryKind, Identity, Loader, Scan, Source};
pub use verify::{Check, Verification, VerifyError, verify};
