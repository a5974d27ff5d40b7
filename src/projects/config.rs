//! `projects.*` of the settings.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where projects lie and may lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `{root}/{userId}/{projectId}` is that user's project without registering.
    pub root: PathBuf,
    /// Where registered sources may lie; empty means below `root` only.
    pub allowed_roots: Vec<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self { root: "./projects".into(), allowed_roots: Vec::new() }
    }
}
