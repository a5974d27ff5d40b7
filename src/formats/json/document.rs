//! One JSON document: what is told about the data, and the data, a row a line.
//!
//! ```json
//! {"metadata":{"title":"…","exportId":"…","schema":[{"name":"messages","title":"Messages","columns":[
//!   {"name":"id","title":"Id","type":"text"}]}]},
//! "data":{"messages":[
//! {"id":"1"}
//! ]}}
//! ```

use crate::formats::sink::Sink;
use crate::formats::{FormatError, Formatter, Union};
use crate::records::{Batch, Head, Section};

use super::cells::push_string;
use super::record::Record;

/// Writes one JSON document. Without facts to tell, it has no `metadata`.
pub struct Document<'a> {
    sink: Sink<'a>,
    record: Option<Record>,
    /// Sections that have begun, and rows of the current one.
    begun: usize,
    rows: u64,
}

impl<'a> Document<'a> {
    /// On the way to `sink`.
    pub fn new(sink: Sink<'a>) -> Self {
        Self { sink, record: None, begun: 0, rows: 0 }
    }
}

impl Formatter for Document<'_> {
    fn begin(&mut self, head: &Head) -> Result<(), FormatError> {
        let out = self.sink.bytes();
        out.push(b'{');
        if !head.metadata.is_empty() {
            push_metadata(out, head);
            out.extend_from_slice(b",\n");
        }
        out.extend_from_slice(b"\"data\":{");
        Ok(())
    }

    fn section(&mut self, section: &Section) -> Result<(), FormatError> {
        self.record = Some(Record::new(&Union::of(std::slice::from_ref(section)), 0));
        let out = self.sink.bytes();
        if self.begun > 0 {
            out.extend_from_slice(b",\n");
        }
        push_string(out, &section.name);
        out.extend_from_slice(b":[");
        (self.begun, self.rows) = (self.begun + 1, 0);
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError> {
        let record = self.record.as_mut().expect("a section has begun");
        for row in 0..batch.len() {
            self.sink.add(if self.rows == 0 { b"\n" } else { b",\n" });
            record.push(self.sink.bytes(), batch, row);
            self.sink.settle()?;
            self.rows += 1;
        }
        Ok(())
    }

    fn end_section(&mut self) -> Result<(), FormatError> {
        self.sink.add(if self.rows == 0 { b"]" } else { b"\n]" });
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, FormatError> {
        self.sink.add(b"}}\n");
        self.sink.pass_on()?;
        Ok(Vec::new())
    }
}

/// The title, every fact under its name, and the sections' columns.
fn push_metadata(out: &mut Vec<u8>, head: &Head) {
    out.extend_from_slice(b"\"metadata\":{\"title\":");
    push_string(out, &head.title);
    let mut taken = vec!["title".to_owned(), "schema".to_owned()];
    for (name, value) in &head.metadata {
        let mut name = name.clone();
        while taken.contains(&name) {
            name.push('_');
        }
        push_member(out, &name, value);
        taken.push(name);
    }
    out.extend_from_slice(b",\"schema\":[");
    for (number, section) in head.sections.iter().enumerate() {
        out.extend_from_slice(if number > 0 { b",{\"name\":" } else { b"{\"name\":" });
        push_string(out, &section.name);
        push_member(out, "title", &section.title);
        out.extend_from_slice(b",\"columns\":[");
        for (number, field) in section.schema.fields.iter().enumerate() {
            out.extend_from_slice(if number > 0 { b",\n{\"name\":" } else { b"\n{\"name\":" });
            push_string(out, &field.name);
            push_member(out, "title", &field.title);
            push_member(out, "type", field.kind.as_str());
            out.push(b'}');
        }
        out.extend_from_slice(b"]}");
    }
    out.extend_from_slice(b"]}");
}

fn push_member(out: &mut Vec<u8>, name: &str, value: &str) {
    out.push(b',');
    push_string(out, name);
    out.push(b':');
    push_string(out, value);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use crate::domain::Format;
    use crate::formats::samples::{options, two_sections, written};

    #[test]
    fn every_section_is_a_member_and_the_metadata_come_first() {
        let (mut head, batches) = two_sections();
        let (text, _) = written(Format::Json, &options(), &head, &batches);
        let data =
            json!({"users": [{"id": 7, "email": "a@b.example"}], "files": [{"size": 12, "id": "f-1"}]});
        assert_eq!(serde_json::from_str::<Json>(&text).expect("JSON"), json!({"data": data}));

        head.metadata = vec![("exportId".to_owned(), "e-1".to_owned()), ("title".to_owned(), "x".to_owned())];
        let (text, _) = written(Format::Json, &options(), &head, &batches);
        let document: Json = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["data"], data);
        let metadata = &document["metadata"];
        assert_eq!((&metadata["exportId"], &metadata["title_"]), (&json!("e-1"), &json!("x")));
        assert_eq!(
            metadata["schema"][0]["columns"][0],
            json!({"name": "id", "title": "id", "type": "integer"})
        );
        assert!(text.starts_with("{\"metadata\":{\"title\":"));
    }

    #[test]
    fn a_section_without_rows_is_an_empty_list() {
        let (head, _) = two_sections();
        let (text, _) = written(Format::Json, &options(), &head, &[vec![], vec![]]);
        assert_eq!(
            serde_json::from_str::<Json>(&text).expect("JSON"),
            json!({"data": {"users": [], "files": []}})
        );
    }
}
