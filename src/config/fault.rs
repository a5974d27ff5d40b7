//! What is wrong with the settings, told so that it can be put right.

use std::fmt;

use serde::Serialize;

/// One thing that is wrong: where, what, and what would be right. Never carries a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The setting, or the unknown key.
    pub key: String,
    /// Where it was written: `exportd.toml:12`, `EXPORTD__JOBS__LEASE`, `--set`.
    pub origin: String,
    /// What is wrong, and after a semicolon what would be right.
    pub message: String,
}

impl Fault {
    /// A fault of `key`, which was written at `origin`.
    pub fn new(key: impl Into<String>, origin: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), origin: origin.into(), message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.origin, self.key, self.message)
    }
}

/// Everything that is wrong, at once; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => write!(f, "the settings have a fault:")?,
            faults => write!(f, "the settings have {faults} faults:")?,
        }
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for Faults {}
