//! Every format, by the same cases, reopened by other people's tools: Python's own readers, pyarrow,
//! DuckDB, openpyxl, xmllint, pdftotext. A formatter that is added to `formats::formatter()` is
//! tried here without another line, once `check.py` can read its format.

mod cases;
mod foreign;
mod full_disk;
mod reopened;
mod sameness;
pub mod tools;
mod truth;
mod writing;

pub use tools::python;
