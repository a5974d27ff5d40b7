//! What is in a file, from a look at all of it.

use std::sync::Arc;

use crate::records::{Batch, Field, Head, Layout, Schema, Section};

use super::ReadError;
use super::infer::Guess;
use super::row::{Opening, Parser, Row};
use super::table::Table;

/// What is in a file that has no fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its title, what it tells of itself, and its sections: their columns with types, and their rows.
    pub head: Head,
}

impl Facts {
    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.head.sections.iter().map(|section| section.rows).sum()
    }

    /// How many columns the sections have, all together.
    pub fn columns(&self) -> usize {
        self.head.sections.iter().map(|section| section.schema.fields.len()).sum()
    }

    /// Looks at everything that `parser` reads.
    pub(super) fn of(parser: &mut dyn Parser) -> Result<Self, ReadError> {
        let mut sections: Vec<Section> = Vec::new();
        while let Some(opening) = parser.section()? {
            sections.push(match opening.schema.clone() {
                Some(schema) => checked(parser, opening, schema)?,
                None => guessed(parser, opening)?,
            });
        }
        let told = parser.told();
        Ok(Self { head: Head { title: told.title.clone(), metadata: told.metadata.clone(), sections } })
    }
}

/// A section whose columns are told: every cell has to be of its type.
fn checked(parser: &mut dyn Parser, opening: Opening, schema: Arc<Schema>) -> Result<Section, ReadError> {
    let mut table = Table::new(&schema, Row::of(opening.names.unwrap_or_default()));
    let mut room = Batch::new(&schema);
    let mut section = Section {
        name: opening.name,
        title: opening.title,
        schema,
        rows: 0,
        left_out: Vec::new(),
        layout: Layout::Table,
    };
    loop {
        let is_more = table.fill(parser, &mut room)?;
        table.has_no_strangers()?;
        section.rows = table.rows();
        if !is_more {
            return Ok(section);
        }
        room.clear();
    }
}

/// A section whose columns are found with its rows.
fn guessed(parser: &mut dyn Parser, opening: Opening) -> Result<Section, ReadError> {
    let mut row = Row::of(opening.names.unwrap_or_default());
    let (mut guesses, mut rows) = (Guesses::default(), 0);
    while parser.row(&mut row)? {
        guesses.look(&row);
        rows += 1;
    }
    let schema = guesses.schema(&row);
    Ok(Section {
        name: opening.name,
        title: opening.title,
        schema,
        rows,
        left_out: Vec::new(),
        layout: Layout::Table,
    })
}

/// What every column may still be of.
#[derive(Default)]
pub(super) struct Guesses(Vec<Guess>);

impl Guesses {
    /// Looks at one more row.
    pub(super) fn look(&mut self, row: &Row) {
        self.0.resize(row.names.all().len().max(self.0.len()), Guess::ANY);
        for cell in &row.cells {
            self.0[cell.column].look(cell.raw, row.text_of(cell));
        }
    }

    /// The columns, of which `row` was the last.
    pub(super) fn schema(&self, row: &Row) -> Arc<Schema> {
        let kinds = self.0.iter().copied().chain(std::iter::repeat(Guess::ANY));
        let fields = row.names.all().iter().zip(kinds).map(|(name, guess)| Field::new(name, guess.kind()));
        Schema::new(fields.collect())
    }
}
