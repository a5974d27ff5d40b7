//! The API's document (OpenAPI 3.1), out of what the endpoints say of themselves.
//!
//! An endpoint tells what it alone knows: its words, its parameters, what it answers. What can be told
//! of all of them is told here once, out of the same facts that the server acts by: who may come in,
//! what may go wrong, which headers an answer has, what is refused.

mod completing;
mod examples;
mod headers;
mod members;
mod parameters;
mod problems;
mod security;
mod shared;
mod strict;
#[cfg(test)]
mod tests;
mod whole;
mod words;

pub use whole::document;
