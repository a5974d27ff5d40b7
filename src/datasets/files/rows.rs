//! The rows of a folder's files, one file after another.

use std::fs::File;
use std::sync::Arc;

use super::file_set::{FileSet, Listed, with_filters};
use super::filter::Placed;
use crate::records::{Batch, DataError, DataFault, Rows, Schema};

/// The rows that a query means, in the order of the files' names. One file is open at a time.
pub struct FolderRows {
    set: FileSet,
    /// How many there must be, if they were counted.
    counted: Option<u64>,
    came: u64,
    /// The columns that are read: those that were asked for, and those that filters need.
    read: Arc<Schema>,
    filters: Option<Placed>,
    next: usize,
    current: Option<Current>,
    spare: Option<Batch>,
}

struct Current {
    listed: Listed,
    /// To look at it again at its end.
    file: File,
    rows: Box<dyn Rows>,
}

impl FolderRows {
    pub(super) fn new(set: FileSet, counted: Option<u64>) -> Self {
        let read = with_filters(&set.schema, &set.filters);
        Self { set, counted, came: 0, read, filters: None, next: 0, current: None, spare: None }
    }

    /// Opens the next file; false when there is none.
    fn open(&mut self) -> Result<bool, DataFault> {
        while let Some(listed) = self.set.files.get(self.next).cloned() {
            self.next += 1;
            let Some(file) = self.set.open(&listed)? else { continue };
            let kept = file.try_clone().map_err(|_| DataFault::SourceLost { row: Some(self.came) })?;
            let rows = listed.nature.open(file, &self.set.whose.data_set, &self.read);
            let rows = rows.map_err(|fault| listed.told(fault))?;
            self.current = Some(Current { listed, file: kept, rows });
            return Ok(true);
        }
        Ok(false)
    }

    /// The next rows as they lie in the files; `None` behind the last file.
    fn lying(&mut self, mut room: Batch) -> Result<Option<Batch>, DataFault> {
        loop {
            if self.current.is_none() && !self.open()? {
                return Ok(None);
            }
            let current = self.current.as_mut().expect("opened above");
            match current.rows.next(room).map_err(|error| current.listed.told(error.fault))? {
                Some(batch) => return Ok(Some(batch)),
                None => {
                    current.listed.is_unchanged(&current.file, Some(self.came))?;
                    self.current = None;
                    room = Batch::new(&self.read);
                }
            }
        }
    }

    fn fill(&mut self, mut room: Batch) -> Result<Option<Batch>, DataFault> {
        room.clear();
        let filters = match self.filters.take() {
            Some(filters) => filters,
            None => Placed::new(&self.set.filters, &self.read)?,
        };
        let filled = if filters.is_none() { self.lying(room)? } else { self.filtered(room, &filters)? };
        self.filters = Some(filters);
        self.came += filled.as_ref().map_or(0, Batch::len) as u64;
        match (&filled, self.counted) {
            (None, Some(counted)) if counted != self.came => {
                Err(DataFault::Miscounted { counted, came: self.came })
            }
            _ => Ok(filled),
        }
    }

    /// Rows that are meant, until `room` is full or there are no more.
    fn filtered(&mut self, mut room: Batch, filters: &Placed) -> Result<Option<Batch>, DataFault> {
        while !room.is_full() {
            let spare = self.spare.take().unwrap_or_else(|| Batch::new(&self.read));
            let Some(batch) = self.lying(spare)? else { break };
            for row in (0..batch.len()).filter(|row| filters.mean(&batch, *row)) {
                for place in 0..self.set.schema.fields.len() {
                    let added = room.column_mut(place).push(batch.value(row, place));
                    debug_assert!(added, "both have the columns that were asked for first");
                }
            }
            self.spare = Some(batch);
        }
        Ok((!room.is_empty()).then_some(room))
    }
}

impl Rows for FolderRows {
    fn schema(&self) -> &Arc<Schema> {
        &self.set.schema
    }

    fn next(&mut self, room: Batch) -> Result<Option<Batch>, DataError> {
        self.fill(room).map_err(|fault| self.set.whose.error(fault))
    }
}
