//! What is found out about one section.

use std::sync::Arc;

use crate::records::{Batch, Section};
use crate::reports::language::{Cell, Row};
use crate::reports::limits::KEPT_ROWS;
use crate::reports::spool::Spool;

use super::{Figures, Points, Ranked, Room, Rooms};

/// What is found out about one section while its rows go by.
#[derive(Debug)]
pub struct Gathered {
    /// Rows there were.
    pub count: u64,
    /// What there is to tell of each column.
    pub figures: Vec<Figures>,
    /// The first rows, for texts.
    pub kept: Vec<Arc<Row>>,
    /// The rows of tables that have an end.
    pub ranked: Vec<Ranked>,
    /// The points of charts.
    pub points: Vec<Points>,
    /// All rows, if a table shows them all.
    pub spool: Option<Spool>,
    is_keeping: bool,
}

impl Gathered {
    /// Nothing of `section` yet; what its tables and charts are to show.
    pub fn new(section: &Section, ranked: Vec<Ranked>, points: Vec<Points>, spool: Option<Spool>) -> Self {
        let figures = vec![Figures::default(); section.schema.fields.len()];
        Self { count: 0, figures, kept: Vec::new(), ranked, points, spool, is_keeping: true }
    }

    /// More rows; `false` when there is no room for what its tables and charts have to hold.
    #[must_use = "rows for which there was no room are missing"]
    pub fn see(&mut self, batch: &Batch, rooms: &mut Rooms) -> bool {
        self.count += batch.len() as u64;
        for (column, figures) in batch.columns().iter().zip(&mut self.figures) {
            (0..column.len()).for_each(|row| figures.count(column.value(row)));
        }
        self.keep(batch, &mut rooms.kept);
        self.ranked.iter_mut().all(|ranked| ranked.see(batch, &mut rooms.shown))
            && self.points.iter_mut().all(|points| points.see(batch, &mut rooms.shown))
    }

    /// Keeps what texts may look at: the first rows, without a gap.
    fn keep(&mut self, batch: &Batch, room: &mut Room) {
        for row in 0..batch.len() {
            self.is_keeping &= self.kept.len() < KEPT_ROWS;
            if !self.is_keeping {
                return;
            }
            let cells: Vec<_> =
                (0..self.figures.len()).map(|place| Cell::of(batch.value(row, place))).collect();
            self.is_keeping = room.take(cells.iter().map(Cell::size).sum());
            if self.is_keeping {
                self.kept.push(Arc::new(Row { schema: Arc::clone(batch.schema()), cells }));
            }
        }
    }
}
