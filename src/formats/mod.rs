//! Rows in, bytes of a document out; and back. One file (or folder) for every format.
//!
//! Nothing here knows where rows come from or where bytes go to. A new format is a file beside
//! these, a line in [`formatter`], and its words in `domain::Format`.

mod blocks;
mod calendar;
mod chart;
mod csv;
mod error;
mod formatter;
mod json;
mod options;
mod parquet;
pub mod read;
#[cfg(test)]
pub mod samples;
mod scan;
mod sink;
mod txt;
mod union;
mod written;
mod xlsx;
mod xml;

pub use blocks::Blocks;
pub use calendar::{parse_date, parse_timestamp, push_date, push_timestamp};
pub use chart::{Chart, ChartShape, Series};
pub use error::FormatError;
pub use formatter::{Formatter, blocks, formatter};
pub use options::FormatOptions;
pub use parquet::{ParquetFacts, ParquetRows};
pub use union::Union;
pub use written::{push_base64, push_value};
