//! Small documents for the tests of formats.

use std::sync::Arc;

use crate::domain::Format;
use crate::records::{Batch, Field, Head, Layout, Schema, Section, Type, Value};

use super::{FormatOptions, formatter};

/// Nothing chosen.
pub fn options() -> FormatOptions {
    // Nothing here needs a file.
    FormatOptions { guards_formulas: false, ..FormatOptions::scratching_in("/nowhere") }
}

/// A section without rows.
pub fn section(name: &str, columns: &[(&str, Type)]) -> Section {
    let fields = columns.iter().map(|(name, kind)| Field::new(*name, *kind)).collect();
    let (name, title) = (name.to_owned(), name.to_uppercase());
    Section { name, title, schema: Schema::new(fields), rows: 0, left_out: Vec::new(), layout: Layout::Table }
}

/// Rows of a schema.
pub fn batch<const N: usize>(schema: &Arc<Schema>, rows: &[[Value<'_>; N]]) -> Batch {
    let mut batch = Batch::new(schema);
    for row in rows {
        for (place, value) in row.iter().enumerate() {
            assert!(batch.column_mut(place).push(*value), "{value:?} is of another type");
        }
    }
    batch
}

/// A document of one section.
pub fn table<const N: usize>(columns: &[(&str, Type)], rows: &[[Value<'_>; N]]) -> (Head, Vec<Vec<Batch>>) {
    let section = section("rows", columns);
    let batches = vec![vec![batch(&section.schema, rows)]];
    (Head { title: "Rows".to_owned(), metadata: Vec::new(), sections: vec![section] }, batches)
}

/// A document of two, with a column that is in both and of two types.
pub fn two_sections() -> (Head, Vec<Vec<Batch>>) {
    let users = section("users", &[("id", Type::Integer), ("email", Type::Text)]);
    let files = section("files", &[("size", Type::Integer), ("id", Type::Text)]);
    let batches = vec![
        vec![batch(&users.schema, &[[Value::Integer(7), Value::Text("a@b.example")]])],
        vec![batch(&files.schema, &[[Value::Integer(12), Value::Text("f-1")]])],
    ];
    (Head { title: "All".to_owned(), metadata: Vec::new(), sections: vec![users, files] }, batches)
}

/// The document in `format`, and what its writing had to tell.
pub fn written(
    format: Format,
    options: &FormatOptions,
    head: &Head,
    batches: &[Vec<Batch>],
) -> (String, Vec<String>) {
    let mut out = Vec::new();
    let mut formatter = formatter(format, &mut out, options).expect("a format of documents");
    formatter.begin(head).expect("memory can be written");
    for (section, batches) in head.sections.iter().zip(batches) {
        formatter.section(section).expect("memory can be written");
        for batch in batches {
            formatter.rows(batch).expect("memory can be written");
        }
        formatter.end_section().expect("memory can be written");
    }
    let told = formatter.finish().expect("memory can be written");
    (String::from_utf8(out).expect("UTF-8"), told)
}
