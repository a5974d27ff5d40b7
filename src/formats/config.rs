//! `formats.*` of the settings.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What is the same about all documents.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folders of fonts, looked at before the system's.
    pub fonts: Vec<PathBuf>,
}
