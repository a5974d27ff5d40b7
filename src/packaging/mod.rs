//! Source in, sealed package out: cancellable, with progress, in bounded memory.
//!
//! ```text
//! Loader ─► Source ─► plan (units) ─► packing threads ─► in order ─► archive ─► Seal ─► Output
//!                        │  small files, in batches          ▲
//!                        └─ large files, chunk by chunk ─────┘
//! ```
//! The same source gives the same bytes on any machine, day and number of threads.

mod canonical;
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
mod pool;
mod reading;
mod registry;
mod seal;
mod signature;
mod source;
mod unit;
mod verify;
mod zip;

pub use crate::storage::Output;
pub use config::{Config, Limits};
pub use control::Control;
pub use error::{LoadError, PackError};
pub use estimate::Estimate;
pub use globs::{BadGlob, Globs};
pub use index::{Coding, Index, Piece, Place};
pub use manifest::{
    ExcludeReason, Excluded, Manifest, ManifestEntry, PackageDigest, Provenance, Recipe, Totals, Withheld,
};
pub use packer::{Packer, Sealed};
#[cfg(fuzzing)]
pub use reading::samples;
pub use reading::{Contents, Damage, EntryReader, Layer, ReadAt, Shelf, Step};
pub use registry::Registry;
pub use signature::Signature;
pub use source::{Content, Entry, EntryKind, Identity, Loader, Scan, Source};
pub use verify::{Check, Verification, VerifyError, check_signature, verify};
