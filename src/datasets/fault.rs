//! What is wrong with a declaration, told so that it can be put right.

use std::fmt;

/// One thing that is wrong with the file that declares the data sets. Never carries a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: `datasets.toml:12`.
    pub origin: String,
    /// Whose: "source `app`", "data set `orders`, query `lines`"; empty when it is the file's.
    pub subject: String,
    /// The key, where it is about one.
    pub key: String,
    /// What is wrong, and after a semicolon what to do.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)?;
        for part in [&self.subject, &self.key].into_iter().filter(|part| !part.is_empty()) {
            write!(f, ": {part}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Why there are no data sets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataSetsError {
    /// The file cannot be read.
    #[error("{file} cannot be read: {why}")]
    Unreadable {
        /// Its name.
        file: String,
        /// What the system says.
        why: String,
    },
    /// Everything that is wrong with it, at once; never empty.
    #[error("the data sets have {} {}:{}", .0.len(), if .0.len() == 1 { "fault" } else { "faults" }, lines(.0))]
    Declared(Vec<Fault>),
}

fn lines(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}
