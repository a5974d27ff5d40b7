//! Templates as they are written: JSON.

use serde_json::Value;

use crate::domain::Kind;
use crate::formats::ChartShape;

use super::limits::{LONGEST_TEXT, LONGEST_TITLE, MOST_COLUMNS, MOST_PARTS, MOST_POINTS, MOST_RANKED};
use super::reading::{Members, flag, text, whole, word};
use super::{ChartPart, Part, Sort, TablePart, Template, TemplateFault, Text};

/// Points of a chart that does not say how many.
const USUAL_POINTS: usize = 50;
/// Rows of a sorted table that does not say how many.
const USUAL_ROWS: usize = 100;
/// Facts of one part.
const MOST_FACTS: usize = 50;

const SHAPES: &[(&str, ChartShape)] =
    &[("bar", ChartShape::Bar), ("line", ChartShape::Line), ("pie", ChartShape::Pie)];
const ORDERS: &[(&str, bool)] = &[("ascending", false), ("descending", true)];

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Heading,
    Text,
    Facts,
    Table,
    Chart,
    Each,
}

const WHATS: &[(&str, What)] = &[
    ("heading", What::Heading),
    ("text", What::Text),
    ("facts", What::Facts),
    ("table", What::Table),
    ("chart", What::Chart),
    ("each", What::Each),
];

impl Template {
    /// What a template's JSON may have.
    pub const MEMBERS: [&str; 6] = ["name", "title", "audience", "kinds", "datasets", "sections"];

    /// Reads a template. Its texts are not looked into yet: [`Report::compile`](super::Report::compile)
    /// does that.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of reading.
    pub fn read(value: Value) -> Result<Self, Vec<TemplateFault>> {
        let mut faults = Vec::new();
        let read = Members::within(String::new(), value, &mut faults, template);
        match read {
            Some(read) if faults.is_empty() => Ok(read),
            _ => Err(faults),
        }
    }
}

fn template(body: &mut Members<'_>) -> Option<Template> {
    let name = body.required("name", |value| name(value, "_-"));
    let title = body.required("title", title);
    let audience = body.required("audience", |value| self::name(value, "_-"));
    let kinds = Kind::ALL.map(|kind| (kind.as_str(), kind));
    let kinds = body.values("kinds", 0..=kinds.len(), word(&kinds));
    let datasets = body.values("datasets", 0..=MOST_COLUMNS, |value| self::name(value, "_"));
    let mut left = MOST_PARTS;
    let parts = parts(body, "sections", &mut left, false);
    let template = Template {
        name: name?,
        title: title?,
        audience: audience?,
        kinds: kinds?,
        datasets: datasets?,
        parts: parts?,
    };
    Some(template)
}

fn parts(body: &mut Members<'_>, member: &str, left: &mut usize, is_within: bool) -> Option<Vec<Part>> {
    let mut too_many = false;
    let parts = body.objects(member, 1..=MOST_PARTS, |item| {
        too_many |= *left == 0;
        *left = left.saturating_sub(1);
        part(item, left, is_within)
    });
    if too_many {
        return body.fault(member, format!("must have at most {MOST_PARTS} parts, those of `each` included"));
    }
    match parts? {
        Some(parts) => Some(parts),
        None => body.fault(member, "is required"),
    }
}

fn part(item: &mut Members<'_>, left: &mut usize, is_within: bool) -> Option<Part> {
    let Some(what) = item.required("type", word(WHATS)) else {
        item.pass_over_the_rest();
        return None;
    };
    match what {
        What::Heading => {
            let level = item.optional("level", whole(2..=6));
            let text = required_text(item, "text");
            let level = level?.and_then(|level| u8::try_from(level).ok());
            Some(Part::Heading { level: level.unwrap_or(2), text: text? })
        }
        What::Text => Some(Part::Text { text: required_text(item, "text")? }),
        What::Facts => facts(item),
        What::Table => table(item).map(Part::Table),
        What::Chart => chart(item).map(Part::Chart),
        What::Each if is_within => {
            item.pass_over_the_rest();
            item.fault("type", "is not possible within another `each`")
        }
        What::Each => Some(Part::Each { parts: parts(item, "sections", left, true)? }),
    }
}

fn facts(item: &mut Members<'_>) -> Option<Part> {
    let items = item.objects("items", 1..=MOST_FACTS, |fact| {
        let name = fact.required("name", title);
        let value = required_text(fact, "value");
        Some((name?, value?))
    });
    Some(Part::Facts { items: items? })
}

fn table(item: &mut Members<'_>) -> Option<TablePart> {
    let (of, heading) = (item.optional("of", section), item.optional("title", title));
    let columns = item.values("columns", 0..=MOST_COLUMNS, column);
    let rows = item.optional("rows", whole(1..=MOST_RANKED));
    let (sort, optional) = (item.object("sort", sort), item.optional("optional", flag));
    let (rows, sort) = (rows?, sort?);
    Some(TablePart {
        of: of?,
        title: heading?,
        columns: columns?,
        // What is sorted is held; so it has an end.
        rows: rows.or(sort.is_some().then_some(USUAL_ROWS)),
        sort,
        optional: optional?.unwrap_or_default(),
    })
}

fn chart(item: &mut Members<'_>) -> Option<ChartPart> {
    let shape = item.required("shape", word(SHAPES));
    let (of, heading) = (item.optional("of", section), item.optional("title", title));
    let label = item.optional("label", column);
    let values = item.values("values", 0..=MOST_COLUMNS, column);
    let group = item.optional("group", flag);
    let points = item.optional("points", whole(1..=MOST_POINTS));
    let (sort, optional) = (item.object("sort", sort), item.optional("optional", flag));
    let (shape, values) = (shape?, values?);
    if shape == ChartShape::Pie && values.len() > 1 {
        return item.fault("values", "must be one column: a pie is one whole");
    }
    Some(ChartPart {
        shape,
        of: of?,
        title: heading?,
        label: label?,
        values,
        group: group?.unwrap_or_default(),
        points: points?.unwrap_or(USUAL_POINTS),
        sort: sort?,
        optional: optional?.unwrap_or_default(),
    })
}

fn sort(item: &mut Members<'_>) -> Option<Sort> {
    let by = item.optional("by", column);
    let descending = item.optional("order", word(ORDERS));
    Some(Sort { by: by?, descending: descending?.unwrap_or(true) })
}

fn required_text(item: &mut Members<'_>, name: &str) -> Option<Text> {
    let pointer = item.pointer_to(name);
    let source = item.required(name, |value| {
        let text = text(value)?;
        let is_right =
            text.len() <= LONGEST_TEXT && !text.contains(|c: char| c.is_control() && c != '\n' && c != '\t');
        let message = || format!("must have at most {LONGEST_TEXT} bytes, and no control characters");
        if is_right { Ok(text) } else { Err(message()) }
    });
    Some(Text { pointer, source: source? })
}

fn title(value: Value) -> Result<String, String> {
    let title = text(value)?;
    let is_right = (1..=LONGEST_TITLE).contains(&title.chars().count()) && !title.contains(char::is_control);
    let message = || format!("must have 1 to {LONGEST_TITLE} characters, none of them control characters");
    if is_right && !title.trim().is_empty() { Ok(title) } else { Err(message()) }
}

/// A word: a letter, then letters, digits and some signs, at most 40 in all.
fn name(value: Value, signs: &str) -> Result<String, String> {
    let word = text(value)?;
    let is_sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || signs.contains(c);
    let is_right =
        word.len() <= 40 && word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(is_sign);
    let message = || {
        let signs = signs.chars().map(|sign| format!("`{sign}`")).collect::<Vec<_>>().join(" and ");
        format!("must be a small letter, then up to 39 small letters, digits, {signs}")
    };
    if is_right { Ok(word) } else { Err(message()) }
}

fn section(value: Value) -> Result<String, String> {
    column(value)
}

/// Columns and sections are called as their data set says.
fn column(value: Value) -> Result<String, String> {
    let name = text(value)?;
    let is_right = (1..=LONGEST_TITLE).contains(&name.chars().count()) && !name.contains(char::is_control);
    if is_right { Ok(name) } else { Err("must be a name".into()) }
}
