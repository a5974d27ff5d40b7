//! Rows in, bytes of a document out; and back. One file (or folder) for every format.
//!
//! Nothing here knows where rows come from or where bytes go to. A new format is a file beside
//! these, a line in [`formatter`], and its words in `domain::Format`.

mod blocks;
mod cell;
mod chart;
mod drawing;
mod error;
mod fonts;
mod formatter;
mod html;
mod in_blocks;
mod markdown;
mod options;
mod pdf;
mod text;

pub use blocks::Blocks;
pub use chart::{Chart, ChartShape, Series};
pub use error::FormatError;
pub use fonts::Fonts;
pub use formatter::{Formatter, blocks, formatter};
pub use options::FormatOptions;
