//! JSON documents, one a line: an object for each row.

use crate::formats::sink::Sink;
use crate::formats::{FormatError, FormatOptions, Formatter, Union};
use crate::records::{Batch, Head, Section};

use super::record::Record;

/// Writes JSON Lines. Columns that a section of several does not have are not in its rows' objects.
pub struct Lines<'a> {
    sink: Sink<'a>,
    union: Union,
    /// Sections that have begun.
    begun: usize,
    record: Option<Record>,
    keeps_nulls_apart: bool,
}

impl<'a> Lines<'a> {
    /// On the way to `sink`.
    pub fn new(sink: Sink<'a>, options: &FormatOptions) -> Self {
        let keeps_nulls_apart = options.keeps_nulls_apart;
        Self { sink, union: Union::of(&[]), begun: 0, record: None, keeps_nulls_apart }
    }
}

impl Formatter for Lines<'_> {
    fn begin(&mut self, head: &Head) -> Result<(), FormatError> {
        self.union = Union::of(&head.sections);
        Ok(())
    }

    fn section(&mut self, _section: &Section) -> Result<(), FormatError> {
        let record = Record::new(&self.union, self.begun);
        self.record = Some(if self.keeps_nulls_apart { record.keeping_nulls_apart() } else { record });
        self.begun += 1;
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError> {
        let record = self.record.as_mut().expect("a section has begun");
        for row in 0..batch.len() {
            record.push(self.sink.bytes(), batch, row);
            self.sink.add(b"\n");
            self.sink.settle()?;
        }
        Ok(())
    }

    fn end_section(&mut self) -> Result<(), FormatError> {
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, FormatError> {
        self.sink.pass_on()?;
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Format;
    use crate::formats::FormatOptions;
    use crate::formats::samples::{options, table, two_sections, written};
    use crate::records::{Type, Value};

    #[test]
    fn every_row_is_an_object_on_a_line() {
        let rows = [[Value::Text("x\ny"), Value::Null], [Value::Text(""), Value::Decimal("1.50")]];
        let (head, batches) = table(&[("a\"b", Type::Text), ("n", Type::Decimal)], &rows);
        let (text, _) = written(Format::Jsonl, &options(), &head, &batches);
        assert_eq!(text, "{\"a\\\"b\":\"x\\ny\",\"n\":null}\n{\"a\\\"b\":\"\",\"n\":1.50}\n");
    }

    #[test]
    fn a_json_cell_without_anything_is_left_out_where_it_has_to_be_known_from_a_null() {
        let rows = [
            [Value::Null, Value::Json("null"), Value::Null],
            [Value::Json("1.50"), Value::Null, Value::Text("x")],
        ];
        let (head, batches) = table(&[("a", Type::Json), ("b", Type::Json), ("c", Type::Text)], &rows);
        let apart = FormatOptions { keeps_nulls_apart: true, ..options() };
        let (text, _) = written(Format::Jsonl, &apart, &head, &batches);
        assert_eq!(text, "{\"b\":null,\"c\":null}\n{\"a\":1.50,\"c\":\"x\"}\n");
        let (text, _) = written(Format::Jsonl, &options(), &head, &batches);
        assert!(text.starts_with("{\"a\":null,\"b\":null,"), "{text}");
    }

    #[test]
    fn rows_of_several_sections_say_which_is_theirs() {
        let (head, batches) = two_sections();
        let (text, _) = written(Format::Jsonl, &options(), &head, &batches);
        let lines = [
            r#"{"section":"users","id":"7","email":"a@b.example"}"#,
            r#"{"section":"files","id":"f-1","size":12}"#,
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), lines);
    }
}
