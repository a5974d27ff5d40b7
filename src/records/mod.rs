//! What rows look like on their way from where they are kept to what they become: typed columns,
//! in batches, never all of them at once.
//!
//! ```text
//! Rows (a data set's query, a file) ─► Batch ─► Batch ─► … ─► a formatter
//! ```

mod batch;
pub mod calendar;
mod document;
mod error;
mod left_out;
mod rows;
mod schema;
mod value;

pub use batch::{Batch, Column};
pub use document::{Head, Layout, Section, Transcript};
pub use error::{DataError, DataFault};
pub use left_out::{LeftOut, LimitOf};
pub use rows::Rows;
pub use schema::{Field, Schema, Type};
pub use value::Value;
