//! `columns` and `layout` of a query.

use std::ops::Range;

use toml::de::DeTable;

use super::table::{File, Table};
use crate::datasets::Mask;
use crate::datasets::column::{DeclaredColumn, DeclaredLayout};
use crate::records::Type;

/// Reads the columns of the query that `query` names.
pub(super) fn read(file: &mut File<'_>, query: &mut Table<'_>) -> Vec<DeclaredColumn> {
    let mut columns: Vec<DeclaredColumn> = Vec::new();
    for (entries, span) in query.tables(file, "columns") {
        let mut table = Table::new(entries, span, query.subject.clone());
        let Some(column) = column(file, &mut table) else {
            table.finish(file);
            continue;
        };
        if columns.iter().any(|other| other.name == column.name) {
            table.fault(file, "name", format!("is that of another column: `{}`", column.name));
        }
        table.finish(file);
        columns.push(column);
    }
    if !columns.is_empty() && columns.iter().all(|column| column.system) {
        query.fault(file, "columns", "are all system fields; at least one must be for everyone");
    }
    columns
}

fn column(file: &mut File<'_>, table: &mut Table<'_>) -> Option<DeclaredColumn> {
    let name = table.needed_text(file, "name");
    if let Some(name) = &name {
        table.subject = format!("{}, column `{name}`", table.subject);
    }
    let known = Type::ALL.map(Type::as_str);
    let parse = |word: &str| Type::ALL.into_iter().find(|kind| kind.as_str() == word);
    if !table.has("type") {
        table.fault(file, "type", format!("is missing; it is one of {}", known.join(", ")));
    }
    let kind = table.word(file, "type", &known, parse);
    let title = table.text(file, "title");
    let pii = table.flag(file, "pii");
    let mask = table.word(file, "mask", &Mask::ALL.map(Mask::as_str), Mask::parse);
    if mask.is_some() && !pii {
        table.fault(file, "mask", "is for a column with `pii = true`");
    }
    let system = table.flag(file, "system");
    let (name, kind) = (name?, kind?);
    let mask = pii.then(|| mask.unwrap_or_default());
    Some(DeclaredColumn { title: title.unwrap_or_else(|| name.clone()), name, kind, mask, system })
}

/// Reads `layout`, whose names must be those of columns that everyone gets.
pub(super) fn layout(
    file: &mut File<'_>,
    query: &mut Table<'_>,
    columns: &[DeclaredColumn],
) -> DeclaredLayout {
    let Some((entries, span)) = query.table(file, "layout") else { return DeclaredLayout::Table };
    let mut table = Table::new(entries, span, format!("{}, layout", query.subject));
    let transcript = table.table(file, "transcript");
    table.finish(file);
    transcript.and_then(|found| transcript_of(file, query, found, columns)).unwrap_or_default()
}

fn transcript_of(
    file: &mut File<'_>,
    query: &Table<'_>,
    (entries, span): (&DeTable<'_>, Range<usize>),
    columns: &[DeclaredColumn],
) -> Option<DeclaredLayout> {
    let mut table = Table::new(entries, span, format!("{}, layout", query.subject));
    let talk = table.needed_text(file, "talk");
    let speaker = table.needed_text(file, "speaker");
    let text = table.needed_text(file, "text");
    let title = table.text(file, "title");
    let at = table.text(file, "at");
    for (key, name) in
        [("talk", &talk), ("speaker", &speaker), ("text", &text), ("title", &title), ("at", &at)]
    {
        let Some(name) = name else { continue };
        if !columns.iter().any(|column| column.name == *name && !column.system) {
            table.fault(
                file,
                key,
                format!("names `{name}`, which is none of the query's declared columns, or a system field"),
            );
        }
    }
    table.finish(file);
    Some(DeclaredLayout::Transcript { talk: talk?, title, speaker: speaker?, text: text?, at })
}
