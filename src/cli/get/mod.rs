//! `exportd get`: a package downloaded whole, whatever happens on the way.
//!
//! An [`Address`](address::Address) is asked what it offers; the offer settles the
//! [`Place`](place::Place) and opens a [`Partial`](partial::Partial), which a
//! [`Crew`](crew::Crew) of connections fills piece by piece. What is there is kept beside the
//! file, so that a break, a kill or a restart on either side costs a moment's bytes.

mod address;
mod command;
mod crew;
mod digest;
mod download;
mod effort;
mod fault;
mod missing;
mod name;
mod offer;
mod pace;
mod partial;
mod pieces;
mod place;
mod progress;
mod source;
mod state;
mod stream;
mod waiting;

pub use command::Get;
pub use download::Got;
