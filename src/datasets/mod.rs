//! Rows that the operator declared.

pub mod files;
