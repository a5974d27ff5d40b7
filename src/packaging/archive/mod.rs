//! What stands around the pieces of a package: each format's heads, tails and directories.

mod frame;
pub mod gzip;
pub mod seekable;
pub mod tar;
pub mod zip;

pub use frame::{Frame, Head};

/// The mode of files in packages.
pub const FILE_MODE: u32 = 0o644;
/// The mode of empty folders in packages.
pub const FOLDER_MODE: u32 = 0o755;
