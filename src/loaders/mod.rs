//! Where exported data comes from.

mod naming;
mod project;
mod rules;
mod tree;

pub use project::ProjectLoader;
pub use rules::TreeRules;
pub use tree::TreeSource;
