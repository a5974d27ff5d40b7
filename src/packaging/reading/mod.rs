//! Reading packages, as if a stranger had sent them: bounded memory, whatever they claim.
//!
//! ```text
//! ReadAt ─► Input ─► Gzip | Frames ─► Tar          from one end to the other (verify)
//!    └────► Index | Directory ─► PieceReader       one entry, from anywhere (EntryReader)
//! ```

mod contents;
mod damage;
mod directory;
mod entry;
mod frames;
mod gzip;
mod input;
mod names;
mod pax;
mod pieces;
mod scan;
mod seek_table;
mod shape;
mod tar;

#[cfg(any(test, fuzzing))]
pub mod samples;
#[cfg(test)]
mod tests;

pub use contents::{Contents, Shelf};
pub use damage::{Damage, Layer};
pub use entry::{EntryReader, Step};
pub use input::ReadAt;

pub(super) use contents::most_unpacked;
pub(super) use directory::{Directory, Record};
pub(super) use frames::Frames;
pub(super) use gzip::Gzip;
pub(super) use input::Input;
pub(super) use names::{told, why_unsafe};
pub(super) use shape::shape_of;
pub(super) use tar::{Decoded, Kind, Member, Tar};
