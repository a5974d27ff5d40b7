//! `storage.*` of the settings.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where packages are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// A folder of this machine.
    Local,
}

/// Where packages are kept, and how full that may get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What keeps them.
    pub backend: Backend,
    /// The folder; made when it is not there.
    pub root: PathBuf,
    /// Below this many free bytes no job starts.
    #[serde(with = "crate::config_units::size")]
    pub reserve: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { backend: Backend::Local, root: "./packages".into(), reserve: 1 << 30 }
    }
}
