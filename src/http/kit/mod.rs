//! What any HTTP service needs, and no word of exports.

mod blocks;
mod file_body;

pub use blocks::Blocks;
pub use file_body::{FileBody, FileBodyError};
