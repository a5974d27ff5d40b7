//! A git repository's revisions, read straight from its objects: no checkout, no hook, no filter,
//! no program that its settings name.
//!
//! The owner of a repository may have put anything in it. Only its own folder is read (and what
//! it borrows from where its owner may read too), of its settings only how it is kept; replaced
//! objects and grafts are not looked at, so a commit is one tree for ever.

mod refs;
mod repository;
mod revision;
mod source;
mod store;
mod versions;
mod walk;

pub use repository::{Repository, RepositoryError};
pub use revision::{Commit, RevisionError};
pub use source::GitSource;
