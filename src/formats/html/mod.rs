//! One html file that needs nothing else: no script, no other host, no other file; for eyes, screen
//! readers, phones and paper.
//!
//! Its own policy (CSP) forbids it to load or run anything, so that even text that were taken for
//! markup could do nothing.

mod escape;
mod style;

use std::io::Write;

use crate::records::{Batch, Schema, Type};

use super::cell::write_cell;
use super::chart::numbers;
use super::drawing::{Drawing, write_svg};
use super::text::{REPLACED, Unshown};
use super::{Blocks, Chart, FormatError};
use escape::write_text;
use style::write_style;

/// Writes html.
pub(super) struct Html<'a> {
    out: &'a mut (dyn Write + Send),
    text: String,
    unshown: Unshown,
    /// Headings and charts so far: each has an id.
    ids: usize,
    /// Whether a section is open.
    in_section: bool,
}

impl<'a> Html<'a> {
    /// Html, written to `out`.
    pub(super) fn new(out: &'a mut (dyn Write + Send)) -> Self {
        Self { out, text: String::new(), unshown: Unshown::default(), ids: 0, in_section: false }
    }

    fn put(&mut self, markup: &str) {
        self.text.push_str(markup);
    }

    fn escaped(&mut self, text: &str) {
        write_text(text, &mut self.text, &mut self.unshown);
    }

    /// An element with text in it.
    fn element(&mut self, begin: &str, text: &str, end: &str) {
        self.put(begin);
        self.escaped(text);
        self.put(end);
    }

    fn id(&mut self) -> String {
        self.ids += 1;
        format!("b{}", self.ids)
    }

    fn flush(&mut self) -> Result<(), FormatError> {
        self.out.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }

    /// What comes before a table's first row. On a narrow screen it is moved, not the page; whoever
    /// has no mouse moves it with keys.
    fn begin_table(&mut self, schema: &Schema, caption: &str) {
        self.element("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"", caption, "\">\n");
        self.element("<table><caption dir=\"auto\">", caption, "</caption>\n<thead><tr>");
        for field in &schema.fields {
            let begin =
                if field.kind.is_number() { "<th scope=\"col\" class=\"n\"" } else { "<th scope=\"col\"" };
            self.put(begin);
            self.element(" dir=\"auto\">", &field.title, "</th>");
        }
        self.put("</tr></thead>\n<tbody>\n");
    }

    fn write_rows(&mut self, batch: &Batch) {
        let mut cell = String::new();
        for row in 0..batch.len() {
            self.put("<tr>");
            for column in batch.columns() {
                cell.clear();
                write_cell(column.value(row), &mut cell);
                self.element(begin_cell(column.kind()), &cell, "</td>");
            }
            self.put("</tr>\n");
        }
    }
}

/// Numbers and instants are never broken; text has the direction of its first letter.
const fn begin_cell(kind: Type) -> &'static str {
    match kind {
        Type::Integer | Type::Number | Type::Decimal => "<td class=\"n\">",
        Type::Boolean | Type::Timestamp | Type::Date => "<td class=\"t\">",
        Type::Text | Type::Json | Type::Bytes => "<td dir=\"auto\">",
    }
}

impl Blocks for Html<'_> {
    fn title(&mut self, title: &str, facts: &[(String, String)]) -> Result<(), FormatError> {
        self.put("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        self.put("<meta http-equiv=\"Content-Security-Policy\" content=\"");
        self.put("default-src 'none'; style-src 'unsafe-inline'\">\n");
        self.put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        self.put("<meta name=\"referrer\" content=\"no-referrer\">\n");
        self.element("<title>", title, "</title>\n<style>\n");
        write_style(&mut self.text);
        self.put("</style>\n</head>\n<body>\n<header>\n");
        self.element("<h1 dir=\"auto\">", title, "</h1>\n");
        if !facts.is_empty() {
            self.put("<dl class=\"facts\">\n");
            for (name, fact) in facts {
                self.element("<dt dir=\"auto\">", name, "</dt>");
                self.element("<dd dir=\"auto\">", fact, "</dd>\n");
            }
            self.put("</dl>\n");
        }
        self.put("</header>\n<main>\n");
        self.flush()
    }

    /// A heading of level 2 begins a section, which a screen reader lists by its name.
    fn heading(&mut self, level: u8, text: &str) -> Result<(), FormatError> {
        let (level, id) = (level.clamp(2, 6), self.id());
        if level == 2 {
            if std::mem::replace(&mut self.in_section, true) {
                self.put("</section>\n");
            }
            self.put(&format!("<section aria-labelledby=\"{id}\">\n"));
        }
        self.element(&format!("<h{level} id=\"{id}\" dir=\"auto\">"), text, &format!("</h{level}>\n"));
        self.flush()
    }

    fn paragraph(&mut self, text: &str) -> Result<(), FormatError> {
        self.element("<p class=\"text\" dir=\"auto\">", text, "</p>\n");
        self.flush()
    }

    fn message(&mut self, speaker: &str, at: &str, text: &str) -> Result<(), FormatError> {
        let speaker = if speaker.trim().is_empty() { "?" } else { speaker };
        self.element("<div class=\"message\"><p class=\"who\"><b dir=\"auto\">", speaker, "</b>");
        if !at.is_empty() {
            self.element(" <span class=\"when\" dir=\"auto\">", at, "</span>");
        }
        self.element("</p>\n<p class=\"said\" dir=\"auto\">", text, "</p></div>\n");
        self.flush()
    }

    fn list(&mut self, points: &[String]) -> Result<(), FormatError> {
        self.put("<ul>\n");
        for point in points {
            self.element("<li class=\"text\" dir=\"auto\">", point, "</li>\n");
        }
        self.put("</ul>\n");
        self.flush()
    }

    fn table(&mut self, schema: &Schema, caption: &str) -> Result<(), FormatError> {
        self.begin_table(schema, caption);
        self.flush()
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), FormatError> {
        self.write_rows(batch);
        self.flush()
    }

    fn end_table(&mut self) -> Result<(), FormatError> {
        self.put("</tbody></table></div>\n");
        self.flush()
    }

    /// The picture, and its numbers folded up beneath it.
    fn chart(&mut self, chart: &Chart) -> Result<(), FormatError> {
        let (drawing, id) = (Drawing::of(chart), self.id());
        self.element("<figure><figcaption dir=\"auto\">", &chart.title, "</figcaption>\n");
        let Self { text, unshown, .. } = self;
        let mut title = String::new();
        write_text(&chart.title, &mut title, unshown);
        let words = [&*id, &*title, "Its numbers are in the table beneath."];
        write_svg(&drawing, words, |words, text| write_text(words, text, unshown), text);
        self.put("<details><summary>Numbers</summary>\n");
        let numbers = numbers(chart);
        self.begin_table(numbers.schema(), &chart.title);
        self.write_rows(&numbers);
        self.put("</tbody></table></div>\n</details></figure>\n");
        self.flush()
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, FormatError> {
        if self.in_section {
            self.put("</section>\n");
        }
        self.put("</main>\n</body>\n</html>\n");
        self.flush()?;
        Ok(self.unshown.told(REPLACED).into_iter().collect())
    }
}

#[cfg(test)]
mod tests;
