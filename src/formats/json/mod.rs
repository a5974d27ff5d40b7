//! JSON (RFC 8259): one document, and documents one a line.
//!
//! Integers are JSON numbers however large they are: RFC 8259 sets no bound, but a reader that keeps
//! numbers as binary64 (JavaScript) has those beyond 2^53 rounded. Decimals are numbers, digit for
//! digit. Instants and days are strings of RFC 3339, bytes strings of base64 (RFC 4648 §4). A JSON
//! column's documents stand as they are, but for line breaks, which JSON has only between its tokens.

mod cells;
mod document;
mod lines;
mod record;

pub use cells::push_string;
pub use document::Document;
pub use lines::Lines;
