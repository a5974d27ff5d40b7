//! What is wrong with a template.

use std::fmt;

/// One thing that is wrong with a template, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// Which member: a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// In which line of its text, counted from 1, where it is about a text.
    pub line: Option<usize>,
    /// What would be right.
    pub message: String,
}

impl TemplateFault {
    /// `message` about the member at `pointer`.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), line: None, message: message.into() }
    }

    /// The place, and what is said there of the data rather than of the template.
    pub fn of_data(&self) -> String {
        format!("`{}`: {}", self.pointer, self.told())
    }

    /// The message, with its line before it.
    pub fn told(&self) -> String {
        self.line.map_or_else(|| self.message.clone(), |line| format!("line {line}: {}", self.message))
    }
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.pointer, self.told())
    }
}
