//! `datasets.*` of the settings.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where the data sets are declared, and what their masks are keyed with.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The file that declares them; none when there is none.
    pub file: Option<PathBuf>,
    /// What the mask `hash` is keyed with: the same value has the same hash as long as this stays.
    /// Without one it lasts as long as the server runs.
    pub mask_key: Option<String>,
}

/// Never the key.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.mask_key.as_ref().map(|_| "***");
        f.debug_struct("Config").field("file", &self.file).field("mask_key", &key).finish()
    }
}
