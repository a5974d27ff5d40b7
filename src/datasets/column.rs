//! What a query's columns were declared as.

use super::Mask;
use crate::records::{Field, Type};

/// A column of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredColumn {
    /// What the source and programs call it.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What is in it.
    pub kind: Type,
    /// How it is hidden from those who may not see personal data; not at all when it has none.
    pub mask: Option<Mask>,
    /// Whether it is only for those who ask for system fields.
    pub system: bool,
}

impl DeclaredColumn {
    /// The column as whoever sees it `unmasked` or not gets it. What is masked is text.
    pub fn field(&self, unmasked: bool) -> Field {
        let masked = self.mask.is_some() && !unmasked;
        let kind = if masked { Type::Text } else { self.kind };
        Field { name: self.name.clone(), title: self.title.clone(), kind, masked }
    }
}

/// How a query's rows want to be read, by the names of its columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DeclaredLayout {
    /// As a table.
    #[default]
    Table,
    /// As a transcript.
    Transcript {
        /// Unlike from talk to talk.
        talk: String,
        /// What the talk is called.
        title: Option<String>,
        /// Who speaks.
        speaker: String,
        /// What was said.
        text: String,
        /// When.
        at: Option<String>,
    },
}
