//! A case, written.

use std::io::Write;
use std::path::Path;

use exportd::domain::Format;
use exportd::formats::{FormatOptions, Formatter, formatter};
use exportd::records::Batch;

use super::cases::Case;

/// Writes `case` in `format`, and what the formatter had to tell; `None` where there is no formatter.
pub fn write(
    case: &Case,
    format: Format,
    out: &mut (dyn Write + Send),
    scratch: &Path,
) -> Option<Vec<String>> {
    let mut options = FormatOptions::scratching_in(scratch);
    // It changes cells on purpose; here they are to come back as they were.
    options.guards_formulas = false;
    let formatter = formatter(format, out, &options)?;
    Some(written(case, formatter).unwrap_or_else(|error| panic!("{format}, {}: {error}", case.name)))
}

/// Writes `case` with `formatter`.
pub fn written(
    case: &Case,
    mut formatter: Box<dyn Formatter + '_>,
) -> Result<Vec<String>, exportd::formats::FormatError> {
    formatter.begin(&case.head)?;
    for (place, section) in case.head.sections.iter().enumerate() {
        formatter.section(section)?;
        let mut batch = Batch::new(case.schema(place));
        for row in 0..section.rows {
            for (column, cell) in (case.rows[place])(row).iter().enumerate() {
                assert!(batch.column_mut(column).push(cell.value()), "{cell:?} is of its column's type");
            }
            if batch.is_full() {
                formatter.rows(&batch)?;
                batch.clear();
            }
        }
        if !batch.is_empty() {
            formatter.rows(&batch)?;
        }
        formatter.end_section()?;
    }
    formatter.finish()
}
