//! A folder's rows: read on the reader's own thread, fitted and counted like a database's.

use std::sync::Arc;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::intake::Intake;
use super::{Order, Plan, Reading};
use crate::datasets::files::{self, FolderRows, Narrowing};
use crate::datasets::mask::MaskKey;
use crate::datasets::query::{FileQuery, Query, Reads};
use crate::datasets::source::Place;
use crate::datasets::{Argument, Arguments, DataSet};
use crate::records::{Batch, DataError, DataFault, Rows, Schema, Section};

/// Opens what is ordered of a data set whose source is a folder. Blocks: files are read
/// to be counted.
pub(super) fn begin(
    data_set: &DataSet,
    order: &Order,
    arguments: &Arguments,
    key: &Arc<MaskKey>,
    mut reading: Reading,
) -> Result<Reading, DataError> {
    let Place::Folder(path) = &data_set.source.place else { return Ok(reading) };
    for query in data_set.queries.iter().filter(|query| order.wants(&query.name)) {
        let fault =
            |fault| DataError { data_set: data_set.name.clone(), section: Some(query.name.clone()), fault };
        let Reads::Files(files) = &query.reads else { return Err(fault(DataFault::NotThere)) };
        let opened = files::open(path, files, &narrowing(files, order, arguments)).map_err(fault)?;
        let plan =
            Plan::new(query, &opened.found, order.unmasked, order.system_fields, key).map_err(fault)?;
        add(&mut reading, data_set, query, order, opened, plan);
    }
    Ok(reading)
}

fn add(
    reading: &mut Reading,
    data_set: &DataSet,
    query: &Query,
    order: &Order,
    opened: FolderRows,
    plan: Plan,
) {
    let limits = [query.max_rows, order.most_rows];
    let wanted = limits.into_iter().flatten().fold(opened.counted, u64::min);
    let schema = Arc::clone(&plan.schema);
    let section = Section {
        name: query.name.clone(),
        title: query.title.clone(),
        layout: query.layout(&schema),
        schema: Arc::clone(&schema),
        rows: wanted,
    };
    let rows = Fitted {
        data_set: data_set.name.clone(),
        section: query.name.clone(),
        schema,
        raw: opened.rows,
        intake: Intake::new(plan),
        wanted,
        is_cut: wanted < opened.counted,
        deadline: Instant::now() + data_set.source.timeout,
        after: data_set.source.timeout,
        cancel: order.cancel.clone(),
        room: None,
    };
    reading.push(section, opened.counted - wanted, Box::new(rows));
}

fn narrowing(files: &FileQuery, order: &Order, arguments: &Arguments) -> Narrowing {
    let instant = |name| match arguments.of(name) {
        Some([Argument::Timestamp(micros)]) => Some(*micros),
        _ => None,
    };
    let given =
        |(column, parameter): &(String, String)| Some((column.clone(), arguments.of(parameter)?.to_vec()));
    Narrowing {
        user: files.user_column.as_ref().map(|column| (column.clone(), order.owner.to_string())),
        time: files.time_column.as_ref().map(|column| (column.clone(), instant("start"), instant("end"))),
        equals: files.equals.iter().filter_map(given).collect(),
    }
}

/// Rows of files as the columns that were declared.
struct Fitted {
    data_set: String,
    section: String,
    schema: Arc<Schema>,
    raw: Box<dyn Rows>,
    intake: Intake,
    wanted: u64,
    is_cut: bool,
    deadline: Instant,
    after: std::time::Duration,
    cancel: CancellationToken,
    /// Memory for the next batch of files.
    room: Option<Batch>,
}

impl Rows for Fitted {
    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn next(&mut self, room: Batch) -> Result<Option<Batch>, DataError> {
        self.fitted(room).map_err(|fault| DataError {
            data_set: self.data_set.clone(),
            section: Some(self.section.clone()),
            fault,
        })
    }
}

impl Fitted {
    fn fitted(&mut self, room: Batch) -> Result<Option<Batch>, DataFault> {
        self.may_go_on()?;
        if self.is_cut && self.intake.came == self.wanted {
            return Ok(None);
        }
        let raw_room = self.room.take().unwrap_or_else(|| Batch::new(self.raw.schema()));
        let Some(raw) = self.raw.next(raw_room).map_err(|error| error.fault)? else {
            let (counted, came) = (self.wanted, self.intake.came);
            return if counted == came { Ok(None) } else { Err(DataFault::Miscounted { counted, came }) };
        };
        self.fill(&raw)?;
        self.room = Some(raw);
        Ok(Some(self.intake.take(Some(room))))
    }

    fn fill(&mut self, raw: &Batch) -> Result<(), DataFault> {
        for row in 0..raw.len() {
            if self.intake.came < self.wanted {
                for target in 0..self.schema.fields.len() {
                    let ordinal = self.intake.plan().targets[target].ordinal;
                    self.intake.cell(target, raw.value(row, ordinal))?;
                }
            } else if self.is_cut {
                break;
            }
            self.intake.came += 1;
        }
        Ok(())
    }

    fn may_go_on(&self) -> Result<(), DataFault> {
        if self.cancel.is_cancelled() {
            return Err(DataFault::Stopped);
        }
        match Instant::now() < self.deadline {
            true => Ok(()),
            false => Err(DataFault::Deadline { after: self.after, row: self.intake.row() }),
        }
    }
}
