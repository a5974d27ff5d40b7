//! What texts may speak of.

use minijinja::Value;

use crate::records::{Field, Head, LeftOut, Section, Type};

use super::Template;
use super::choosing::{axis, is_measure, measure};
use super::gathering::{Figures, Gathered};

/// What texts may speak of, by the section that is the current one.
#[derive(Debug)]
pub struct Contexts(Vec<Value>);

impl Contexts {
    /// What there is to say of the data of `head`, now that their rows have gone by.
    pub fn new(template: &Template, head: &Head, gathered: &[Gathered]) -> Self {
        let sections: Vec<Value> =
            head.sections.iter().zip(gathered).map(|(section, found)| of_section(section, found)).collect();
        let by_name = head.sections.iter().map(|section| section.name.clone()).zip(sections.iter().cloned());
        let facts = head.metadata.iter().map(|(name, value)| {
            Value::from_pairs([("name", Value::from(name.as_str())), ("value", Value::from(value.as_str()))])
        });
        let report = Value::from_pairs([
            ("name", Value::from(template.name.as_str())),
            ("title", Value::from(template.title.as_str())),
            ("audience", Value::from(template.audience.as_str())),
        ]);
        let common = [
            ("title", Value::from(head.title.as_str())),
            ("report", report),
            ("facts", Value::from(facts.collect::<Vec<_>>())),
            ("sections", Value::from(sections.clone())),
            ("data", Value::from_pairs(by_name)),
            ("total", Value::from(gathered.iter().map(|found| found.count).sum::<u64>())),
            ("left_out", Value::from(head.sections.iter().map(Section::rows_left_out).sum::<u64>())),
        ];
        let of = |section: &Value| {
            let part = |name| (name, section.get_attr(name).unwrap_or_default());
            let own = [("section", section.clone()), part("rows"), part("columns"), part("count")];
            Value::from_pairs(common.iter().cloned().chain(own))
        };
        Self(sections.iter().map(of).collect())
    }

    /// What a text may speak of where the section at `place` is the current one.
    pub fn of(&self, place: usize) -> &Value {
        &self.0[place]
    }
}

fn of_section(section: &Section, found: &Gathered) -> Value {
    let fields = &section.schema.fields;
    let columns: Vec<Value> =
        fields.iter().zip(&found.figures).map(|(field, figures)| of_column(field, figures)).collect();
    let which = |is: &dyn Fn(&Field) -> bool| {
        let places = (0..fields.len()).filter(|place| is(&fields[*place]));
        Value::from(places.map(|place| columns[place].clone()).collect::<Vec<_>>())
    };
    let one =
        |place: Option<usize>| place.map(|place| columns[place].clone()).unwrap_or_else(|| Value::from(()));
    let rows: Vec<Value> = found.kept.iter().map(|row| Value::from_dyn_object(row.clone())).collect();
    Value::from_pairs([
        ("name", Value::from(section.name.as_str())),
        ("title", Value::from(section.title.as_str())),
        ("count", Value::from(found.count)),
        ("rows", Value::from(rows)),
        ("measures", which(&is_measure)),
        ("moments", which(&|field| matches!(field.kind, Type::Timestamp | Type::Date))),
        (
            "incomplete",
            which(&|field| found.figures[section.schema.place(&field.name).unwrap_or(0)].missing > 0),
        ),
        ("measure", one(measure(&section.schema))),
        ("axis", one(axis(&section.schema))),
        (
            "column",
            Value::from_pairs(fields.iter().map(|field| field.name.clone()).zip(columns.iter().cloned())),
        ),
        ("columns", Value::from(columns.clone())),
        ("left_out", Value::from(section.rows_left_out())),
        ("limits", Value::from(section.left_out.iter().map(of_limit).collect::<Vec<_>>())),
        ("masked", which(&|field| section.masked().any(|masked| masked.name == field.name))),
    ])
}

fn of_limit(left_out: &LeftOut) -> Value {
    Value::from_pairs([
        ("rows", Value::from(left_out.rows)),
        ("most", Value::from(left_out.most)),
        ("whose", Value::from(left_out.limit.as_str())),
        ("why", Value::from(left_out.why())),
    ])
}

fn of_column(field: &Field, figures: &Figures) -> Value {
    Value::from_pairs([
        ("name", Value::from(field.name.as_str())),
        ("title", Value::from(field.title.as_str())),
        ("type", Value::from(field.kind.as_str())),
        ("masked", Value::from(field.masked)),
        ("filled", Value::from(figures.filled)),
        ("missing", Value::from(figures.missing)),
        ("sum", figures.sum(field.kind).value()),
        ("mean", figures.mean().value()),
        ("min", figures.least().value()),
        ("max", figures.greatest().value()),
    ])
}
