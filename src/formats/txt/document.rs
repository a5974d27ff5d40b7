//! One document of plain text.

use crate::formats::in_blocks::unsaid;
use crate::formats::sink::Sink;
use crate::formats::text::Unshown;
use crate::formats::written::push_value;
use crate::formats::{FormatError, Formatter};
use crate::records::{Batch, Head, Layout, Section, Transcript, Value};

use super::visible::push_visible;

/// Writes plain text.
pub struct Txt<'a> {
    sink: Sink<'a>,
    layout: Layout,
    /// Of the current section: `name: `, and as many blanks.
    names: Vec<(String, String)>,
    /// Of the current section: rows, and the talk that the last one was of.
    rows: u64,
    talk: Option<Vec<u8>>,
    told: Vec<String>,
    unshown: Unshown,
}

/// What is told of characters that a terminal would obey.
const PICTURED: &str = "that a terminal would obey: shown as their pictures or codes";

impl<'a> Txt<'a> {
    /// On the way to `sink`.
    pub fn new(sink: Sink<'a>) -> Self {
        Self {
            sink,
            layout: Layout::Table,
            names: Vec::new(),
            rows: 0,
            talk: None,
            told: Vec::new(),
            unshown: Unshown::default(),
        }
    }

    fn record(&mut self, batch: &Batch, row: usize) {
        let (out, unshown) = (self.sink.bytes(), &mut self.unshown);
        out.push(b'\n');
        for (place, (name, indent)) in self.names.iter().enumerate() {
            out.extend_from_slice(name.as_bytes());
            push_shown(out, batch.value(row, place), indent, unshown);
            out.push(b'\n');
        }
    }

    fn said(&mut self, batch: &Batch, row: usize, transcript: Transcript) {
        let mut talk = Vec::new();
        push_value(&mut talk, batch.value(row, transcript.talk));
        let (out, unshown) = (self.sink.bytes(), &mut self.unshown);
        let mut push = |out: &mut Vec<u8>, place| push_shown(out, batch.value(row, place), "  ", unshown);
        out.push(b'\n');
        if self.talk.as_deref() != Some(&talk) {
            let title = transcript.title.unwrap_or(transcript.talk);
            out.extend_from_slice(b"# ");
            push(out, title);
            out.extend_from_slice(b"\n\n");
            self.talk = Some(talk);
        }
        push(out, transcript.speaker);
        if let Some(at) = transcript.at {
            out.extend_from_slice(b", ");
            push(out, at);
        }
        out.extend_from_slice(b":\n  ");
        push(out, transcript.text);
        out.push(b'\n');
    }
}

impl Formatter for Txt<'_> {
    fn begin(&mut self, head: &Head) -> Result<(), FormatError> {
        let (out, unshown) = (self.sink.bytes(), &mut self.unshown);
        push_underlined(out, &head.title, '=', unshown);
        if !head.metadata.is_empty() {
            out.push(b'\n');
        }
        for (name, value) in &head.metadata {
            push_visible(out, name, "  ", unshown);
            out.extend_from_slice(b": ");
            push_visible(out, value, "  ", unshown);
            out.push(b'\n');
        }
        Ok(())
    }

    fn section(&mut self, section: &Section) -> Result<(), FormatError> {
        let (out, unshown) = (self.sink.bytes(), &mut self.unshown);
        out.push(b'\n');
        push_underlined(out, &section.title, '-', unshown);
        self.layout = section.layout.clone();
        self.names = section.schema.fields.iter().map(|field| label(&field.title, unshown)).collect();
        if let Layout::Transcript(columns) = section.layout {
            self.told.extend(unsaid(section, columns));
        }
        (self.rows, self.talk) = (0, None);
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError> {
        for row in 0..batch.len() {
            match self.layout {
                Layout::Table => self.record(batch, row),
                Layout::Transcript(transcript) => self.said(batch, row, transcript),
            }
            self.sink.settle()?;
            self.rows += 1;
        }
        Ok(())
    }

    fn end_section(&mut self) -> Result<(), FormatError> {
        if self.rows == 0 {
            self.sink.add(b"\n(no rows)\n");
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, FormatError> {
        self.sink.pass_on()?;
        let Self { mut told, unshown, .. } = *self;
        told.extend(unshown.told(PICTURED));
        Ok(told)
    }
}

/// Writes a cell; nothing is `(none)`, unlike an empty text.
fn push_shown(out: &mut Vec<u8>, value: Value<'_>, indent: &str, unshown: &mut Unshown) {
    match value {
        Value::Null => out.extend_from_slice(b"(none)"),
        Value::Text(text) | Value::Json(text) => push_visible(out, text, indent, unshown),
        other => push_value(out, other),
    }
}

/// `Title: `, and blanks as wide, to stand before a value's further lines.
fn label(title: &str, unshown: &mut Unshown) -> (String, String) {
    let mut name = Vec::new();
    push_visible(&mut name, title, "  ", unshown);
    name.extend_from_slice(b": ");
    let name = String::from_utf8(name).expect("what is visible is UTF-8");
    let indent = " ".repeat(name.chars().count());
    (name, indent)
}

fn push_underlined(out: &mut Vec<u8>, title: &str, with: char, unshown: &mut Unshown) {
    let title = if title.is_empty() { "(untitled)" } else { title };
    push_visible(out, title, "  ", unshown);
    out.push(b'\n');
    out.extend_from_slice(with.to_string().repeat(title.chars().count()).as_bytes());
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Format;
    use crate::formats::samples::{options, table, two_sections, written};
    use crate::records::Type;

    #[test]
    fn rows_are_records_to_read() {
        let rows = [[Value::Text("a\nb: c"), Value::Integer(1)], [Value::Null, Value::Null]];
        let (mut head, batches) = table(&[("note", Type::Text), ("n", Type::Integer)], &rows);
        head.metadata = vec![("exportId".to_owned(), "e-1".to_owned())];
        let (text, _) = written(Format::Txt, &options(), &head, &batches);
        let expected = "Rows\n====\n\nexportId: e-1\n\nROWS\n----\n\nnote: a\n      b: c\nn: 1\n\nnote: (none)\nn: (none)\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_talk_is_who_said_what() {
        let columns =
            [("talk", Type::Text), ("role", Type::Text), ("text", Type::Text), ("at", Type::Timestamp)];
        let rows = [
            [Value::Text("t1"), Value::Text("user"), Value::Text("Hello\nbot:"), Value::Timestamp(0)],
            [Value::Text("t1"), Value::Text("bot"), Value::Text("Hi"), Value::Null],
            [Value::Text("t2"), Value::Null, Value::Text(""), Value::Null],
        ];
        let (mut head, batches) = table(&columns, &rows);
        let transcript = Transcript { talk: 0, title: None, speaker: 1, text: 2, at: Some(3) };
        head.sections[0].layout = Layout::Transcript(transcript);
        let (text, _) = written(Format::Txt, &options(), &head, &batches);
        let expected = "Rows\n====\n\nROWS\n----\n\n# t1\n\nuser, 1970-01-01T00:00:00Z:\n  Hello\n  bot:\n\nbot, (none):\n  Hi\n\n# t2\n\n(none), (none):\n  \n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_a_talk_has_no_place_for_and_a_terminal_would_obey_is_told() {
        let columns =
            [("talk", Type::Text), ("role", Type::Text), ("text", Type::Text), ("n", Type::Integer)];
        let rows = [[Value::Text("t"), Value::Text("user"), Value::Text("a\0b\u{1b}"), Value::Integer(1)]];
        let (mut head, batches) = table(&columns, &rows);
        let transcript = Transcript { talk: 0, title: None, speaker: 1, text: 2, at: None };
        head.sections[0].layout = Layout::Transcript(transcript);
        let (_, told) = written(Format::Txt, &options(), &head, &batches);
        let wanted = [
            "rows: who said what, without the column n",
            "2 characters that a terminal would obey: shown as their pictures or codes, such as U+0000",
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn a_section_without_rows_says_so() {
        let (head, _) = two_sections();
        let (text, _) = written(Format::Txt, &options(), &head, &[vec![], vec![]]);
        assert_eq!(text.matches("(no rows)").count(), 2);
    }
}
