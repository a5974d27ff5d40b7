//! `packing.*` and the limits of one package.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How packages are compressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Threads that compress.
    pub threads: usize,
    /// 1 is fastest, 9 smallest.
    pub level: u32,
    /// The key that manifests are signed with; made when it is not there. Beside the packages
    /// when it is not set.
    pub signing_key_file: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            level: 6,
            signing_key_file: None,
        }
    }
}

/// What a package may be at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of a package; beyond it packing fails and nothing is left.
    #[serde(with = "crate::config_units::size")]
    pub max_package: u64,
    /// Files in a package; likewise.
    pub max_files: u64,
    /// Bytes of a file; a larger one is left out with a warning.
    #[serde(with = "crate::config_units::size")]
    pub max_file: u64,
    /// A package that unpacks to more than this many times its size carries a warning.
    pub ratio_alert: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_package: 500 << 20, max_files: 20_000, max_file: 100 << 20, ratio_alert: 100 }
    }
}
