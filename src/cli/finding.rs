//! What a check found.

use std::fmt;

use serde::Serialize;

/// Whether something is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is.
    Ok,
    /// It works, and is worth knowing.
    Note,
    /// It has to be put right.
    Wrong,
}

impl Verdict {
    /// As a line begins with it: what has to be put right catches the eye.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Wrong => "WRONG",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Whether it is as it should be.
    pub verdict: Verdict,
    /// What was found, for people.
    pub what: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Finding {
    /// As it should be.
    pub fn ok(what: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, what: what.into(), next: None }
    }

    /// Worth knowing, and what could be done about it.
    pub fn note(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { verdict: Verdict::Note, what: what.into(), next: Some(next.into()) }
    }

    /// To be put right, and how.
    pub fn wrong(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { verdict: Verdict::Wrong, what: what.into(), next: Some(next.into()) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:6} {}", self.verdict.word(), self.what)?;
        match &self.next {
            Some(next) => write!(f, "\n       → {next}"),
            None => Ok(()),
        }
    }
}
