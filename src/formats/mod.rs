//! Rows in, bytes of a document out; and back. One file (or folder) for every format.
//!
//! Nothing here knows where rows come from or where bytes go to. A new format is a file beside
//! these, a line in [`formatter`], and its words in `domain::Format`.

mod blocks;
mod calendar;
mod cell;
mod chart;
mod config;
mod csv;
mod drawing;
mod error;
mod fonts;
mod formatter;
mod html;
mod in_blocks;
mod json;
mod markdown;
mod options;
mod parquet;
mod pdf;
pub mod read;
#[cfg(test)]
pub mod samples;
mod scan;
mod sink;
mod text;
mod txt;
mod union;
mod written;
mod xlsx;
mod xml;

pub use blocks::Blocks;
pub use calendar::{parse_date, parse_timestamp, push_date, push_timestamp};
pub use chart::{Chart, ChartShape, Series};
pub use config::Config;
pub use error::FormatError;
pub use fonts::Fonts;
pub use formatter::{Formatter, blocks, formatter};
pub use options::FormatOptions;
pub use parquet::{ParquetFacts, ParquetRows};
pub use union::Union;
pub use written::{push_base64, push_value};
