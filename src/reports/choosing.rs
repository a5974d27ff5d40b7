//! Which sections and columns of the data a part is of.

use crate::records::{Field, Head, Schema, Section, Type};

/// A part asks for what the data do not have.
#[derive(Debug)]
pub struct Misfit {
    /// Which member of the part: a JSON Pointer from there; empty for the part itself.
    pub member: String,
    /// What the data have.
    pub why: String,
}

impl Misfit {
    /// `why` about `member`.
    pub fn new(member: impl Into<String>, why: impl Into<String>) -> Self {
        Self { member: member.into(), why: why.into() }
    }
}

/// The place of the section that a part is of: the one it names, else the `current` one.
pub fn section(head: &Head, of: Option<&str>, current: usize) -> Result<usize, Misfit> {
    match of {
        Some(name) => head.sections.iter().position(|section| section.name == name).ok_or_else(|| {
            let there = named(head.sections.iter().map(|s| &*s.name));
            Misfit::new("/of", format!("these data have no section `{name}`; they have {there}"))
        }),
        None if current < head.sections.len() => Ok(current),
        None => Err(Misfit::new("", "these data have no sections")),
    }
}

/// The place of the column `name`, which stands in the part's `member`.
pub fn column(section: &Section, name: &str, member: &str) -> Result<usize, Misfit> {
    section.schema.place(name).ok_or_else(|| {
        let there = named(section.schema.fields.iter().map(|field| &*field.name));
        Misfit::new(member, format!("section `{}` has no column `{name}`; it has {there}", section.name))
    })
}

/// The places of the columns `names`; of all when there are none. One that is not there is passed over
/// when they are `optional`.
pub fn columns(section: &Section, names: &[String], optional: bool) -> Result<Vec<usize>, Misfit> {
    if names.is_empty() {
        return Ok((0..section.schema.fields.len()).collect());
    }
    let all = names.iter().enumerate();
    let all = all.map(|(place, name)| column(section, name, &format!("/columns/{place}")));
    all.filter(|found| !optional || found.is_ok()).collect()
}

/// The first column of numbers that count or measure something.
pub fn measure(schema: &Schema) -> Option<usize> {
    schema.fields.iter().position(is_measure)
}

/// Whether a column measures something: adding up ids tells nothing.
pub fn is_measure(field: &Field) -> bool {
    field.kind.is_number() && field.name != "id" && !field.name.ends_with("_id")
}

/// The first column of dates or times, else of text that is no id.
pub fn axis(schema: &Schema) -> Option<usize> {
    let is_time = |field: &Field| matches!(field.kind, Type::Timestamp | Type::Date);
    let is_word = |field: &Field| matches!(field.kind, Type::Text | Type::Boolean) && !is_id(field);
    let place = |is: &dyn Fn(&Field) -> bool| schema.fields.iter().position(is);
    place(&is_time).or_else(|| place(&is_word))
}

fn is_id(field: &Field) -> bool {
    field.name == "id" || field.name.ends_with("_id")
}

fn named<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
