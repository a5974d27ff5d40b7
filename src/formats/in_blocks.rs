//! Rows as blocks: what html, pdf and markdown make of a document.

use crate::records::{Batch, Head, Layout, Section, Transcript};

use super::cell::cell;
use super::{Blocks, FormatError, Formatter};

/// Level of a section's heading.
const SECTION: u8 = 2;
/// Level of a talk's heading.
const TALK: u8 = 3;

/// Writes a document's rows block by block: each section under its heading, as a table or as who
/// said what.
pub(super) struct InBlocks<'a> {
    blocks: Box<dyn Blocks + 'a>,
    /// Whether a section's title would only say the document's again.
    alone: bool,
    now: Now,
    told: Vec<String>,
}

/// What is being written.
enum Now {
    Nothing,
    Table {
        rows: usize,
    },
    Talks {
        columns: Transcript,
        /// Of the last row.
        talk: Option<String>,
    },
}

impl<'a> InBlocks<'a> {
    /// Rows as `blocks`.
    pub(super) fn new(blocks: Box<dyn Blocks + 'a>) -> Self {
        Self { blocks, alone: false, now: Now::Nothing, told: Vec::new() }
    }
}

impl Formatter for InBlocks<'_> {
    fn begin(&mut self, head: &Head) -> Result<(), FormatError> {
        self.alone = matches!(head.sections.as_slice(), [only] if only.title == head.title);
        self.blocks.title(&head.title, &head.metadata)
    }

    fn section(&mut self, section: &Section) -> Result<(), FormatError> {
        if !self.alone {
            self.blocks.heading(SECTION, &section.title)?;
        }
        self.now = match section.layout {
            Layout::Table => {
                self.blocks.table(&section.schema, &section.title)?;
                Now::Table { rows: 0 }
            }
            Layout::Transcript(columns) => {
                self.told.extend(unsaid(section, columns));
                Now::Talks { columns, talk: None }
            }
        };
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError> {
        match &mut self.now {
            Now::Nothing => Ok(()),
            Now::Table { rows } => {
                *rows += batch.len();
                self.blocks.rows(batch)
            }
            Now::Talks { columns, talk } => say(&mut *self.blocks, *columns, talk, batch),
        }
    }

    fn end_section(&mut self) -> Result<(), FormatError> {
        let empty = match std::mem::replace(&mut self.now, Now::Nothing) {
            Now::Nothing => false,
            Now::Table { rows } => {
                self.blocks.end_table()?;
                rows == 0
            }
            Now::Talks { talk, .. } => talk.is_none(),
        };
        if empty { self.blocks.paragraph("Nothing here.") } else { Ok(()) }
    }

    fn finish(self: Box<Self>) -> Result<Vec<String>, FormatError> {
        let Self { blocks, mut told, .. } = *self;
        told.extend(blocks.finish()?);
        Ok(told)
    }
}

/// A message for each row, and a heading where another talk begins.
fn say(
    blocks: &mut dyn Blocks,
    columns: Transcript,
    last: &mut Option<String>,
    batch: &Batch,
) -> Result<(), FormatError> {
    for row in 0..batch.len() {
        let at = |place| cell(batch.value(row, place));
        let talk = at(columns.talk);
        if last.as_ref() != Some(&talk) {
            let title = columns.title.map(at).filter(|title| !title.is_empty());
            blocks.heading(TALK, title.as_deref().unwrap_or(&talk))?;
            *last = Some(talk);
        }
        let when = columns.at.map(at).unwrap_or_default();
        blocks.message(&at(columns.speaker), &when, &at(columns.text))?;
    }
    Ok(())
}

/// What there is to tell of columns that have no place in a talk.
pub(super) fn unsaid(section: &Section, columns: Transcript) -> Option<String> {
    let said = [Some(columns.talk), columns.title, Some(columns.speaker), Some(columns.text), columns.at];
    let fields = section.schema.fields.iter().enumerate();
    let unsaid: Vec<_> =
        fields.filter(|(place, _)| !said.contains(&Some(*place))).map(|(_, field)| &*field.name).collect();
    let columns = if unsaid.len() == 1 { "column" } else { "columns" };
    (!unsaid.is_empty())
        .then(|| format!("{}: who said what, without the {columns} {}", section.name, unsaid.join(", ")))
}

#[cfg(test)]
mod tests;
