//! What reports promise.

mod charts;
mod choices;
mod documents;
mod faults;
mod figures;
mod guide;
mod hostile;
mod lacking;
mod limits;
mod shipped;
mod spooling;
mod words;

use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value as Json, json};

use crate::formats::{Blocks, Chart, FormatError, FormatOptions};
use crate::records::{Batch, DataError, Field, Head, Layout, Rows, Schema, Section, Type, Value};

use super::{Report, ReportError, render};

/// What was written, block by block.
#[derive(Debug, Clone, PartialEq)]
enum Block {
    Title(String),
    Heading(u8, String),
    Paragraph(String),
    List(Vec<String>),
    /// A caption, the columns, and the rows as text.
    Table(String, Vec<String>, Vec<Vec<String>>),
    Chart(Chart),
}

#[derive(Debug, Clone, Default)]
struct Recorded(Arc<Mutex<Vec<Block>>>);

impl Recorded {
    fn blocks(&self) -> MutexGuard<'_, Vec<Block>> {
        self.0.lock().expect("no test panics while it writes")
    }

    fn push(&self, block: Block) -> Result<(), FormatError> {
        self.blocks().push(block);
        Ok(())
    }
}

impl Blocks for Recorded {
    fn title(&mut self, title: &str, _: &[(String, String)]) -> Result<(), FormatError> {
        self.push(Block::Title(title.to_owned()))
    }

    fn heading(&mut self, level: u8, text: &str) -> Result<(), FormatError> {
        self.push(Block::Heading(level, text.to_owned()))
    }

    fn paragraph(&mut self, text: &str) -> Result<(), FormatError> {
        self.push(Block::Paragraph(text.to_owned()))
    }

    fn message(&mut self, _: &str, _: &str, _: &str) -> Result<(), FormatError> {
        panic!("a report has no talks")
    }

    fn list(&mut self, points: &[String]) -> Result<(), FormatError> {
        self.push(Block::List(points.to_vec()))
    }

    fn table(&mut self, schema: &Schema, caption: &str) -> Result<(), FormatError> {
        let columns = schema.fields.iter().map(|field| field.name.clone()).collect();
        self.push(Block::Table(caption.to_owned(), columns, Vec::new()))
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError> {
        let mut blocks = self.blocks();
        let Some(Block::Table(_, columns, rows)) = blocks.last_mut() else { panic!("rows without a table") };
        for row in 0..batch.len() {
            rows.push((0..columns.len()).map(|place| format!("{:?}", batch.value(row, place))).collect());
        }
        Ok(())
    }

    fn end_table(&mut self) -> Result<(), FormatError> {
        Ok(())
    }

    fn chart(&mut self, chart: &Chart) -> Result<(), FormatError> {
        self.push(Block::Chart(chart.clone()))
    }

    fn finish(self: Box<Self>) -> Result<Vec<String>, FormatError> {
        Ok(vec!["finished".to_owned()])
    }
}

/// Rows that a function makes, batch by batch.
struct Made<F> {
    schema: Arc<Schema>,
    count: u64,
    at: u64,
    row: F,
}

impl<F: FnMut(u64, &mut Batch) + Send> Rows for Made<F> {
    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn next(&mut self, mut room: Batch) -> Result<Option<Batch>, DataError> {
        while self.at < self.count && !room.is_full() {
            (self.row)(self.at, &mut room);
            self.at += 1;
        }
        Ok((!room.is_empty()).then_some(room))
    }
}

/// Data that a report is made of: sections, and what makes their rows.
struct Data {
    head: Head,
    rows: Vec<Box<dyn Rows>>,
}

impl Data {
    fn new(title: &str) -> Self {
        Self { head: Head { title: title.to_owned(), ..Head::default() }, rows: Vec::new() }
    }

    fn section(
        mut self,
        name: &str,
        fields: &[(&str, Type)],
        count: u64,
        row: impl FnMut(u64, &mut Batch) + Send + 'static,
    ) -> Self {
        let fields = fields.iter().map(|(name, kind)| Field::new(*name, *kind)).collect();
        let schema = Schema::new(fields);
        let title = format!("The {name}");
        let section = Section {
            name: name.to_owned(),
            title,
            schema: Arc::clone(&schema),
            rows: count,
            left_out: Vec::new(),
            layout: Layout::Table,
        };
        self.head.sections.push(section);
        self.rows.push(Box::new(Made { schema, count, at: 0, row }));
        self
    }

    /// Sales: day, region, amount, units; so many rows.
    fn sales(count: u64) -> Self {
        let fields = [
            ("day", Type::Date),
            ("region", Type::Text),
            ("amount", Type::Decimal),
            ("units", Type::Integer),
        ];
        Self::new("Sales").section("sales", &fields, count, |at, batch| {
            let day = i32::try_from(20_000 + at / 4).expect("few days");
            let amount = format!("{}.{:02}", at, at % 100);
            let units =
                if at % 5 == 4 { Value::Null } else { Value::Integer(i64::try_from(at).expect("few") * 2) };
            let region = ["north", "south", "east"][usize::try_from(at % 3).expect("small")];
            row(batch, [Value::Date(day), Value::Text(region), Value::Decimal(&amount), units]);
        })
    }
}

fn row<'v>(batch: &mut Batch, cells: impl IntoIterator<Item = Value<'v>>) {
    for (place, cell) in cells.into_iter().enumerate() {
        assert!(batch.column_mut(place).push(cell), "{cell:?}");
    }
}

fn options() -> FormatOptions {
    FormatOptions::scratching_in(std::env::temp_dir())
}

/// A template of these parts.
fn template(parts: Json) -> Json {
    json!({"name": "mine", "title": "My report", "audience": "nobody", "sections": parts})
}

fn of_text(text: &str) -> Json {
    template(json!([{"type": "text", "text": text}]))
}

/// What a template makes of data.
fn rendered(template: Json, data: Data) -> Result<Vec<Block>, String> {
    let report = Report::read(template).map_err(|faults| format!("{faults:?}"))?;
    let (recorded, Data { head, rows }) = (Recorded::default(), data);
    let mut rows = rows.into_iter().map(Ok);
    let told = render(&report, &head, &mut rows, Box::new(recorded.clone()), &options());
    told.map(|messages| assert_eq!(messages, ["finished"]))
        .map_err(|error: ReportError| error.to_string())?;
    let blocks = recorded.blocks().clone();
    Ok(blocks)
}

/// What a text says of data, in paragraphs and points.
fn said(text: &str, data: Data) -> Result<Vec<String>, String> {
    let blocks = rendered(of_text(text), data)?;
    Ok(blocks
        .into_iter()
        .flat_map(|block| match block {
            Block::Title(_) => vec![],
            Block::Paragraph(text) => vec![text],
            Block::List(points) => points.into_iter().map(|point| format!("* {point}")).collect(),
            other => panic!("{other:?}"),
        })
        .collect())
}
