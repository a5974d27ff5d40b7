//! A folder's tree: walked without ever leaving it, ruled, and named so that any system can
//! unpack it.

pub(super) mod beneath;
pub(super) mod name;
mod rules;
mod source;
#[cfg(test)]
mod tests;
mod walk;

pub use rules::TreeRules;
pub use source::TreeSource;
