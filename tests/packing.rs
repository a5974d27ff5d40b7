//! Packages as their receivers meet them: what is in, what is out, and who can open them.

mod again;
mod bench;
mod changing;
mod left_out;
pub mod library;
mod limits;
mod memory;
mod names;
mod noise;
mod pieces;
mod sameness;
mod shapes;
mod sizes;
mod tars;
mod tools;
