//! What a template says.

use crate::domain::Kind;
use crate::formats::ChartShape;

/// A report for an audience: which parts it has, in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// What programs call it. Of `[a-z0-9_-]`, a letter first.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Whom it is for: `executive`, `technical`, `customer`, `compliance`, or any word.
    pub audience: String,
    /// For data of these kinds; of any when empty.
    pub kinds: Vec<Kind>,
    /// For these data sets; for any when empty.
    pub datasets: Vec<String>,
    /// Its parts, from first to last.
    pub parts: Vec<Part>,
}

/// One part of a report. What it is of, where it does not say, is the section that an `each` around it
/// has come to, or else the first of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A heading of level 2 to 6. One that comes out empty is left out.
    Heading {
        /// The level.
        level: u8,
        /// A text of one line.
        text: Text,
    },
    /// Paragraphs and lists.
    Text {
        /// The text.
        text: Text,
    },
    /// Names and what they are: those given, or what is known of the export.
    Facts {
        /// Names, each with a text of one line; `None` is what is known of the export.
        items: Option<Vec<(String, Text)>>,
    },
    /// Rows.
    Table(TablePart),
    /// Numbers, drawn.
    Chart(ChartPart),
    /// These parts for each section of the data.
    Each {
        /// The parts, none of which is an `each`.
        parts: Vec<Self>,
    },
}

/// A text with expressions in it, and where it stands in its template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// A JSON Pointer, unlike that of every other text.
    pub pointer: String,
    /// The text.
    pub source: String,
}

/// A table of rows of one section.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TablePart {
    /// The section.
    pub of: Option<String>,
    /// What stands above it; the section's title when nothing is said.
    pub title: Option<String>,
    /// Which columns; all when empty.
    pub columns: Vec<String>,
    /// At most so many rows.
    pub rows: Option<usize>,
    /// In which order; as they come when nothing is said.
    pub sort: Option<Sort>,
    /// Whether it is left out, or its columns are, when the data have none of them.
    pub optional: bool,
}

/// A chart of rows of one section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartPart {
    /// How it is drawn.
    pub shape: ChartShape,
    /// The section.
    pub of: Option<String>,
    /// What stands above it; the section's title when nothing is said.
    pub title: Option<String>,
    /// The column along the axis: the first of dates or times when nothing is said, or else of text.
    pub label: Option<String>,
    /// The columns of numbers: the first one when nothing is said, or how many rows there are.
    pub values: Vec<String>,
    /// Whether rows of one label are one point, whose numbers are theirs together.
    pub group: bool,
    /// At most so many points.
    pub points: usize,
    /// In which order; as they come when nothing is said.
    pub sort: Option<Sort>,
    /// Whether it is left out when the data have nothing to draw it from.
    pub optional: bool,
}

/// In which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// By which column; by the first of numbers when nothing is said.
    pub by: Option<String>,
    /// Whether the greatest come first.
    pub descending: bool,
}

impl Template {
    /// Whether it is meant for the data set `name`, exported as `kind`.
    pub fn is_for(&self, kind: Kind, name: &str) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&kind))
            && (self.datasets.is_empty() || self.datasets.iter().any(|one| one == name))
    }

    /// Every text of it, in order.
    pub fn texts(&self) -> Vec<&Text> {
        let mut texts = Vec::new();
        collect(&self.parts, &mut texts);
        texts
    }
}

fn collect<'t>(parts: &'t [Part], texts: &mut Vec<&'t Text>) {
    for part in parts {
        match part {
            Part::Heading { text, .. } | Part::Text { text } => texts.push(text),
            Part::Facts { items } => texts.extend(items.iter().flatten().map(|(_, text)| text)),
            Part::Each { parts } => collect(parts, texts),
            Part::Table(_) | Part::Chart(_) => {}
        }
    }
}
