//! How a command ends, as scripts rely on it.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::{ExitCode, Termination};

use crate::config::Faults;

/// What a command's end means. The numbers are fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Tried, and failed.
    Failed = 1,
    /// Not understood: arguments or settings.
    WrongUse = 2,
    /// What was asked for is not there, or not any more.
    Missing = 3,
    /// The caller may not.
    NotAllowed = 4,
    /// The bytes are not those that were promised.
    Damaged = 5,
    /// Stopped by a signal before the end.
    Interrupted = 130,
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

/// Why a command did not do what it was asked to, in words for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How the program ends.
    pub exit: Exit,
    /// What happened and, where there is something, what to do.
    pub message: String,
}

impl Failure {
    /// A failure with words of its own.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// Tried, and failed: `error` and everything that caused it.
    pub fn because(error: &dyn Error) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(deeper) = cause {
            let words = deeper.to_string();
            // Some errors already repeat what caused them.
            if !message.contains(&words) {
                message = format!("{message}: {words}");
            }
            cause = deeper.source();
        }
        Self::new(Exit::Failed, message)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Faults> for Failure {
    fn from(faults: Faults) -> Self {
        Self::new(Exit::WrongUse, faults.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::because(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the package could not be read")]
    struct Unreadable(#[source] io::Error);

    #[test]
    fn a_failure_tells_its_causes_once() {
        let failure = Failure::because(&Unreadable(io::Error::other("disk on fire")));
        assert_eq!(failure.to_string(), "the package could not be read: disk on fire");
        assert_eq!(failure.exit, Exit::Failed);
    }
}
