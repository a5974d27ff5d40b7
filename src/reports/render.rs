//! From rows to a report: they go by once, and then it is written from front to back.

use crate::formats::{Blocks, FormatError, FormatOptions};
use crate::records::{Batch, DataError, DataFault, Head, Rows};

use super::binding::{Bound, Step, Wants};
use super::context::Contexts;
use super::gathering::{Gathered, Rooms};
use super::language::Speech;
use super::spool::Spool;
use super::writing::Writing;
use super::{Report, ReportError};

/// The rows of a document's sections, in the order of its head.
pub type Sections<'s> = dyn Iterator<Item = Result<Box<dyn Rows + 's>, DataError>> + 's;

/// Renders `report` of the data that `head` tells of, whose rows are `sections`. Tells what the document
/// had to change or leave out.
///
/// Every row is looked at once, as it comes. What tables without an end show is put by in a scratch file
/// meanwhile; what is held in memory is bounded, whatever the template asks for.
///
/// # Errors
/// [`ReportError`]; what is written by then is worthless.
pub fn render(
    report: &Report,
    head: &Head,
    sections: &mut Sections<'_>,
    blocks: Box<dyn Blocks + '_>,
    options: &FormatOptions,
) -> Result<Vec<String>, ReportError> {
    let template = report.template();
    let fault = |why: String| template_fault(&template.name, why);
    // First of all, so that a template that does not fit costs no rows.
    let bound = Bound::new(&template.parts, head);
    let Bound { steps, wants } = bound.map_err(|misfit| fault(misfit.of_data()))?;
    let speech = Speech::of(&template.texts()).map_err(|wrong| fault(wrong.to_string()))?;

    let (mut gathered, mut rooms) = (Vec::new(), Rooms::default());
    for (section, wants) in head.sections.iter().zip(wants) {
        let Wants { ranked, points, all_rows } = wants;
        let spool = if all_rows { Some(Spool::new(options.scratch_file()?)) } else { None };
        let mut found = Gathered::new(section, ranked, points, spool);
        let rows = sections
            .next()
            .ok_or_else(|| FormatError::Library(format!("no rows of section {}", section.name)))?;
        if !gather(&mut found, &mut *rows?, &mut rooms)? {
            let why = "the tables and charts of section `{}` are to hold too much at a time";
            return Err(fault(why.replace("{}", &section.name)));
        }
        gathered.push(found);
    }
    let contexts = Contexts::new(template, head, &gathered);
    let mut writing = Writing { template, head, gathered, contexts, speech, blocks };
    writing.begin()?;
    steps.iter().try_for_each(|step: &Step<'_>| writing.step(step))?;
    Ok(writing.blocks.finish()?)
}

/// Lets all rows go by; `false` when there is no room for what has to be held of them.
fn gather(found: &mut Gathered, rows: &mut dyn Rows, rooms: &mut Rooms) -> Result<bool, ReportError> {
    let mut room = Batch::new(rows.schema());
    while let Some(batch) = rows.next(room)? {
        if !found.see(&batch, rooms) {
            return Ok(false);
        }
        if let Some(spool) = &mut found.spool {
            spool.write(&batch)?;
        }
        room = batch;
        room.clear();
    }
    Ok(true)
}

/// What is wrong with the template `name`, as a job tells it.
pub fn template_fault(name: &str, why: String) -> ReportError {
    ReportError::Document(DataFault::Template { template: name.to_owned(), why }.into())
}
