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
    /// Files and folders of the server itself, in no package whatever project they lie in. Not a
    /// setting: whoever composes the settings knows them.
    #[serde(skip)]
    pub own: Vec<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self { root: "./projects".into(), allowed_roots: Vec::new(), own: Vec::new() }
    }
}
