//! `auth.*` of the settings, but for tokens.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Who else is believed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The file with the keys of machines that sign their requests.
    pub signing_keys_file: Option<PathBuf>,
}
