//! Markdown, as GitHub has it (GFM 0.29): for people who keep text beside text.
//!
//! Nothing of what is in a cell is markup, ends a line or a cell. Charts are tables of their
//! numbers: what shows Markdown rarely shows pictures that come along with it.

mod escape;

use std::io::Write;

use crate::records::{Batch, Schema};

use super::cell::write_cell;
use super::chart::numbers;
use super::text::{REPLACED, Unshown};
use super::{Blocks, Chart, FormatError};
use escape::{write_cell_text, write_inline, write_lines};

/// Writes Markdown.
pub(super) struct Markdown<'a> {
    out: &'a mut (dyn Write + Send),
    text: String,
    unshown: Unshown,
}

impl<'a> Markdown<'a> {
    /// Markdown, written to `out`.
    pub(super) fn new(out: &'a mut (dyn Write + Send)) -> Self {
        Self { out, text: String::new(), unshown: Unshown::default() }
    }

    fn inline(&mut self, text: &str) {
        write_inline(text, &mut self.text, &mut self.unshown);
    }

    fn cell(&mut self, text: &str) {
        self.text.push(' ');
        write_cell_text(text, &mut self.text, &mut self.unshown);
        self.text.push_str(" |");
    }

    fn flush(&mut self) -> Result<(), FormatError> {
        self.out.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }
}

impl Blocks for Markdown<'_> {
    fn title(&mut self, title: &str, facts: &[(String, String)]) -> Result<(), FormatError> {
        self.text.push_str("# ");
        self.inline(title);
        self.text.push_str("\n\n");
        for (name, fact) in facts {
            self.text.push_str("- **");
            self.inline(name);
            self.text.push_str(":** ");
            self.inline(fact);
            self.text.push('\n');
        }
        if !facts.is_empty() {
            self.text.push('\n');
        }
        self.flush()
    }

    fn heading(&mut self, level: u8, text: &str) -> Result<(), FormatError> {
        self.text.extend(std::iter::repeat_n('#', usize::from(level.clamp(1, 6))));
        self.text.push(' ');
        self.inline(text);
        self.text.push_str("\n\n");
        self.flush()
    }

    fn paragraph(&mut self, text: &str) -> Result<(), FormatError> {
        write_lines(text, "", &mut self.text, &mut self.unshown);
        self.text.push('\n');
        self.flush()
    }

    /// What was said is quoted, so that nobody can put words into another's mouth.
    fn message(&mut self, speaker: &str, at: &str, text: &str) -> Result<(), FormatError> {
        self.text.push_str("**");
        self.inline(if speaker.trim().is_empty() { "?" } else { speaker });
        self.text.push_str("**");
        if !at.is_empty() {
            self.text.push_str(" · ");
            self.inline(at);
        }
        self.text.push_str("\n\n");
        write_lines(text, "> ", &mut self.text, &mut self.unshown);
        self.text.push('\n');
        self.flush()
    }

    fn list(&mut self, points: &[String]) -> Result<(), FormatError> {
        for point in points {
            self.text.push_str("- ");
            self.inline(point);
            self.text.push('\n');
        }
        self.text.push('\n');
        self.flush()
    }

    fn table(&mut self, schema: &Schema, _: &str) -> Result<(), FormatError> {
        self.text.push('|');
        for field in &schema.fields {
            self.cell(&field.title);
        }
        self.text.push_str("\n|");
        for field in &schema.fields {
            self.text.push_str(if field.kind.is_number() { " ---: |" } else { " --- |" });
        }
        self.text.push('\n');
        self.flush()
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError> {
        let mut cell = String::new();
        for row in 0..batch.len() {
            self.text.push('|');
            for column in batch.columns() {
                cell.clear();
                write_cell(column.value(row), &mut cell);
                self.cell(&cell);
            }
            self.text.push('\n');
        }
        self.flush()
    }

    fn end_table(&mut self) -> Result<(), FormatError> {
        self.text.push('\n');
        self.flush()
    }

    fn chart(&mut self, chart: &Chart) -> Result<(), FormatError> {
        self.text.push_str("**");
        self.inline(&chart.title);
        self.text.push_str("**\n\n");
        let numbers = numbers(chart);
        self.table(numbers.schema(), &chart.title)?;
        self.rows(&numbers)?;
        self.end_table()
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, FormatError> {
        self.flush()?;
        Ok(self.unshown.told(REPLACED).into_iter().collect())
    }
}

#[cfg(test)]
mod tests;
