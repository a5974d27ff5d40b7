//! Plain text, made for reading.
//!
//! A table is a record for each row, `name: value` a line; a transcript is who said what. Every further
//! line of a value is indented, so that no value looks like another record or another speaker; control
//! characters are shown and not sent to a terminal.

mod document;
mod visible;

pub use document::Txt;
