//! JSON (RFC 8259), read: documents a line, an array of objects, and the document that we write.
//!
//! Strictly: no comments, no commas at the end, every name once, and strings that are Unicode text (no
//! half of a surrogate pair: RFC 8259 §8.2 leaves open what that would be).

mod document;
mod lines;
mod members;
mod metadata;
mod nested;
mod scanner;

pub use document::Document;
pub use lines::Lines;
