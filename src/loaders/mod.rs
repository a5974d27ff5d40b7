//! Where exported data comes from.

mod project;
mod tree;

pub use project::ProjectLoader;
pub use tree::{TreeRules, TreeSource};
