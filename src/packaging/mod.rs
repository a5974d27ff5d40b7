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
mod canonical;
mod chunk;
mod codec;
mod config;
mod control;
mod document;
mod dropped;
mod error;
mod estimate;
mod globs;
mod index;
mod large;
mod manifest;
mod noise;
mod packed;
mod packer;
mod pipeline;
mod plan;
mod pool;
mod press;
mod previous;
mod reading;
mod registry;
mod room;
mod seal;
mod secrets;
mod signature;
mod source;
mod unit;
mod verify;

pub use crate::storage::Output;
pub use config::{Config, Limits};
pub use control::Control;
pub use document::{Document, DocumentShape, Written};
pub use error::{LoadError, PackError};
pub use estimate::Estimate;
pub use globs::{BadGlob, Globs};
pub use index::{Coding, Index, Piece, Place, Unit};
pub use manifest::{
    ExcludeReason, Excluded, Manifest, ManifestEntry, PackageDigest, Provenance, Recipe, Signature, Totals,
    Withheld,
};
pub use packer::{Packer, Sealed};
pub use press::Shape;
pub use previous::Previous;
#[cfg(fuzzing)]
pub use reading::samples;
pub use reading::{Contents, Damage, EntryReader, Layer, ReadAt, Shelf, Step};
pub use registry::Registry;
pub use source::{Content, Entry, EntryKind, Identity, Loader, Material, Order, Scan, Source, fill};
pub use verify::{Check, Verification, VerifyError, check_signature, verify};
