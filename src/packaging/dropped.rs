//! Entries that the scan found and that are not in the package after all.

use std::io;

use crate::domain::{Warning, WarningCode};

use super::secrets::Finding;
use super::{ExcludeReason, Excluded, Withheld};

/// An entry that is not in the package after all.
#[derive(Debug)]
pub struct Dropped {
    /// Its place among the entries.
    pub index: usize,
    /// Why.
    pub why: Why,
}

/// Why an entry is not in the package after all.
#[derive(Debug)]
pub enum Why {
    /// It could not be read: what the operating system said.
    Unread(io::Error),
    /// There is a secret in it.
    Secret(Finding),
}

/// What is told of a dropped entry.
pub struct Told {
    /// To the manifest.
    pub excluded: Excluded,
    /// To the manifest's report of secrets, when it is one.
    pub withheld: Option<Withheld>,
    /// To the asker.
    pub warning: Warning,
}

impl Dropped {
    /// What is told of it, by the name that it would have had. Never what was found.
    pub fn told(&self, path: &str) -> Told {
        let (reason, code, message) = match &self.why {
            Why::Unread(error) if error.kind() == io::ErrorKind::NotFound => {
                let message = "deleted while it was being packed".to_owned();
                (ExcludeReason::Vanished, WarningCode::FileVanished, message)
            }
            Why::Unread(_) => {
                let message = "cannot be read by the server".to_owned();
                (ExcludeReason::Unreadable, WarningCode::Unreadable, message)
            }
            Why::Secret(Finding { rule, line }) => {
                let message = format!("left out: line {line} has what looks like a secret ({rule})");
                (ExcludeReason::Secret, WarningCode::SecretWithheld, message)
            }
        };
        let withheld = match &self.why {
            Why::Unread(_) => None,
            Why::Secret(Finding { rule, line }) => {
                Some(Withheld { path: path.to_owned(), rule: (*rule).to_owned(), line: Some(*line) })
            }
        };
        let rule = withheld.as_ref().map(|withheld| withheld.rule.clone());
        Told {
            excluded: Excluded { path: path.to_owned(), reason, rule },
            withheld,
            warning: Warning { code, path: Some(path.to_owned()), message },
        }
    }
}
