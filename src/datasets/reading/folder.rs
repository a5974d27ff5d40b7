//! A folder's rows: read on the reader's own thread, fitted and counted like a database's.

use std::path::Path;
use std::sync::Arc;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::intake::Intake;
use super::share::Share;
use super::{Order, Plan, Reading};
use crate::datasets::files::{FileSet, Filter, FolderQuery, Test, Whose};
use crate::datasets::mask::MaskKey;
use crate::datasets::query::{FileQuery, Query, Reads};
use crate::datasets::source::{Found, Gives, Place};
use crate::datasets::{Argument, Arguments, DataSet};
use crate::records::{Batch, Column, DataError, DataFault, Rows, Schema, Section, Type, Value};

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
        let opened = opened(path, data_set, query, files, order, arguments)?;
        let plan =
            Plan::new(query, &opened.found, order.unmasked, order.system_fields, key).map_err(fault)?;
        add(&mut reading, data_set, query, order, opened, plan);
    }
    Ok(reading)
}

fn add(reading: &mut Reading, data_set: &DataSet, query: &Query, order: &Order, opened: Opened, plan: Plan) {
    let Share { wanted, left_out } = Share::of(query, order.most_rows, opened.counted, None);
    let schema = Arc::clone(&plan.schema);
    let section = Section {
        name: query.name.clone(),
        title: query.title.clone(),
        layout: query.layout(&schema),
        schema: Arc::clone(&schema),
        rows: wanted,
        left_out,
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
    reading.push(section, Box::new(rows));
}

/// The rows of some files that are wanted, counted.
struct Opened {
    found: Vec<Found>,
    counted: u64,
    rows: Box<dyn Rows>,
}

fn opened(
    path: &Path,
    data_set: &DataSet,
    query: &Query,
    files: &FileQuery,
    order: &Order,
    arguments: &Arguments,
) -> Result<Opened, DataError> {
    let whose = Whose { data_set: data_set.name.clone(), section: query.name.clone() };
    let schema = Schema::new(query.columns().iter().map(|column| column.field(true)).collect());
    let found = schema.fields.iter().map(|field| Found {
        name: field.name.clone(),
        told: field.kind.to_string(),
        gives: Gives::One(field.kind),
    });
    let found = found.collect();
    let filters = filters(files, order, arguments, &schema).map_err(|fault| DataError {
        data_set: whose.data_set.clone(),
        section: Some(whose.section.clone()),
        fault,
    })?;
    let wanted = FolderQuery { pattern: files.files.clone(), schema, filters };
    let mut set = FileSet::list(path, wanted, whose)?;
    let cancel = order.cancel.clone();
    let counted = set.count(&move || cancel.is_cancelled())?;
    Ok(Opened { found, counted, rows: Box::new(set.rows()) })
}

/// What every row must be like: the owner's, of the time, and of what the parameters say.
fn filters(
    files: &FileQuery,
    order: &Order,
    arguments: &Arguments,
    schema: &Schema,
) -> Result<Vec<Filter>, DataFault> {
    let mut filters = Vec::new();
    if let Some(column) = &files.user_column {
        filters.push(Filter::one_of(column, Type::Text, &[Value::Text(order.owner.as_str())])?);
    }
    for (name, test) in [("start", Test::From as fn(i64) -> Test), ("end", Test::Before)] {
        if let (Some(column), Some([Argument::Timestamp(micros)])) = (&files.time_column, arguments.of(name))
        {
            filters.push(Filter { column: column.clone(), test: test(*micros) });
        }
    }
    for (column, parameter) in &files.equals {
        let Some(given) = arguments.of(parameter) else { continue };
        let values: Vec<_> = given.iter().map(value).collect();
        let kind = schema.place(column).map_or(Type::Text, |place| schema.fields[place].kind);
        let kind =
            if values.iter().all(|value| Column::new(kind).push(*value)) { kind } else { kind_of(given) };
        filters.push(Filter::one_of(column, kind, &values)?);
    }
    Ok(filters)
}

fn value(argument: &Argument) -> Value<'_> {
    match argument {
        Argument::Text(text) => Value::Text(text),
        Argument::Integer(number) => Value::Integer(*number),
        Argument::Number(number) => Value::Number(*number),
        Argument::Decimal(text) => Value::Decimal(text),
        Argument::Boolean(flag) => Value::Boolean(*flag),
        Argument::Timestamp(micros) => Value::Timestamp(*micros),
        Argument::Date(days) => Value::Date(*days),
    }
}

/// What values are that a parameter was given.
fn kind_of(given: &[Argument]) -> Type {
    match given.first() {
        Some(Argument::Integer(_)) => Type::Integer,
        Some(Argument::Number(_)) => Type::Number,
        Some(Argument::Decimal(_)) => Type::Decimal,
        Some(Argument::Boolean(_)) => Type::Boolean,
        Some(Argument::Timestamp(_)) => Type::Timestamp,
        Some(Argument::Date(_)) => Type::Date,
        Some(Argument::Text(_)) | None => Type::Text,
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
