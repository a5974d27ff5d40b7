//! One XML document.

use crate::formats::sink::Sink;
use crate::formats::written::push_value;
use crate::formats::{FormatError, Formatter};
use crate::records::{Batch, Field, Head, Section, Value};

use super::escape::{push_attribute, push_content, push_encoded};
use super::{INSTANCE, NAMESPACE};

/// Writes XML.
pub struct Xml<'a> {
    sink: Sink<'a>,
    /// Of the current section: each column's `<field name="…"`.
    fields: Vec<Vec<u8>>,
}

impl<'a> Xml<'a> {
    /// On the way to `sink`.
    pub fn new(sink: Sink<'a>) -> Self {
        Self { sink, fields: Vec::new() }
    }
}

impl Formatter for Xml<'_> {
    fn begin(&mut self, head: &Head) -> Result<(), FormatError> {
        let out = self.sink.bytes();
        out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<export");
        push_attribute(out, "xmlns", NAMESPACE);
        push_attribute(out, "xmlns:xsi", INSTANCE);
        push_attribute(out, "title", &head.title);
        out.extend_from_slice(b">\n");
        if !head.metadata.is_empty() {
            push_metadata(out, head);
        }
        Ok(())
    }

    fn section(&mut self, section: &Section) -> Result<(), FormatError> {
        let out = self.sink.bytes();
        out.extend_from_slice(b"<section");
        push_attribute(out, "name", &section.name);
        push_attribute(out, "title", &section.title);
        out.extend_from_slice(b">\n<columns>\n");
        for field in &section.schema.fields {
            push_column(out, field);
        }
        out.extend_from_slice(b"</columns>\n");
        self.fields = section.schema.fields.iter().map(opened).collect();
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError> {
        for row in 0..batch.len() {
            let out = self.sink.bytes();
            out.extend_from_slice(b"<row>");
            for (place, field) in self.fields.iter().enumerate() {
                out.extend_from_slice(field);
                push_cell(out, batch.value(row, place));
            }
            out.extend_from_slice(b"</row>\n");
            self.sink.settle()?;
        }
        Ok(())
    }

    fn end_section(&mut self) -> Result<(), FormatError> {
        self.sink.add(b"</section>\n");
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, FormatError> {
        self.sink.add(b"</export>\n");
        self.sink.pass_on()?;
        Ok(Vec::new())
    }
}

fn push_metadata(out: &mut Vec<u8>, head: &Head) {
    out.extend_from_slice(b"<metadata>\n");
    for (name, value) in &head.metadata {
        out.extend_from_slice(b"<fact");
        push_attribute(out, "name", name);
        push_content(out, value);
        out.extend_from_slice(b"</fact>\n");
    }
    out.extend_from_slice(b"</metadata>\n");
}

fn push_column(out: &mut Vec<u8>, field: &Field) {
    out.extend_from_slice(b"<column");
    push_attribute(out, "name", &field.name);
    push_attribute(out, "title", &field.title);
    push_attribute(out, "type", field.kind.as_str());
    out.extend_from_slice(b"/>\n");
}

fn opened(field: &Field) -> Vec<u8> {
    let mut out = b"<field".to_vec();
    push_attribute(&mut out, "name", &field.name);
    out
}

/// Writes what stands behind a cell's name.
fn push_cell(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Null => return out.extend_from_slice(b" xsi:nil=\"true\"/>"),
        Value::Text(text) | Value::Json(text) => push_content(out, text),
        Value::Bytes(bytes) => push_encoded(out, bytes),
        other => {
            out.push(b'>');
            push_value(out, other);
        }
    }
    out.extend_from_slice(b"</field>");
}

#[cfg(test)]
mod tests {
    use crate::domain::Format;
    use crate::formats::samples::{options, table, two_sections, written};
    use crate::records::{Type, Value};

    #[test]
    fn rows_stand_under_their_columns_and_nothing_is_nil() {
        let rows = [[Value::Text("<b>"), Value::Null], [Value::Text("\0"), Value::Bytes(&[1])]];
        let (head, batches) = table(&[("a&b", Type::Text), ("raw", Type::Bytes)], &rows);
        let (text, _) = written(Format::Xml, &options(), &head, &batches);
        let lines: Vec<_> =
            text.lines().filter(|line| line.contains("col") || line.contains("row>")).collect();
        assert_eq!(
            lines,
            [
                "<columns>",
                r#"<column name="a&amp;b" title="a&amp;b" type="text"/>"#,
                r#"<column name="raw" title="raw" type="bytes"/>"#,
                "</columns>",
                r#"<row><field name="a&amp;b">&lt;b&gt;</field><field name="raw" xsi:nil="true"/></row>"#,
                r#"<row><field name="a&amp;b" encoding="base64">AA==</field><field name="raw" encoding="base64">AQ==</field></row>"#,
            ]
        );
    }

    #[test]
    fn every_section_is_an_element_and_facts_come_first() {
        let (mut head, batches) = two_sections();
        head.metadata = vec![("exportId".to_owned(), "e-1".to_owned())];
        let (text, _) = written(Format::Xml, &options(), &head, &batches);
        let begin = text.find(r#"<fact name="exportId">e-1</fact>"#).expect("a fact");
        let users = text.find(r#"<section name="users" title="USERS">"#).expect("a section");
        let files = text.find(r#"<section name="files" title="FILES">"#).expect("a section");
        assert!(begin < users && users < files && text.ends_with("</export>\n"), "{text}");
    }
}
