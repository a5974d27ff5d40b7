//! A folder's tree: walked without ever leaving it.

pub(super) mod beneath;
mod identity;
mod listing;
mod source;
#[cfg(test)]
mod tests;
mod walk;

pub use source::TreeSource;
