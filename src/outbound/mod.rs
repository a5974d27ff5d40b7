//! Asks other servers: one address, bounded in time and bytes.
//!
//! What an operator has named is asked, nothing that a request brings. No redirect is followed: who
//! answers is who was asked.

mod bounds;
mod error;
mod fetch;
mod place;
mod send;

pub use bounds::Bounds;
pub use error::FetchError;
pub use fetch::{Fetched, fetch};
pub use place::{NotAPlace, Place};
pub use send::send;
