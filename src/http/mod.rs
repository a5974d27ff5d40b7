//! Speaks HTTP for the use cases.

pub mod kit;
