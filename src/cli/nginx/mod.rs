//! `exportd nginx`: the front, written from the settings, and checked.

mod check;
mod command;
mod finding;
mod front;
mod installed;
mod program;
mod reach;
mod text;
mod trial;

pub use command::Nginx;
