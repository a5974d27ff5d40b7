use super::*;
use crate::records::{Field, Schema, Type, Value};

/// Keeps what it is told to write.
struct Kept<'a>(&'a mut Vec<String>);

impl Kept<'_> {
    fn keep(&mut self, line: String) -> Result<(), FormatError> {
        self.0.push(line);
        Ok(())
    }
}

impl Blocks for Kept<'_> {
    fn title(&mut self, title: &str, facts: &[(String, String)]) -> Result<(), FormatError> {
        self.keep(format!("title {title} {facts:?}"))
    }
    fn heading(&mut self, level: u8, text: &str) -> Result<(), FormatError> {
        self.keep(format!("h{level} {text}"))
    }
    fn paragraph(&mut self, text: &str) -> Result<(), FormatError> {
        self.keep(format!("p {text}"))
    }
    fn message(&mut self, speaker: &str, at: &str, text: &str) -> Result<(), FormatError> {
        self.keep(format!("{speaker} {at}: {text}"))
    }
    fn list(&mut self, points: &[String]) -> Result<(), FormatError> {
        self.keep(format!("{points:?}"))
    }
    fn table(&mut self, schema: &Schema, caption: &str) -> Result<(), FormatError> {
        self.keep(format!("table {} {caption}", schema.fields.len()))
    }
    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError> {
        self.keep(format!("rows {}", batch.len()))
    }
    fn end_table(&mut self) -> Result<(), FormatError> {
        self.keep("end".to_owned())
    }
    fn chart(&mut self, chart: &crate::formats::Chart) -> Result<(), FormatError> {
        self.keep(chart.title.clone())
    }
    fn finish(self: Box<Self>) -> Result<Vec<String>, FormatError> {
        Ok(vec!["finished".to_owned()])
    }
}

fn section(name: &str, columns: &[&str], layout: Layout) -> Section {
    let schema = Schema::new(columns.iter().map(|name| Field::new(*name, Type::Text)).collect());
    Section {
        name: name.to_owned(),
        title: name.to_uppercase(),
        schema,
        rows: 0,
        left_out: Vec::new(),
        layout,
    }
}

fn written(head: &Head, rows: &[&[&str]]) -> (Vec<String>, Vec<String>) {
    let mut kept = Vec::new();
    let mut formatter = Box::new(InBlocks::new(Box::new(Kept(&mut kept))));
    formatter.begin(head).expect("kept");
    for section in &head.sections {
        formatter.section(section).expect("kept");
        let mut batch = Batch::new(&section.schema);
        for row in rows {
            for (place, cell) in row.iter().enumerate() {
                assert!(batch.column_mut(place).push(Value::Text(cell)));
            }
        }
        if !batch.is_empty() {
            formatter.rows(&batch).expect("kept");
        }
        formatter.end_section().expect("kept");
    }
    let told = formatter.finish().expect("kept");
    (kept, told)
}

#[test]
fn a_talk_begins_with_its_title_and_tells_which_columns_it_leaves_out() {
    let columns = Transcript { talk: 0, title: Some(1), speaker: 2, text: 3, at: None };
    let section = section("chat", &["id", "title", "who", "said", "cost"], Layout::Transcript(columns));
    let head = Head { title: "T".to_owned(), metadata: Vec::new(), sections: vec![section] };
    let (kept, told) = written(
        &head,
        &[&["1", "One", "a", "hi", "5"], &["1", "One", "b", "ho", "5"], &["2", "", "a", "so", "5"]],
    );
    assert_eq!(kept, ["title T []", "h2 CHAT", "h3 One", "a : hi", "b : ho", "h3 2", "a : so"]);
    assert_eq!(told, ["chat: who said what, without the column cost", "finished"]);
}

#[test]
fn a_section_without_rows_says_so() {
    let sections = vec![section("a", &["x"], Layout::Table)];
    let (kept, _) = written(&Head { title: "A".to_owned(), metadata: Vec::new(), sections }, &[]);
    assert_eq!(kept, ["title A []", "table 1 A", "end", "p Nothing here."]);
}
