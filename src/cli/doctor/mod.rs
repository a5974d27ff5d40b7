//! `exportd doctor`: what usually goes wrong, found and explained.
//!
//! Each room has a file with plain functions that look at one thing and say what they
//! [found](super::finding::Finding); nothing is changed by looking.

mod clock;
mod command;
mod database;
mod front;
mod listening;
mod machine;
mod older;
mod owner;
mod secrets;
mod sources;
mod storage;

pub use command::Doctor;
