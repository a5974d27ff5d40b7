//! XML in the layout that we write (`formats/xml/export.xsd`), read.
//!
//! Whatever prefixes its elements have; comments and processing instructions are passed over. A document
//! type is refused: nothing here needs entities of its own, and they are how XML is made to explode.

mod document;
mod element;
mod tokens;

pub use document::Document;
