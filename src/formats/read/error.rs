//! Why a file cannot be read, and where in it.

use std::fmt;
use std::io;

use crate::domain::Format;
use crate::records::{DataFault, Type};

/// Somewhere in a text: line and column, counted from 1, a column a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The character in it.
    pub column: u64,
}

impl Place {
    /// Where every file begins.
    pub const BEGIN: Self = Self { line: 1, column: 1 };

    /// The place behind `bytes` that begin here.
    #[must_use]
    pub fn after(self, bytes: &[u8]) -> Self {
        // Every character has one byte that is no continuation (RFC 3629 §3).
        let characters = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u64;
        match bytes.iter().rposition(|byte| *byte == b'\n') {
            None => Self { column: self.column + characters(bytes), ..self },
            Some(last) => {
                let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
                Self { line: self.line + lines, column: 1 + characters(&bytes[last + 1..]) }
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// What is the matter with a file, and where: the first of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub why: String,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Its bytes do not come.
    #[error("it cannot be read")]
    Input(#[from] io::Error),
    /// It is not what it should be.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// A cell is not of its column's type.
    #[error("{fault}")]
    NotOfType {
        /// Where, and in words.
        fault: Fault,
        /// The row, counted from 1.
        row: u64,
        /// The column.
        column: String,
        /// What its cells are.
        declared: Type,
    },
    /// Files of this format are written here, and not read.
    #[error("{0} is not read")]
    NotRead(Format),
}

impl ReadError {
    /// What is the matter with the file, if something is.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Fault(fault) | Self::NotOfType { fault, .. } => Some(fault),
            Self::Input(_) | Self::NotRead(_) => None,
        }
    }
}

impl From<ReadError> for DataFault {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Input(_) | ReadError::NotRead(_) => Self::SourceLost { row: None },
            ReadError::Fault(Fault { place, why }) => {
                Self::NotReadable { line: place.line, column: place.column, why }
            }
            ReadError::NotOfType { fault, row, column, declared } => {
                Self::NotOfType { row, column, declared, why: fault.place.to_string() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters() {
        let after = |text: &str| Place::BEGIN.after(text.as_bytes());
        assert_eq!(after(""), Place::BEGIN);
        assert_eq!(after("größe𐍈"), Place { line: 1, column: 7 });
        assert_eq!(after("a\r\nb\n日"), Place { line: 3, column: 2 });
        assert_eq!(after("a\n"), Place { line: 2, column: 1 });
    }
}
