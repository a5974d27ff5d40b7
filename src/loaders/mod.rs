//! Where exported data comes from.

mod edition;
mod entries;
mod git;
mod project;
mod tree;
mod versioned;

pub use git::{Commit, GitSource, Repository, RepositoryError, RevisionError};
pub use project::ProjectLoader;
pub use tree::{TreeRules, TreeSource};
