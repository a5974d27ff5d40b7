//! The compressors: each gives the same bytes for the same input, on every machine and thread.

pub mod deflate;
#[cfg(test)]
pub mod samples;
pub mod zstd;
