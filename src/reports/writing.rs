//! Writing a report, step by step.

use std::sync::Arc;

use crate::formats::{Blocks, Chart, ChartShape, Series};
use crate::records::{Head, Schema};

use super::binding::{ShownRows, Step, Title};
use super::context::Contexts;
use super::gathering::{Drawn, Gathered};
use super::language::{Passage, Speech};
use super::render::template_fault;
use super::{ReportError, Template, TemplateFault, Text};

/// Writes a report whose rows have gone by.
pub struct Writing<'w> {
    pub template: &'w Template,
    pub head: &'w Head,
    pub gathered: Vec<Gathered>,
    pub contexts: Contexts,
    pub speech: Speech,
    pub blocks: Box<dyn Blocks + 'w>,
}

impl Writing<'_> {
    /// The title.
    pub fn begin(&mut self) -> Result<(), ReportError> {
        let (data, report) = (&self.head.title, &self.template.title);
        let title = if data.is_empty() { report.clone() } else { format!("{data}: {report}") };
        self.blocks.title(&title, &[])?;
        self.lacking()
    }

    /// What the data lack, where the template has no word for it: nobody is to take a part for all.
    fn lacking(&mut self) -> Result<(), ReportError> {
        let texts = self.template.texts();
        let speaks_of = |name: &str| texts.iter().any(|text| text.source.contains(name));
        let (tells_cuts, tells_masks) = (speaks_of("left_out") || speaks_of(".limits"), speaks_of("masked"));
        let mut points = Vec::new();
        for section in &self.head.sections {
            let cuts = section.left_out.iter().filter(|_| !tells_cuts);
            points.extend(cuts.map(|left_out| format!("{}: {left_out}", section.title)));
            let masked: Vec<_> = section.masked().map(|field| &*field.title).collect();
            if !masked.is_empty() && !tells_masks {
                points.push(format!("{}: masked, as it is personal: {}", section.title, masked.join(", ")));
            }
        }
        if !points.is_empty() {
            self.blocks.list(&points)?;
        }
        Ok(())
    }

    /// One step.
    pub fn step(&mut self, step: &Step<'_>) -> Result<(), ReportError> {
        match step {
            Step::Heading { level, text, section } => self.heading(*level, text, *section),
            Step::Text { text, section } => self.text(text, *section),
            Step::Facts { items, section } => self.facts(*items, *section),
            Step::Table { section, title, schema, columns, rows } => {
                self.table(*section, title, schema, columns, *rows)
            }
            Step::Chart { section, title, shape, names, points } => {
                let drawn = self.gathered[*section].points[*points].drawn();
                self.chart(title, *shape, names, drawn)
            }
        }
    }

    fn heading(&mut self, level: u8, text: &Text, section: usize) -> Result<(), ReportError> {
        let line = self.line(text, section)?;
        if !line.is_empty() {
            self.blocks.heading(level, &line)?;
        }
        Ok(())
    }

    fn text(&mut self, text: &Text, section: usize) -> Result<(), ReportError> {
        let passages =
            self.speech.passages(text, self.contexts.of(section)).map_err(|fault| self.fault(&fault))?;
        for passage in passages {
            match passage {
                Passage::Paragraph(text) => self.blocks.paragraph(&text)?,
                Passage::List(points) => self.blocks.list(&points)?,
            }
        }
        Ok(())
    }

    fn facts(&mut self, items: Option<&[(String, Text)]>, section: usize) -> Result<(), ReportError> {
        let facts = match items {
            None => self.head.metadata.clone(),
            Some(items) => {
                let line = |(name, text): &(String, Text)| Ok((name.clone(), self.line(text, section)?));
                items.iter().map(line).collect::<Result<Vec<_>, ReportError>>()?
            }
        };
        let points: Vec<_> = facts.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
        if !points.is_empty() {
            self.blocks.list(&points)?;
        }
        Ok(())
    }

    fn table(
        &mut self,
        section: usize,
        title: &Title,
        schema: &Arc<Schema>,
        columns: &[usize],
        rows: ShownRows,
    ) -> Result<(), ReportError> {
        let found = &mut self.gathered[section];
        if found.count == 0 {
            return self.nothing(title);
        }
        let (blocks, mut shown) = (&mut self.blocks, 0);
        blocks.table(schema, &title.text)?;
        match rows {
            ShownRows::Ranked(place) => {
                for batch in found.ranked[place].batches(schema) {
                    shown += batch.len() as u64;
                    blocks.rows(&batch)?;
                }
            }
            ShownRows::All => {
                shown = found.count;
                let width = found.figures.len();
                let spool = found.spool.as_mut().expect("a table of all rows has asked for it");
                spool.read(width, columns, schema, |batch| Ok::<_, ReportError>(blocks.rows(batch)?))?;
            }
        }
        blocks.end_table()?;
        if shown < found.count {
            let are = if shown == 1 { "is" } else { "are" };
            blocks.paragraph(&format!("{shown} of {} rows {are} shown.", found.count))?;
        }
        Ok(())
    }

    fn chart(
        &mut self,
        title: &Title,
        shape: ChartShape,
        names: &[String],
        drawn: Drawn,
    ) -> Result<(), ReportError> {
        let Drawn { mut labels, mut series, rest, left_out } = drawn;
        if labels.is_empty() {
            return self.nothing(title);
        }
        let shown = labels.len() as u64;
        // A pie is one whole, so that what is left out of it is a slice.
        if shape == ChartShape::Pie && left_out > 0 {
            labels.push("Other".to_owned());
            series.iter_mut().zip(&rest).for_each(|(values, rest)| values.push(*rest));
        }
        let series =
            names.iter().zip(series).map(|(name, values)| Series { name: name.clone(), values }).collect();
        self.blocks.chart(&Chart { shape, title: title.text.clone(), labels, series })?;
        if left_out > 0 {
            let how = if shape == ChartShape::Pie { "by themselves" } else { "in the chart" };
            let are = if shown == 1 { "is" } else { "are" };
            self.blocks.paragraph(&format!("{shown} of {} points {are} shown {how}.", shown + left_out))?;
        }
        Ok(())
    }

    fn nothing(&mut self, title: &Title) -> Result<(), ReportError> {
        if !title.is_quiet {
            self.blocks.paragraph(&format!("{}: no rows.", title.text))?;
        }
        Ok(())
    }

    fn line(&mut self, text: &Text, section: usize) -> Result<String, ReportError> {
        self.speech.line(text, self.contexts.of(section)).map_err(|fault| self.fault(&fault))
    }

    fn fault(&self, fault: &TemplateFault) -> ReportError {
        template_fault(&self.template.name, fault.to_string())
    }
}
