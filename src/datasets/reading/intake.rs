//! From a source's cells to batches of the declared types, with what is personal hidden.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Plan;
use crate::datasets::instants;
use crate::datasets::source::fit;
use crate::records::{Batch, Column, DataFault, Value};

/// Takes rows in, cell by cell.
pub(in crate::datasets) struct Intake {
    plan: Plan,
    /// For each target that is masked: its cell as what it was declared, before it is hidden.
    bare: Vec<Option<Column>>,
    batch: Batch,
    text: String,
    /// Rows that came.
    pub(super) came: u64,
}

impl Intake {
    pub(super) fn new(plan: Plan) -> Self {
        let batch = Batch::new(&plan.schema);
        let bare =
            plan.targets.iter().map(|target| target.mask.map(|_| Column::new(target.declared))).collect();
        Self { plan, bare, batch, text: String::new(), came: 0 }
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Adds a cell of the row that is being read.
    #[inline]
    pub(super) fn cell(&mut self, target: usize, value: Value<'_>) -> Result<(), DataFault> {
        let fitted = match &mut self.bare[target] {
            None => fit(value, self.batch.column_mut(target)),
            Some(_) => self.masked(target, value),
        };
        fitted.map_err(|why| self.not_of_type(target, why))
    }

    /// A masked cell has to be of its type as well; then it is hidden.
    fn masked(&mut self, target: usize, value: Value<'_>) -> Result<(), &'static str> {
        let bare = self.bare[target].as_mut().expect("asked for a masked one");
        bare.clear();
        fit(value, bare)?;
        let column = self.batch.column_mut(target);
        let Some(plain) = plain(bare.value(0)) else {
            column.push_null();
            return Ok(());
        };
        let mask = self.plan.targets[target].mask.expect("asked for a masked one");
        self.text.clear();
        mask.write(&plain, &self.plan.key, &mut self.text);
        if column.push(Value::Text(&self.text)) { Ok(()) } else { Err("cannot be hidden") }
    }

    /// That the cell at `target` of the row that is being read is not what it was declared as.
    pub(super) fn not_of_type(&self, target: usize, why: &str) -> DataFault {
        let target = &self.plan.targets[target];
        let (column, declared) = (target.name.clone(), target.declared);
        DataFault::NotOfType { row: self.came + 1, column, declared, why: why.to_owned() }
    }

    /// Whether it is time to take the batch out.
    pub(super) fn is_full(&self) -> bool {
        self.batch.is_full()
    }

    /// Whether there is nothing to take out.
    pub(super) fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// The batch. The next rows come into `room`, if it is one of these columns.
    pub(super) fn take(&mut self, room: Option<Batch>) -> Batch {
        let room = match room.filter(|room| room.schema() == &self.plan.schema) {
            Some(mut room) => {
                room.clear();
                room
            }
            None => Batch::new(&self.plan.schema),
        };
        std::mem::replace(&mut self.batch, room)
    }

    /// Rows that came so far, where some did.
    pub(super) fn row(&self) -> Option<u64> {
        (self.came > 0).then_some(self.came)
    }
}

/// A value as text, to be masked; nothing of nothing.
fn plain(value: Value<'_>) -> Option<Cow<'_, str>> {
    Some(match value {
        Value::Null => return None,
        Value::Text(text) | Value::Decimal(text) | Value::Json(text) => text.into(),
        Value::Boolean(flag) => flag.to_string().into(),
        Value::Integer(number) => number.to_string().into(),
        Value::Number(number) => number.to_string().into(),
        Value::Timestamp(micros) => format!("{}Z", instants::instant_text(micros, 'T')).into(),
        Value::Date(days) => instants::day_text(i64::from(days)).into(),
        Value::Bytes(bytes) => STANDARD.encode(bytes).into(),
    })
}
