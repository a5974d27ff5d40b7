//! A template, put together with the data that it is to tell of.

use std::sync::Arc;

use crate::formats::ChartShape;
use crate::records::{Head, Schema, Section, Type};

use super::choosing::{Misfit, axis, column, columns, measure, section};
use super::gathering::{Points, PointsOrder, Ranked};
use super::limits::MOST_STEPS;
use super::{ChartPart, Part, TablePart, TemplateFault, Text};

/// Where a part says what it is sorted by.
const SORT_BY: &str = "/sort/by";

/// What is written, step by step.
#[derive(Debug)]
pub enum Step<'t> {
    /// A heading.
    Heading { level: u8, text: &'t Text, section: usize },
    /// Paragraphs and lists.
    Text { text: &'t Text, section: usize },
    /// Names and what they are.
    Facts { items: Option<&'t [(String, Text)]>, section: usize },
    /// Rows of a section.
    Table { section: usize, title: Title, schema: Arc<Schema>, columns: Vec<usize>, rows: ShownRows },
    /// A chart of a section.
    Chart { section: usize, title: Title, shape: ChartShape, names: Vec<String>, points: usize },
}

/// What stands above a table or a chart.
#[derive(Debug)]
pub struct Title {
    /// The words.
    pub text: String,
    /// Whether nothing is said where there are no rows: it is optional.
    pub is_quiet: bool,
}

/// Where a table's rows come from.
#[derive(Debug, Clone, Copy)]
pub enum ShownRows {
    /// All of them, from where they were put by.
    All,
    /// Those of this ranking.
    Ranked(usize),
}

/// What has to be found out about one section.
#[derive(Debug, Default)]
pub struct Wants {
    pub ranked: Vec<Ranked>,
    pub points: Vec<Points>,
    /// Whether a table shows all rows.
    pub all_rows: bool,
}

/// A template, put together with the data that it is to tell of.
#[derive(Debug)]
pub struct Bound<'t> {
    pub steps: Vec<Step<'t>>,
    /// For each section of the data.
    pub wants: Vec<Wants>,
}

impl<'t> Bound<'t> {
    /// Puts `parts` together with the data of `head`.
    ///
    /// # Errors
    /// What a part needs that these data do not have, and which part.
    pub fn new(parts: &'t [Part], head: &Head) -> Result<Self, TemplateFault> {
        let wants = head.sections.iter().map(|_| Wants::default()).collect();
        let mut bound = Self { steps: Vec::new(), wants };
        bound.add(parts, head, 0, "/sections")?;
        Ok(bound)
    }

    /// Adds `parts`, a list that stands at `list` in the template.
    fn add(
        &mut self,
        parts: &'t [Part],
        head: &Head,
        current: usize,
        list: &str,
    ) -> Result<(), TemplateFault> {
        for (place, part) in parts.iter().enumerate() {
            let at = format!("{list}/{place}");
            let of_part = |Misfit { member, why }| TemplateFault::new(format!("{at}{member}"), why);
            match part {
                Part::Heading { level, text } => {
                    self.steps.push(Step::Heading { level: *level, text, section: current });
                }
                Part::Text { text } => self.steps.push(Step::Text { text, section: current }),
                Part::Facts { items } => {
                    self.steps.push(Step::Facts { items: items.as_deref(), section: current });
                }
                Part::Table(part) => {
                    part_of(self.table(part, head, current), part.optional).map_err(of_part)?;
                }
                Part::Chart(part) => {
                    part_of(self.chart(part, head, current), part.optional).map_err(of_part)?;
                }
                Part::Each { parts } => {
                    let list = format!("{at}/sections");
                    (0..head.sections.len()).try_for_each(|section| self.add(parts, head, section, &list))?;
                }
            }
            if self.steps.len() > MOST_STEPS {
                return Err(TemplateFault::new(at, format!("comes to more than {MOST_STEPS} parts")));
            }
        }
        Ok(())
    }

    fn table(&mut self, part: &'t TablePart, head: &Head, current: usize) -> Result<(), Misfit> {
        let place = section(head, part.of.as_deref(), current)?;
        let of = &head.sections[place];
        let columns = columns(of, &part.columns, part.optional)?;
        if columns.is_empty() {
            return Err(Misfit::new("", format!("section `{}` has no column to show", of.name)));
        }
        let wants = &mut self.wants[place];
        let rows = match part.rows {
            None => {
                wants.all_rows = true;
                ShownRows::All
            }
            Some(most) => {
                let by = part
                    .sort
                    .as_ref()
                    .map(|sort| sorted_by(of, sort.by.as_deref()).map(|by| (by, sort.descending)));
                // An optional table of data with nothing to sort by stands as the rows come.
                let by = if part.optional { by.and_then(Result::ok) } else { by.transpose()? };
                wants.ranked.push(Ranked::new(columns.clone(), by, most));
                ShownRows::Ranked(wants.ranked.len() - 1)
            }
        };
        let fields = columns.iter().map(|column| of.schema.fields[*column].clone()).collect();
        let (title, schema) = (Title::of(part.title.as_ref(), of, part.optional), Schema::new(fields));
        self.steps.push(Step::Table { section: place, title, schema, columns, rows });
        Ok(())
    }

    fn chart(&mut self, part: &'t ChartPart, head: &Head, current: usize) -> Result<(), Misfit> {
        let place = section(head, part.of.as_deref(), current)?;
        let of = &head.sections[place];
        let values = values(part, of)?;
        let is_grouped = part.group || values.is_empty();
        let label = match &part.label {
            Some(name) => Some(column(of, name, "/label")?),
            None => axis(&of.schema),
        };
        if values.is_empty() && label.is_none() {
            return Err(Misfit::new("", format!("section `{}` has no column to draw a chart from", of.name)));
        }
        let names = match &*values {
            [] => vec!["Rows".to_owned()],
            columns => columns.iter().map(|column| of.schema.fields[*column].title.clone()).collect(),
        };
        let (order, descending) = points_order(part, of, label, &values, is_grouped)?;
        let points = Points::new(label, values, is_grouped, part.points).ordered(order, descending);
        let wants = &mut self.wants[place];
        wants.points.push(points);
        let (title, points) = (Title::of(part.title.as_ref(), of, part.optional), wants.points.len() - 1);
        self.steps.push(Step::Chart { section: place, title, shape: part.shape, names, points });
        Ok(())
    }
}

/// A part that is optional is left out when the data have nothing for it.
fn part_of(added: Result<(), Misfit>, optional: bool) -> Result<(), Misfit> {
    if optional { Ok(()) } else { added }
}

impl Title {
    fn of(own: Option<&String>, section: &Section, is_quiet: bool) -> Self {
        Self { text: own.unwrap_or(&section.title).clone(), is_quiet }
    }
}

/// The columns of numbers that a chart shows; none when it counts rows.
fn values(part: &ChartPart, section: &Section) -> Result<Vec<usize>, Misfit> {
    let named = part.values.iter().enumerate().map(|(value, name)| {
        let member = format!("/values/{value}");
        let place = column(section, name, &member)?;
        let field = &section.schema.fields[place];
        match field.kind.is_number() {
            true => Ok(place),
            false => Err(Misfit::new(member, format!("column `{name}` is {}, and no number", field.kind))),
        }
    });
    match named.collect::<Result<Vec<_>, _>>()? {
        none if none.is_empty() && !part.group => Ok(measure(&section.schema).into_iter().collect()),
        named => Ok(named),
    }
}

fn sorted_by(section: &Section, by: Option<&str>) -> Result<usize, Misfit> {
    match by {
        Some(name) => column(section, name, SORT_BY),
        None => measure(&section.schema).ok_or_else(|| {
            Misfit::new("/sort", format!("section `{}` has no column of numbers to sort by", section.name))
        }),
    }
}

/// Charts of groups over time go on in time, others from the greatest down.
fn points_order(
    part: &ChartPart,
    section: &Section,
    label: Option<usize>,
    values: &[usize],
    is_grouped: bool,
) -> Result<(PointsOrder, bool), Misfit> {
    let is_time =
        label.is_some_and(|label| matches!(section.schema.fields[label].kind, Type::Timestamp | Type::Date));
    let Some(sort) = &part.sort else {
        return Ok(match (is_grouped, is_time) {
            (false, _) => (PointsOrder::AsTheyCome, false),
            (true, true) => (PointsOrder::ByLabel, false),
            (true, false) => (PointsOrder::BySeries(0), true),
        });
    };
    let Some(name) = &sort.by else { return Ok((PointsOrder::BySeries(0), sort.descending)) };
    let by = column(section, name, SORT_BY)?;
    match values.iter().position(|value| *value == by) {
        Some(series) => Ok((PointsOrder::BySeries(series), sort.descending)),
        None if label == Some(by) => Ok((PointsOrder::ByLabel, sort.descending)),
        None => {
            let why = format!("a chart is sorted by its label or by what it shows, and not by `{name}`");
            Err(Misfit::new(SORT_BY, why))
        }
    }
}
