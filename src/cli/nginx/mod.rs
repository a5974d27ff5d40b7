//! `exportd nginx`: the front, written from the settings, and checked.

mod blocks;
mod check;
mod command;
mod front;
mod guards;
mod installed;
mod program;
mod reach;
mod text;
mod trial;

pub use check::{Checking, findings, is_before_exportd};
pub use command::Nginx;
pub use front::FrontArgs;
pub use program::find as installed;
