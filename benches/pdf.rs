//! How long a PDF of many pages takes, and how much memory.
//!
//! ```text
//! cargo bench --bench pdf
//! ROWS=100000 cargo bench --bench pdf
//! ```
//!
//! Rows of 12 columns, as an analysis has them, in thousands; a quarter of them first, so that it
//! can be seen what grows with the pages. Fonts are those of this machine; cells are not all of
//! them in scripts that the house's own font has.

use std::sync::Arc;
use std::time::Instant;

use exportd::domain::Format;
use exportd::formats::{FormatOptions, formatter};
use exportd::records::{Batch, Field, Head, Layout, Schema, Section, Type, Value};

#[allow(dead_code, reason = "the benches use a part of it")]
mod measure;

use measure::{chosen, forget_peak_memory, peak_memory};

const KINDS: [Type; 6] =
    [Type::Integer, Type::Timestamp, Type::Text, Type::Number, Type::Boolean, Type::Text];

fn main() {
    let rows = chosen("ROWS", 40_000);
    let options = FormatOptions::scratching_in(std::env::temp_dir());
    let this = std::process::id();
    for rows in [rows / 4, rows] {
        forget_peak_memory(&[this]);
        let before = peak_memory(this);
        let begun = Instant::now();
        let pdf = write(rows, &options);
        let took = begun.elapsed().as_secs_f64();
        let peak = peak_memory(this);

        let pages =
            pdf.windows(11).filter(|window| *window == b"/Type/Page/" || *window == b"/Type /Page").count();
        let size = pdf.len() as f64 / f64::from(1 << 20);
        println!(
            "{rows} rows, about {pages} pages, {size:.1} MB: {took:.1} s, {:.0} rows a second, {before:.0} -> {peak:.0} MB at the peak",
            rows as f64 / took
        );
    }
}

fn write(rows: usize, options: &FormatOptions) -> Vec<u8> {
    let kinds = KINDS.iter().chain(&KINDS).enumerate();
    let schema = Schema::new(kinds.map(|(nth, kind)| Field::new(format!("column_{nth}"), *kind)).collect());
    let (name, title) = ("rows".to_owned(), "Rows".to_owned());
    let section = Section {
        name,
        title,
        schema: Arc::clone(&schema),
        rows: rows as u64,
        left_out: Vec::new(),
        layout: Layout::Table,
    };
    let head = Head { title: "Many rows".to_owned(), metadata: Vec::new(), sections: vec![section] };
    let mut pdf = Vec::new();
    let mut writer = formatter(Format::Pdf, &mut pdf, options).expect("a format");
    writer.begin(&head).expect("written");
    writer.section(&head.sections[0]).expect("written");
    let mut batch = Batch::new(&schema);
    for row in 0..rows {
        fill(&mut batch, row);
        if batch.is_full() || row + 1 == rows {
            writer.rows(&batch).expect("written");
            batch.clear();
        }
    }
    writer.end_section().expect("written");
    writer.finish().expect("written");
    pdf
}

fn fill(batch: &mut Batch, row: usize) {
    const WORDS: [&str; 4] = ["an answer that was given", "quick", "Ελληνικά και ελληνικά", "漢字とかな"];
    let number = i64::try_from(row).expect("few rows");
    for (place, kind) in KINDS.iter().chain(&KINDS).enumerate() {
        let text = format!("user-{}", row * 7919 % 1_000_003);
        let added = batch.column_mut(place).push(match kind {
            Type::Integer => Value::Integer(number * 31),
            Type::Timestamp => Value::Timestamp(1_700_000_000_000_000 + number * 1_000_003),
            Type::Number => Value::Number(row as f64 / 7.0),
            Type::Boolean => Value::Boolean(row.is_multiple_of(3)),
            _ if place == 2 => Value::Text(&text),
            _ => Value::Text(WORDS[row % WORDS.len()]),
        });
        assert!(added);
    }
}
