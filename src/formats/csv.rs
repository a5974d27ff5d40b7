//! CSV (RFC 4180), in UTF-8, with a header.
//!
//! Nothing is nothing between two commas, and an empty text is `""`: readers that make no difference
//! lose none. In a table of one column, nothing is an empty line, as PostgreSQL writes it. What else
//! RFC 4180 leaves open: lines end with CR LF, and a cell is quoted only if it has to be.

use crate::records::{Batch, Head, Section, Value};

use super::scan::Wanted;
use super::sink::Sink;
use super::written::push_value;
use super::{FormatError, FormatOptions, Formatter, Union};

/// What a cell cannot hold without quotes.
const SPECIAL: Wanted<4> = Wanted::one_of(*b"\",\r\n");

/// Writes CSV.
pub struct Csv<'a> {
    sink: Sink<'a>,
    bom: bool,
    cells: Cells,
    union: Union,
    /// Sections that have begun.
    begun: usize,
    /// Of the current section: what its rows begin with, and what fills each column behind it.
    first: Vec<u8>,
    fillers: Vec<Option<usize>>,
}

impl<'a> Csv<'a> {
    /// On the way to `sink`.
    pub fn new(sink: Sink<'a>, options: &FormatOptions) -> Self {
        let cells = Cells { guards: options.guards_formulas, guarded: 0 };
        Self {
            sink,
            bom: options.bom,
            cells,
            union: Union::of(&[]),
            begun: 0,
            first: Vec::new(),
            fillers: Vec::new(),
        }
    }
}

impl Formatter for Csv<'_> {
    fn begin(&mut self, head: &Head) -> Result<(), FormatError> {
        self.union = Union::of(&head.sections);
        let out = self.sink.bytes();
        if self.bom {
            out.extend_from_slice("\u{feff}".as_bytes());
        }
        for (place, field) in self.union.schema.fields.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            match field.name.as_str() {
                // Without quotes it would be taken for a byte order mark.
                name if place == 0 && name.starts_with('\u{feff}') => quoted(out, "", name),
                name => self.cells.text(out, name),
            }
        }
        out.extend_from_slice(b"\r\n");
        Ok(())
    }

    fn section(&mut self, _section: &Section) -> Result<(), FormatError> {
        self.first.clear();
        self.fillers = self.union.fillers(self.begun);
        if let Some(name) = self.union.name(self.begun) {
            self.fillers.remove(0);
            self.cells.text(&mut self.first, name);
            if !self.fillers.is_empty() {
                self.first.push(b',');
            }
        }
        self.begun += 1;
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError> {
        for row in 0..batch.len() {
            let out = self.sink.bytes();
            out.extend_from_slice(&self.first);
            for (place, filler) in self.fillers.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                if let Some(from) = filler {
                    self.cells.cell(out, batch.value(row, *from));
                }
            }
            out.extend_from_slice(b"\r\n");
            self.sink.settle()?;
        }
        Ok(())
    }

    fn end_section(&mut self) -> Result<(), FormatError> {
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, FormatError> {
        self.sink.pass_on()?;
        Ok(match self.cells.guarded {
            0 => Vec::new(),
            1 => vec!["a ' stands before 1 cell that a spreadsheet would take for a formula".to_owned()],
            many => {
                vec![format!("a ' stands before {many} cells that a spreadsheet would take for formulas")]
            }
        })
    }
}

/// Writes cells, and counts those it changes.
struct Cells {
    guards: bool,
    guarded: u64,
}

impl Cells {
    fn cell(&mut self, out: &mut Vec<u8>, value: Value<'_>) {
        match value {
            Value::Text(text) => self.text(out, text),
            Value::Json(text) => quoted_if_needed(out, "", text),
            Value::Bytes([]) => out.extend_from_slice(b"\"\""),
            other => push_value(out, other),
        }
    }

    fn text(&mut self, out: &mut Vec<u8>, text: &str) {
        if self.guards && is_formula(text) {
            self.guarded += 1;
            return quoted_if_needed(out, "'", text);
        }
        quoted_if_needed(out, "", text);
    }
}

fn quoted_if_needed(out: &mut Vec<u8>, guard: &str, text: &str) {
    let special = SPECIAL.find(text.as_bytes());
    // Alone on its line, `\.` was the end of all data to PostgreSQL before version 18.
    if special.is_none() && !text.is_empty() && text != "\\." {
        out.extend_from_slice(guard.as_bytes());
        return out.extend_from_slice(text.as_bytes());
    }
    quoted(out, guard, text);
}

fn quoted(out: &mut Vec<u8>, guard: &str, text: &str) {
    out.push(b'"');
    out.extend_from_slice(guard.as_bytes());
    let mut parts = text.split('"');
    out.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        out.extend_from_slice(b"\"\"");
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'"');
}

/// Whether a spreadsheet would take the text for a formula.
///
/// Source: OWASP, "CSV Injection": what formulas begin with, also in its full-width form.
fn is_formula(text: &str) -> bool {
    const BEGINNINGS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    // Most texts begin with a letter, and letters of ASCII are beyond all of these but one.
    match text.as_bytes().first() {
        None | Some(b'A'..=b'~') => false,
        Some(_) => text.starts_with(BEGINNINGS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Format;
    use crate::formats::samples::{options, table, written};
    use crate::records::Type;

    fn cells(texts: &[&str], guards_formulas: bool) -> (String, Vec<String>) {
        let rows: Vec<_> = texts.iter().map(|text| [Value::Text(text), Value::Integer(-1)]).collect();
        let (head, batches) = table(&[("a", Type::Text), ("b", Type::Integer)], &rows);
        written(Format::Csv, &FormatOptions { guards_formulas, ..options() }, &head, &batches)
    }

    #[test]
    fn only_what_needs_quotes_has_them_and_lines_end_as_the_rfc_says() {
        let (text, told) =
            cells(&["plain", " a b ", "a,b", "a\"b", "a\r\nb", "", "größe;日本", "\\."], false);
        let lines = "a,b\r\nplain,-1\r\n a b ,-1\r\n\"a,b\",-1\r\n\"a\"\"b\",-1\r\n\"a\r\nb\",-1\r\n\"\",-1\r\ngröße;日本,-1\r\n\"\\.\",-1\r\n";
        assert_eq!((text.as_str(), told.len()), (lines, 0));
    }

    #[test]
    fn formulas_become_text_and_numbers_stay_numbers() {
        let formulas = ["=1+1", "+1", "-1", "@SUM", "\tx", "\rx", "＝1", "＋1", "－1", "＠x"];
        let (text, told) = cells(&formulas, true);
        let changed = text.lines().filter(|line| line.starts_with('\'') || line.starts_with("\"'")).count();
        assert_eq!(changed, formulas.len(), "{text}");
        assert_eq!(text.matches(",-1").count(), formulas.len());
        assert_eq!(told, ["a ' stands before 10 cells that a spreadsheet would take for formulas"]);

        let (text, told) = cells(&["a=1", "'=1", "1-1", "（"], true);
        assert_eq!((text.as_str(), told.len()), ("a,b\r\na=1,-1\r\n'=1,-1\r\n1-1,-1\r\n（,-1\r\n", 0));
        assert!(cells(&["=1"], false).0.contains("\n=1,"));
    }

    #[test]
    fn nothing_is_told_from_empty() {
        let rows = [[Value::Null, Value::Null], [Value::Text(""), Value::Bytes(&[])]];
        let (head, batches) = table(&[("a", Type::Text), ("b", Type::Bytes)], &rows);
        let (text, _) = written(Format::Csv, &options(), &head, &batches);
        assert_eq!(text, "a,b\r\n,\r\n\"\",\"\"\r\n");
    }

    #[test]
    fn a_mark_for_some_programs_comes_first() {
        let (head, batches) = table::<1>(&[("a", Type::Text)], &[]);
        let (text, _) = written(Format::Csv, &FormatOptions { bom: true, ..options() }, &head, &batches);
        assert_eq!(text, "\u{feff}a\r\n");
    }
}
