//! Who sends the bytes of packages.

use serde::{Deserialize, Serialize};

/// Who sends the bytes of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// exportd.
    #[default]
    Direct,
    /// nginx in front of it, where that answers exactly as exportd would.
    Accel,
}

impl Mode {
    /// As settings, rows and metrics have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Accel => "accel",
        }
    }

    /// The mode of that name.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Direct, Self::Accel].into_iter().find(|mode| mode.as_str() == word)
    }
}
