//! Packages as their receivers meet them: what is in, what is out, and who can open them.

mod again;
mod bench;
mod changing;
mod left_out;
mod limits;
mod memory;
mod names;
mod sameness;
mod sizes;
mod tools;
