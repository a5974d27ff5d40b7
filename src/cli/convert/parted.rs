//! Whether what is read as CSV is parted by something else than commas.

use super::source::Source;
use crate::cli::outcome::Failure;
use crate::domain::Format;
use crate::records::{Batch, Head, Value};

/// What spreadsheets of half the world part cells with, and what is copied out of them.
const OTHERS: [(char, &str); 2] = [(';', "semicolons"), ('\t', "tabs")];

/// A hint for whoever has a table in one column: its name and every cell of it have the same number
/// of semicolons, or of tabs.
pub fn hint(source: &mut Source, format: Format, head: &Head) -> Result<Option<String>, Failure> {
    let [section] = &head.sections[..] else { return Ok(None) };
    let [field] = &section.schema.fields[..] else { return Ok(None) };
    let count = |text: &str, mark| text.chars().filter(|one| *one == mark).count();
    let marks = OTHERS.map(|(mark, word)| (mark, word, count(&field.name, mark)));
    let Some((mark, word, times)) = marks.into_iter().find(|(.., times)| *times > 0) else { return Ok(None) };
    if format != Format::Csv || section.rows == 0 {
        return Ok(None);
    }
    let mut is_alike = true;
    source.each_section(head, &mut |section, rows| {
        let mut room = Batch::new(&section.schema);
        while let Some(batch) = rows.next(room).map_err(|error| Failure::because(&error.fault))? {
            let mut cells = (0..batch.len()).map(|row| batch.value(row, 0));
            is_alike &= cells.all(|cell| matches!(cell, Value::Text(text) if count(text, mark) == times));
            room = batch;
            room.clear();
        }
        Ok(())
    })?;
    let columns = times + 1;
    Ok(is_alike.then(|| {
        format!(
            "hint      this looks like {columns} columns parted by {word}; csv is read by its commas, as one"
        )
    }))
}
