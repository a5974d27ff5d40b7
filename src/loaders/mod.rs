//! Where exported data comes from.

mod data;
mod edition;
mod entries;
mod git;
mod naming;
mod project;
mod rules;
mod tree;
mod versioned;

pub use data::{Caps, DataLoader, DataParts};
pub use git::{Commit, GitSource, Repository, RepositoryError, RevisionError};
pub use project::ProjectLoader;
pub use rules::TreeRules;
pub use tree::TreeSource;
