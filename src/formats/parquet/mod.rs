//! Apache Parquet: columns with types, in row groups, for programs that compute.
//!
//! | our type | parquet's physical type | its logical type |
//! |---|---|---|
//! | boolean | BOOLEAN | |
//! | integer | INT64 | |
//! | number | DOUBLE | |
//! | decimal | BYTE_ARRAY | STRING: exactly the digits that were written |
//! | text | BYTE_ARRAY | STRING |
//! | timestamp | INT64 | TIMESTAMP in microseconds, of UTC |
//! | date | INT32 | DATE |
//! | json | BYTE_ARRAY | JSON |
//! | bytes | BYTE_ARRAY | |
//!
//! Every column is optional. A decimal has no precision and scale of its column's here, which a
//! DECIMAL of parquet would need before the first row; as text it loses nothing. Which columns these
//! are is told in the file's metadata ([`DECIMALS`]), so that our own reader knows them again.
//!
//! Source: the Apache Parquet format 2.12, `LogicalTypes.md`, `Encodings.md`, `PageIndex.md`.

mod decimal;
mod decoding;
mod error;
mod gathering;
mod reader;
mod schema;
mod writer;

pub use reader::{ParquetFacts, ParquetRows};
pub(super) use writer::Parquet;

/// The key in a file's metadata under which a JSON array names its columns of decimal numbers.
const DECIMALS: &str = "exportd.decimals";
