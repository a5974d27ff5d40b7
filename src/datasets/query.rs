//! One query of a data set: a section of its documents.

use std::sync::OnceLock;

use super::column::{DeclaredColumn, DeclaredLayout};
use super::sql::Statement;
use crate::domain::Kind;
use crate::records::{Layout, Schema, Transcript};

/// One query of a data set.
#[derive(Debug)]
pub(super) struct Query {
    /// What programs call its section.
    pub(super) name: String,
    /// What people call it.
    pub(super) title: String,
    /// Of everyone's data: the kind that its rows belong to.
    pub(super) kind: Option<Kind>,
    /// Where its rows come from.
    pub(super) reads: Reads,
    /// Most rows; more are left out.
    pub(super) max_rows: Option<u64>,
    /// Its columns, if they were declared.
    pub(super) columns: Vec<DeclaredColumn>,
    /// What its columns turned out to be, if they were not declared.
    pub(super) inferred: OnceLock<Vec<DeclaredColumn>>,
    /// How people want to read its rows.
    pub(super) layout: DeclaredLayout,
}

/// Where rows come from.
#[derive(Debug)]
pub(super) enum Reads {
    /// A database.
    Sql {
        /// What is asked.
        rows: Statement,
        /// How many rows there are, where the operator knows better than `SELECT count(*) FROM (…)`.
        count: Option<Statement>,
    },
    /// Files of a folder.
    Files(FileQuery),
}

/// Which rows of which files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct FileQuery {
    /// The files' names, with `*` and `?`; never a path that leads out of the folder.
    pub(super) files: String,
    /// Only rows that have the owner's id here.
    pub(super) user_column: Option<String>,
    /// Only rows that are of the date range here.
    pub(super) time_column: Option<String>,
    /// Only rows that have a parameter's value (or one of its list) here: column, parameter.
    pub(super) equals: Vec<(String, String)>,
}

impl Query {
    /// Whether the parameter `name` changes what it gives.
    pub(super) fn knows(&self, name: &str) -> bool {
        match &self.reads {
            Reads::Sql { rows, .. } => rows.parameters().contains(name),
            Reads::Files(files) => {
                matches!(name, "start" | "end") && files.time_column.is_some()
                    || files.equals.iter().any(|(_, parameter)| parameter == name)
            }
        }
    }

    /// Its columns as far as they are known: declared, or inferred by a check or a reading.
    pub(super) fn columns(&self) -> &[DeclaredColumn] {
        match self.columns.is_empty() {
            true => self.inferred.get().map_or(&[], Vec::as_slice),
            false => &self.columns,
        }
    }

    /// The layout over `schema`. Columns that are not there make it a table.
    pub(super) fn layout(&self, schema: &Schema) -> Layout {
        let DeclaredLayout::Transcript { talk, title, speaker, text, at } = &self.layout else {
            return Layout::Table;
        };
        let place = |name: &String| schema.place(name);
        let transcript = || {
            Some(Transcript {
                talk: place(talk)?,
                title: title.as_ref().and_then(place),
                speaker: place(speaker)?,
                text: place(text)?,
                at: at.as_ref().and_then(place),
            })
        };
        transcript().map_or(Layout::Table, Layout::Transcript)
    }
}
