//! Which blocks an archive is made of, and what they are called in it.

use crate::domain::{Format, Kind};

/// Users whose data are one block.
const SPAN: u64 = 1000;

/// What an archive of a kind is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// One user's data: one block, each section for people and for programs.
    OfOne,
    /// Everyone's: what is about nobody and the list of users, then the users, some at a time.
    OfEveryone,
}

impl Plan {
    /// The plan for archives of `kind`.
    pub const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Bulk => Self::OfEveryone,
            _ => Self::OfOne,
        }
    }

    /// What each section becomes.
    pub const fn formats(self) -> &'static [Format] {
        match self {
            Self::OfOne => &[Format::Csv, Format::Jsonl],
            Self::OfEveryone => &[Format::Jsonl],
        }
    }

    /// Users in one block; nothing where blocks are not of users.
    pub const fn span(self) -> Option<u64> {
        match self {
            Self::OfOne => None,
            Self::OfEveryone => Some(SPAN),
        }
    }

    /// The path of `section` in block `number`, as `format`.
    pub fn path(self, section: &str, number: usize, format: Format) -> String {
        let extension = format.extension();
        match (self, number) {
            (Self::OfOne, _) | (Self::OfEveryone, 0) => format!("{section}.{extension}"),
            (Self::OfEveryone, number) => format!("data/{section}/part-{number:06}.{extension}"),
        }
    }
}
