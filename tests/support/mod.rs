//! What tests stand on: a real house, and callers who talk to it.

pub mod api;
pub mod git;
pub mod house;
pub mod postgres;
pub mod process;
pub mod project;
pub mod raw;
