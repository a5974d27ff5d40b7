//! Batches on their way from a task that reads to whoever takes them off.

use tokio::sync::mpsc;

use super::Plan;
use super::intake::Intake;
use crate::datasets::source::Trouble;
use crate::records::{Batch, DataError, DataFault, Value};

/// What is passed on: a batch; nothing, after the last; or why there are no more.
pub(super) type Passed = Result<Option<Batch>, DataError>;

/// Where a section's rows go, cell by cell; full batches are passed on, and when nobody takes them
/// off, the source waits.
pub(in crate::datasets) struct Flow {
    intake: Intake,
    /// Rows that there are, says the source.
    counted: u64,
    /// Rows that are wanted of these.
    wanted: u64,
    out: mpsc::Sender<Passed>,
    spare: mpsc::Receiver<Batch>,
}

impl Flow {
    pub(super) fn new(
        plan: Plan,
        counted: u64,
        wanted: u64,
        out: mpsc::Sender<Passed>,
        spare: mpsc::Receiver<Batch>,
    ) -> Self {
        Self { intake: Intake::new(plan), counted, wanted, out, spare }
    }

    /// How many columns there are to fill.
    pub(in crate::datasets) fn targets(&self) -> usize {
        self.intake.plan().targets.len()
    }

    /// Which of the source's columns the column at `target` is.
    pub(in crate::datasets) fn ordinal(&self, target: usize) -> usize {
        self.intake.plan().targets[target].ordinal
    }

    /// Whether the cells of the next row are wanted. Beyond what was counted they are not: then
    /// rows are only counted, to tell how many too many there are.
    pub(in crate::datasets) fn is_open(&self) -> bool {
        self.intake.came < self.wanted
    }

    /// How many rows the source is to give, if it has more than are wanted.
    pub(in crate::datasets) fn cut(&self) -> Option<u64> {
        (self.wanted < self.counted).then_some(self.wanted)
    }

    /// Adds a cell of the row that is being read.
    #[inline]
    pub(in crate::datasets) fn cell(&mut self, target: usize, value: Value<'_>) -> Result<(), DataFault> {
        self.intake.cell(target, value)
    }

    /// That the cell at `target` of the row that is being read is not what it was declared as.
    pub(in crate::datasets) fn not_of_type(&self, target: usize, why: &str) -> DataFault {
        self.intake.not_of_type(target, why)
    }

    /// Ends a row, passes the batch on if it is full, and tells whether more rows are of interest.
    pub(in crate::datasets) async fn end_row(&mut self) -> Result<bool, Trouble> {
        self.intake.came += 1;
        if self.intake.is_full() {
            self.pass().await?;
        }
        Ok(self.is_open() || self.cut().is_none())
    }

    /// Passes on what is left, once all rows are there, and that they are all.
    pub(super) async fn finish(&mut self) -> Result<(), Trouble> {
        if !self.intake.is_empty() {
            self.pass().await?;
        }
        let (counted, came) = (self.wanted, self.intake.came);
        match counted == came {
            true => self.out.send(Ok(None)).await.map_err(|_| DataFault::Stopped.into()),
            false => Err(DataFault::Miscounted { counted, came }.into()),
        }
    }

    async fn pass(&mut self) -> Result<(), Trouble> {
        let full = self.intake.take(self.spare.try_recv().ok());
        self.out.send(Ok(Some(full))).await.map_err(|_| DataFault::Stopped.into())
    }

    /// Rows that came so far, where some did.
    pub(super) fn row(&self) -> Option<u64> {
        self.intake.row()
    }

    /// A line to whoever reads, and for that they do not any more.
    pub(super) fn out(&self) -> mpsc::Sender<Passed> {
        self.out.clone()
    }
}
