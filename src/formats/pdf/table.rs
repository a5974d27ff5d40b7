//! A table, from its first row to its last, on however many pages.

use krilla::tagging::Tag;

use crate::formats::cell::{cell, write_cell};
use crate::formats::text::Unshown;
use crate::records::{Batch, Schema};

use super::columns::{Plan, Wish, plan};
use super::flow::{Again, Cell, Flow};
use super::ink::Ink;
use super::pour::Pour;
use super::setter::{LEADING, Setter, Style, clean};
use super::sheets::{Mark, Owner, SIDE, Sheets};
use super::tags::{Knot, ROOT};

/// Rows by which columns are measured.
const MEASURED: usize = 120;
/// Characters of a cell by which its column is measured.
const CHARACTERS: usize = 160;
/// Free at either side of a cell.
const ASIDE: f32 = 3.5;
/// Free above and below a cell.
const ABOVE: f32 = 2.0;
/// Lines of a column's title.
const TITLE: usize = 4;
/// How wide the names in a record are.
const NAMES: f32 = 120.0;

/// A table whose rows come.
pub(super) struct Table {
    titles: Vec<String>,
    /// Whether each column has numbers.
    numbers: Vec<bool>,
    /// What it is of.
    summary: String,
    part: Option<Knot>,
    /// How it is set, once there was a row to look at.
    set: Option<Set>,
    rows: u64,
}

enum Set {
    Grid(Head),
    Records,
}

/// The first row of every page.
struct Head {
    titles: Vec<String>,
    /// Where each column begins, and how wide its cells are.
    columns: Vec<(f32, f32)>,
    styles: Vec<Style>,
    width: f32,
    height: f32,
}

impl Table {
    /// A table with these columns.
    pub(super) fn new(schema: &Schema, summary: &str) -> Self {
        let titles = schema.fields.iter().map(|field| field.title.clone()).collect();
        let numbers = schema.fields.iter().map(|field| field.kind.is_number()).collect();
        Self { titles, numbers, summary: summary.to_owned(), part: None, set: None, rows: 0 }
    }

    /// How the table is best set, by its first rows.
    pub(super) fn plan(&self, first: Option<&Batch>, setter: &mut Setter) -> Plan {
        let size = self.size();
        let mut wishes: Vec<_> =
            self.titles.iter().map(|title| wish(title, Style::bold(size), setter)).collect();
        let Some(batch) = first else { return plan(&wishes, widths(), 2.0 * ASIDE) };
        let mut text = String::new();
        for (wish_of, column) in wishes.iter_mut().zip(batch.columns()) {
            for row in 0..batch.len().min(MEASURED) {
                text.clear();
                write_cell(column.value(row), &mut text);
                let wish = wish(&text, Style::plain(size), setter);
                *wish_of = Wish { word: wish_of.word.max(wish.word), line: wish_of.line.max(wish.line) };
            }
        }
        plan(&wishes, widths(), 2.0 * ASIDE)
    }

    /// The table begins where the page is filled to.
    pub(super) fn begin(&mut self, plan: Plan, flow: &mut Flow) {
        match plan {
            Plan::Records => self.set = Some(Set::Records),
            Plan::Grid { widths, .. } => {
                self.part = flow.sheets.tags.table(&self.summary);
                let head = Head::new(self, &widths, &mut flow.setter);
                flow.keep(head.height + 3.0 * self.size() * LEADING);
                let cells = flow.sheets.tags.row(self.part, self.titles.len(), true);
                let owner = |place: usize| cells.as_ref().map(|cells| cells[place]).into();
                head.draw_as(owner, &mut flow.sheets, &mut flow.setter);
                self.set = Some(Set::Grid(head));
            }
        }
    }

    /// Whether it has begun.
    pub(super) const fn has_begun(&self) -> bool {
        self.set.is_some()
    }

    /// More rows.
    pub(super) fn rows(&mut self, batch: &Batch, flow: &mut Flow) {
        for row in 0..batch.len() {
            self.rows += 1;
            match &self.set {
                Some(Set::Grid(head)) => self.grid_row(head, batch, row, flow),
                Some(Set::Records) => self.record(batch, row, flow),
                None => {}
            }
        }
    }

    fn grid_row(&self, head: &Head, batch: &Batch, row: usize, flow: &mut Flow) {
        let parts = flow.sheets.tags.row(self.part, self.titles.len(), false);
        let columns = head.columns.iter().zip(&head.styles).enumerate();
        let cells = columns.map(|(place, ((x, width), style))| {
            let text = Pour::new(&cell(batch.value(row, place)), *style, *width, &mut flow.setter);
            Cell { x: *x, text, owner: parts.as_ref().map(|parts| parts[place]).into() }
        });
        let cells = cells.collect();
        flow.row(cells, ABOVE, head);
        flow.rule(SIDE, head.width);
    }

    /// A row as names and cells, one below the other.
    fn record(&self, batch: &Batch, row: usize, flow: &mut Flow) {
        let size = self.size();
        let width = flow.width();
        flow.keep(size * LEADING * 5.0);
        let part = flow.sheets.tags.part(ROOT, Tag::P);
        flow.text(&format!("{}", self.rows), Style::bold(size + 1.0), 0.0, part.into());
        for (place, title) in self.titles.iter().enumerate() {
            let text = cell(batch.value(row, place));
            if text.is_empty() {
                continue;
            }
            let owner = flow.sheets.tags.part(ROOT, Tag::P).into();
            let mut name = Pour::new(title, Style::faint(size), NAMES, &mut flow.setter);
            name.cut(TITLE);
            let text = Pour::new(&text, Style::plain(size), width - NAMES - 10.0, &mut flow.setter);
            let cells =
                vec![Cell { x: SIDE, text: name, owner }, Cell { x: SIDE + NAMES + 10.0, text, owner }];
            flow.row(cells, 0.5, &());
        }
        flow.space(3.0);
        flow.rule(SIDE, width);
        flow.space(6.0);
    }

    fn size(&self) -> f32 {
        if self.titles.len() >= 9 { 7.0 } else { 8.0 }
    }
}

impl Head {
    fn new(table: &Table, widths: &[f32], setter: &mut Setter) -> Self {
        let size = table.size();
        let mut x = SIDE;
        let columns: Vec<_> = widths
            .iter()
            .map(|width| {
                let column = (x + ASIDE, width - 2.0 * ASIDE);
                x += width;
                column
            })
            .collect();
        let style = |number: &bool| Style { at_end: *number, ..Style::plain(size) };
        let styles = table.numbers.iter().map(style).collect();
        let titles = table.titles.clone();
        let mut head = Self { titles, columns, styles, width: x - SIDE, height: 0.0 };
        let pours = head.pours(setter);
        let highest = pours.iter().filter_map(Pour::whole).fold(size * LEADING, f32::max);
        head.height = highest + 2.0 * ABOVE + 1.0;
        head
    }

    fn pours(&self, setter: &mut Setter) -> Vec<Pour> {
        let columns = self.titles.iter().zip(&self.columns).zip(&self.styles);
        let pour = |((title, (_, width)), style): ((&String, &(f32, f32)), &Style)| {
            let mut pour = Pour::new(title, Style { bold: true, ..*style }, *width, setter);
            pour.cut(TITLE);
            pour
        };
        columns.map(pour).collect()
    }

    fn draw_as(&self, owner: impl Fn(usize) -> Owner, sheets: &mut Sheets, setter: &mut Setter) {
        let top = sheets.y;
        sheets.area(Owner::Nobody, [SIDE, top, self.width, self.height - 1.0], Ink::Tint);
        for (place, mut pour) in self.pours(setter).into_iter().enumerate() {
            let mut y = top + ABOVE;
            while let Some(line) = pour.next(f32::INFINITY, setter) {
                for piece in line.pieces {
                    let (x, y) = (self.columns[place].0 + piece.x, y + line.baseline);
                    sheets.put(owner(place), Mark::Text { x, y, piece, ink: Ink::Words });
                }
                y += line.height;
            }
        }
        sheets.y = top + self.height;
    }
}

/// What was read once need not be read again: on later pages the head belongs to nobody.
impl Again for Head {
    fn height(&self) -> f32 {
        self.height
    }

    fn draw(&self, sheets: &mut Sheets, setter: &mut Setter) {
        self.draw_as(|_| Owner::Nobody, sheets, setter);
    }
}

/// Widths of text, upright and on its side.
fn widths() -> [f32; 2] {
    [Sheets::width(false), Sheets::width(true)]
}

fn wish(text: &str, style: Style, setter: &mut Setter) -> Wish {
    let end = text.char_indices().nth(CHARACTERS).map_or(text.len(), |(end, _)| end);
    // It is measured now and told when it is set.
    let text = clean(&text[..end], &mut Unshown::default());
    let (word, line) = setter.widths(&text, style);
    Wish { word, line: line + 0.5 }
}
