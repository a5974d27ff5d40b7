//! The rows that a table with an end shows.

use std::sync::Arc;

use crate::records::{Batch, Schema};
use crate::reports::language::Cell;
use crate::reports::stored::Stored;

use super::{Room, order};

/// The first rows of all, in some order: of as many as there are, so many are held.
#[derive(Debug)]
pub struct Ranked {
    columns: Vec<usize>,
    by: Option<(usize, bool)>,
    most: usize,
    rows: Vec<Held>,
}

#[derive(Debug)]
struct Held {
    key: Cell,
    cells: Vec<Stored<'static>>,
    size: usize,
}

impl Ranked {
    /// No rows yet, of these columns; `by` is the column that they are ordered by, and whether from the
    /// greatest down.
    pub fn new(columns: Vec<usize>, by: Option<(usize, bool)>, most: usize) -> Self {
        Self { columns, by, most, rows: Vec::new() }
    }

    /// More rows; `false` when there is no room for those it has to hold.
    #[must_use = "rows for which there was no room are missing"]
    pub fn see(&mut self, batch: &Batch, room: &mut Room) -> bool {
        for row in 0..batch.len() {
            if self.by.is_none() && self.rows.len() >= self.most {
                break;
            }
            let key = self.by.map_or(Cell::Null, |(column, _)| Cell::of(batch.value(row, column)));
            let cells: Vec<_> =
                self.columns.iter().map(|column| Stored::held(batch.value(row, *column))).collect();
            let size = key.size() + cells.iter().map(Stored::size).sum::<usize>();
            if !room.take(size) {
                return false;
            }
            self.rows.push(Held { key, cells, size });
            if self.rows.len() >= 2 * self.most {
                room.give(self.prune());
            }
        }
        true
    }

    /// Keeps only the first of them, rows of one rank as they came; tells how many bytes are free for it.
    fn prune(&mut self) -> usize {
        if let Some((_, descending)) = self.by {
            self.rows.sort_by(|one, other| order(&one.key, &other.key, descending));
        }
        self.rows.drain(self.rows.len().min(self.most)..).map(|row| row.size).sum()
    }

    /// The rows, in batches of `schema`, which has these columns alone.
    pub fn batches(&mut self, schema: &Arc<Schema>) -> Vec<Batch> {
        self.prune();
        let mut batches = vec![Batch::new(schema)];
        for row in &self.rows {
            if batches.last().is_some_and(Batch::is_full) {
                batches.push(Batch::new(schema));
            }
            let batch = batches.last_mut().expect("there is one");
            for (place, cell) in row.cells.iter().enumerate() {
                let is_pushed = batch.column_mut(place).push(cell.value());
                debug_assert!(is_pushed, "a cell comes from a column of its type");
            }
        }
        batches.retain(|batch| !batch.is_empty());
        batches
    }
}
