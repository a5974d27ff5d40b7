//! The objects of a repository, read from its own folder alone.
//!
//! `gix` says what the bytes mean; where they come from is our affair. Its stores open files by
//! their paths, follow every link and alternate, and map packs into memory: a repository's owner
//! could lead them into another's, or cut a mapped pack short and have the server killed for it.
//! Here every file is opened beneath the repository's folder, read by offset, and nothing is
//! believed until it has the name that it was asked for by.

mod alternates;
mod bases;
mod delta;
mod error;
mod folder;
mod idx;
mod loose;
mod objects;
mod pack;

pub use error::ObjectError;
pub use objects::Objects;
