//! Packages on local disk, never half visible.
//!
//! ```text
//! {root}/9f/{exportId}.{lease}.zip                 a package
//! {root}/9f/{exportId}.{lease}.zip.manifest.json   what is inside it
//! {root}/9f/{exportId}.{lease}.zip.index           where in it
//! {root}/9f/{exportId}.{lease}.zip.part            one that is being written
//! {root}/9f/{exportId}.parts/…                     finished parts of one that is being made
//! {root}/exportd.lock                              held by the server that has this store
//! ```
//! Everything here that is not async waits for the disk: call it where waiting hurts nobody.

mod ahead;
mod bench;
mod config;
mod error;
mod growing;
mod packages;
mod sharing;
mod stored;
mod upload;

pub use ahead::Ahead;
pub use bench::{Bench, BenchPart};
pub use config::{Backend, Config};
pub use error::StorageError;
pub use growing::{Growing, Grown};
pub use packages::Packages;
pub use stored::Stored;
pub use upload::{Output, Upload, scratch_in};
