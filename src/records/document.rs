//! What a document is of, told before its rows come.

use std::sync::Arc;

use super::{Field, LeftOut, Schema};

/// What a document says of itself before its first row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// What people call it.
    pub title: String,
    /// Facts about it, in order: the export's id, its kind, whose it is, of which moment its data
    /// are, what was asked for, and how many rows there are. Written only by formats that have a
    /// place for it; empty when `options.includeMetadata` is false.
    pub metadata: Vec<(String, String)>,
    /// Its parts, in order; at least one.
    pub sections: Vec<Section>,
}

/// One part of a document: rows of one schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What programs call it; unlike every other of its document. Of `[a-z0-9_]`, a letter first.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Its columns.
    pub schema: Arc<Schema>,
    /// How many rows there will be.
    pub rows: u64,
    /// Rows that there are beside these, by what leaves them out; none when they are all.
    pub left_out: Vec<LeftOut>,
    /// How people want to read it.
    pub layout: Layout,
}

impl Section {
    /// How many rows are left out.
    pub fn rows_left_out(&self) -> u64 {
        self.left_out.iter().map(|left_out| left_out.rows).sum()
    }

    /// The columns in which something is masked: none where there are no rows.
    pub fn masked(&self) -> impl Iterator<Item = &Field> {
        self.schema.fields.iter().filter(|field| field.masked && self.rows > 0)
    }
}

/// How people want to read rows, in formats made for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Layout {
    /// As a table.
    #[default]
    Table,
    /// As who said what, one after another.
    Transcript(Transcript),
}

/// Which columns of rows make a transcript, by their places. Rows of one talk come in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transcript {
    /// Unlike from talk to talk.
    pub talk: usize,
    /// What the talk is called.
    pub title: Option<usize>,
    /// Who speaks.
    pub speaker: usize,
    /// What was said.
    pub text: usize,
    /// When.
    pub at: Option<usize>,
}
