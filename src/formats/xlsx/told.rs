//! What had to be changed, counted column by column.

use std::collections::BTreeMap;

/// What had to be done to a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Cut after as many letters as a cell holds.
    Cut,
    /// A number is text, as it would be rounded otherwise.
    NumberAsText,
    /// An instant or day is text, as spreadsheets have none so early or late.
    DateAsText,
    /// An instant lost what it had finer than a millisecond.
    ToTheMillisecond,
}

/// What had to be changed in a document, by section, column and change.
#[derive(Default)]
pub struct Told {
    cells: BTreeMap<(usize, usize, Change), Counted>,
    sheets: Vec<String>,
}

struct Counted {
    column: String,
    cells: u64,
}

impl Told {
    /// One more cell of the column at `place` of the section at `section`; `column` says what both
    /// are called.
    pub fn cell(&mut self, section: usize, place: usize, change: Change, column: impl FnOnce() -> String) {
        let counted = self
            .cells
            .entry((section, place, change))
            .or_insert_with(|| Counted { column: column(), cells: 0 });
        counted.cells += 1;
    }

    /// A section's rows go on in the sheet called `next`.
    pub fn sheet(&mut self, section: &str, next: &str) {
        self.sheets.push(format!("{section} goes on in the sheet `{next}`: one sheet holds 1,048,575 rows"));
    }

    /// All of it, in words.
    pub fn words(&self) -> Vec<String> {
        let cells = self.cells.iter().map(|((_, _, change), counted)| {
            let (cells, what) = (counted.cells, words(*change));
            format!("{}: {cells} {}{what}", counted.column, if cells == 1 { "cell " } else { "cells " })
        });
        self.sheets.iter().cloned().chain(cells).collect()
    }
}

fn words(change: Change) -> &'static str {
    match change {
        Change::Cut => "cut to the 32,767 characters that a cell holds",
        Change::NumberAsText => "written as text, as spreadsheets would round the number",
        Change::DateAsText => "written as text, as spreadsheets know only the years 1900 to 9999",
        Change::ToTheMillisecond => "written to the millisecond, as spreadsheets know no finer time",
    }
}
