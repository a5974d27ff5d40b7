//! What comes when.

use std::io::Write;

use krilla::metadata::{DateTime, Metadata};
use krilla::tagging::{ListNumbering, Tag};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::formats::chart::numbers;
use crate::formats::fonts::Fonts;
use crate::formats::text::{REPLACED, Unshown};
use crate::formats::{Blocks, Chart, FormatError};
use crate::records::{Batch, Schema};

use super::columns::Plan;
use super::figure;
use super::flow::{Cell, Flow};
use super::pour::Pour;
use super::setter::{LEADING, Setter, Style, clean};
use super::sheets::{Owner, SIDE, Sheets};
use super::table::Table;
use super::tags::ROOT;

/// How high the letters of text are.
const TEXT: f32 = 9.5;
/// How wide the names of facts are.
const NAMES: f32 = 130.0;
/// Characters of the title at the foot of every page.
const FOOT: usize = 90;
/// What of a block stays with its heading: a few lines, or a figure.
const SOME: f32 = 50.0;
const FIGURE: f32 = 250.0;
/// Numbers of a chart that are told beneath it.
const NUMBERS: usize = 400;
/// What is told of characters without a glyph.
const UNSHOWN: &str = "without a glyph in any font here: shown as an empty box";

/// Writes PDF. Nothing goes out before the end: a PDF's table of contents is at its end, and its
/// library writes it whole.
pub(in crate::formats) struct Pdf<'a> {
    out: &'a mut (dyn Write + Send),
    flow: Flow,
    metadata: Metadata,
    /// What stands above the next block, on the same page as its beginning.
    above: Vec<Above>,
    table: Option<Table>,
    /// Charts whose numbers are too many to tell.
    untold: u64,
}

enum Above {
    Title(String, Vec<(String, String)>),
    Heading(u8, String),
}

impl<'a> Pdf<'a> {
    /// PDF, written to `out` with these fonts.
    pub(in crate::formats) fn new(out: &'a mut (dyn Write + Send), fonts: &Fonts) -> Self {
        let flow = Flow { sheets: Sheets::new(), setter: Setter::new(fonts.choice()) };
        let metadata = Metadata::new().language("en".to_owned()).creator("exportd".to_owned());
        Self { out, flow, metadata, above: Vec::new(), table: None, untold: 0 }
    }

    /// Sets what stands above the next block, on a page that lies on its side or not and has room for
    /// `room` of the block. Text goes on where a wide table ended, until a heading of level 2.
    fn settle(&mut self, wide: Option<bool>, room: f32) {
        let anew = self.above.iter().any(|above| !matches!(above, Above::Heading(3.., _)));
        let now = self.flow.sheets.is_wide();
        let wide = match (now, wide) {
            (Some(true), Some(false)) if !anew => true,
            (_, Some(wide)) => wide,
            (Some(now), None) if !anew => now,
            _ => false,
        };
        self.flow.sheets.begin(wide, &mut self.flow.setter);
        let headings = self.above.iter().filter(|above| matches!(above, Above::Heading(..))).count();
        #[expect(clippy::cast_precision_loss, reason = "headings are few")]
        self.flow.keep(room + 30.0 * headings as f32);
        for above in std::mem::take(&mut self.above) {
            match above {
                Above::Title(title, facts) => self.write_title(&title, &facts),
                Above::Heading(level, text) => self.write_heading(level, &text),
            }
        }
    }

    fn write_title(&mut self, title: &str, facts: &[(String, String)]) {
        let part = self.flow.sheets.tags.heading(1, title);
        self.flow.sheets.bookmark(1, title);
        self.flow.text(title, Style::bold(19.0), 0.0, part.into());
        self.flow.space(6.0);
        for (name, fact) in facts {
            let owner = self.flow.sheets.tags.part(ROOT, Tag::P).into();
            self.pair(name, fact, owner);
        }
        self.flow.space(8.0);
    }

    /// A name and what is said of it, side by side.
    fn pair(&mut self, name: &str, fact: &str, owner: Owner) {
        let (width, setter) = (self.flow.width(), &mut self.flow.setter);
        let name = Pour::new(name, Style::faint(8.5), NAMES, setter);
        let fact = Pour::new(fact, Style::plain(8.5), width - NAMES - 10.0, setter);
        let x = SIDE + NAMES + 10.0;
        let cells = vec![Cell { x: SIDE, text: name, owner }, Cell { x, text: fact, owner }];
        self.flow.row(cells, 1.0, &());
    }

    fn write_heading(&mut self, level: u8, text: &str) {
        let size = match level {
            ..=2 => 14.0,
            3 => 11.5,
            _ => 10.0,
        };
        self.flow.space(size * 0.8);
        let part = self.flow.sheets.tags.heading(level, text);
        self.flow.sheets.bookmark(level, text);
        self.flow.text(text, Style::bold(size), 0.0, part.into());
        self.flow.space(size * 0.35);
    }

    /// The table's first rows are here, or it has none.
    fn begin_table(&mut self, first: Option<&Batch>) {
        let Some(mut table) = self.table.take() else { return };
        let plan = table.plan(first, &mut self.flow.setter);
        self.settle(Some(matches!(plan, Plan::Grid { wide: true, .. })), SOME);
        table.begin(plan, &mut self.flow);
        self.table = Some(table);
    }
}

impl Blocks for Pdf<'_> {
    fn title(&mut self, title: &str, facts: &[(String, String)]) -> Result<(), FormatError> {
        let clean = clean(title, &mut Unshown::default()).replace('\n', " ");
        self.flow.sheets.foot = clean.chars().take(FOOT).collect();
        let metadata = std::mem::take(&mut self.metadata).title(clean);
        self.metadata = match facts.iter().find_map(|(_, fact)| date(fact)) {
            Some(date) => metadata.creation_date(date),
            None => metadata,
        };
        self.above.push(Above::Title(title.to_owned(), facts.to_vec()));
        Ok(())
    }

    fn heading(&mut self, level: u8, text: &str) -> Result<(), FormatError> {
        self.above.push(Above::Heading(level.clamp(2, 6), text.to_owned()));
        Ok(())
    }

    fn paragraph(&mut self, text: &str) -> Result<(), FormatError> {
        self.settle(None, SOME);
        let part = self.flow.sheets.tags.part(ROOT, Tag::P);
        self.flow.text(text, Style::plain(TEXT), 0.0, part.into());
        self.flow.space(6.0);
        Ok(())
    }

    fn message(&mut self, speaker: &str, at: &str, text: &str) -> Result<(), FormatError> {
        self.settle(None, SOME);
        self.flow.keep(TEXT * LEADING * 3.0);
        let owner = self.flow.sheets.tags.part(ROOT, Tag::P).into();
        let speaker = if speaker.trim().is_empty() { "?" } else { speaker };
        let (width, setter) = (self.flow.width(), &mut self.flow.setter);
        let when = Style { at_end: true, ..Style::faint(TEXT - 1.5) };
        let at = Pour::new(at, when, width * 0.35, setter);
        let speaker = Pour::new(speaker, Style::bold(TEXT), width * 0.6, setter);
        let cells =
            vec![Cell { x: SIDE, text: speaker, owner }, Cell { x: SIDE + width * 0.65, text: at, owner }];
        self.flow.row(cells, 0.0, &());
        let part = self.flow.sheets.tags.part(ROOT, Tag::P);
        self.flow.text(text, Style::plain(TEXT), 10.0, part.into());
        self.flow.space(7.0);
        Ok(())
    }

    fn list(&mut self, points: &[String]) -> Result<(), FormatError> {
        self.settle(None, SOME);
        let list = self.flow.sheets.tags.part(ROOT, Tag::L(ListNumbering::Disc));
        for point in points {
            let part = list.and_then(|list| self.flow.sheets.tags.part(list, Tag::LI));
            let body = part.and_then(|part| self.flow.sheets.tags.part(part, Tag::LBody));
            let (width, setter) = (self.flow.width(), &mut self.flow.setter);
            let dot = Pour::new("•", Style::plain(TEXT), 10.0, setter);
            let text = Pour::new(point, Style::plain(TEXT), width - 14.0, setter);
            let cells = vec![
                Cell { x: SIDE + 2.0, text: dot, owner: Owner::Nobody },
                Cell { x: SIDE + 14.0, text, owner: body.into() },
            ];
            self.flow.row(cells, 1.0, &());
        }
        self.flow.space(6.0);
        Ok(())
    }

    fn table(&mut self, schema: &Schema, caption: &str) -> Result<(), FormatError> {
        self.table = Some(Table::new(schema, caption));
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError> {
        if batch.is_empty() {
            return Ok(());
        }
        if self.table.as_ref().is_some_and(|table| !table.has_begun()) {
            self.begin_table(Some(batch));
        }
        if let Some(table) = &mut self.table {
            table.rows(batch, &mut self.flow);
        }
        Ok(())
    }

    fn end_table(&mut self) -> Result<(), FormatError> {
        if self.table.as_ref().is_some_and(|table| !table.has_begun()) {
            self.begin_table(None);
        }
        self.table = None;
        self.flow.space(10.0);
        Ok(())
    }

    fn chart(&mut self, chart: &Chart) -> Result<(), FormatError> {
        self.settle(None, FIGURE);
        let part = self.flow.sheets.tags.part(ROOT, Tag::P);
        self.flow.text(&chart.title, Style::bold(TEXT), 0.0, part.into());
        self.flow.space(4.0);
        figure::draw(chart, &mut self.flow);
        if chart.labels.len() * chart.series.len() > NUMBERS {
            self.untold += 1;
            return Ok(());
        }
        let numbers = numbers(chart);
        self.table(numbers.schema(), &chart.title)?;
        self.rows(&numbers)?;
        self.end_table()
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, FormatError> {
        if !self.above.is_empty() {
            self.settle(None, SOME);
        }
        let Flow { sheets, mut setter } = self.flow;
        let bytes = sheets.finish(self.metadata, &mut setter)?;
        self.out.write_all(&bytes)?;
        let untold = self.untold;
        let untold = (untold > 0).then(|| format!("{untold} charts with too many numbers for a table"));
        Ok([setter.replaced.told(REPLACED), setter.unshown.told(UNSHOWN), untold]
            .into_iter()
            .flatten()
            .collect())
    }
}

/// The instant that a fact is, if it is one.
fn date(fact: &str) -> Option<DateTime> {
    let date = OffsetDateTime::parse(fact, &Rfc3339).ok()?.to_utc();
    let (hour, minute, second) = date.as_hms();
    let day = DateTime::new(u16::try_from(date.year()).ok()?).month(date.month().into()).day(date.day());
    Some(day.hour(hour).minute(minute).second(second).utc_offset_hour(0).utc_offset_minute(0))
}
