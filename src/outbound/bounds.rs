//! How much of an answer is waited for.

use std::time::Duration;

/// How long an answer may take, and how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// From the first look-up of the name to the last byte.
    pub time: Duration,
    /// Of the body, in bytes.
    pub bytes: usize,
}

impl Default for Bounds {
    /// Ten seconds, one mebibyte.
    fn default() -> Self {
        Self { time: Duration::from_secs(10), bytes: 1 << 20 }
    }
}
