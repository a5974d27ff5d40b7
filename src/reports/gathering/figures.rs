//! What is found out about the cells of one column, all of them.

use crate::records::{Type, Value};
use crate::reports::language::{Cell, Moment};

use super::amount::Sum;

/// What is found out about the cells of one column, however many there are.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Cells with something in them.
    pub filled: u64,
    /// Cells with nothing in them.
    pub missing: u64,
    sum: Option<Sum>,
    least: Option<Cell>,
    greatest: Option<Cell>,
}

impl Figures {
    /// One more cell.
    pub fn count(&mut self, value: Value<'_>) {
        if value.is_null() {
            self.missing += 1;
            return;
        }
        self.filled += 1;
        if let Some(one) = Sum::of(value) {
            self.sum = Some(self.sum.unwrap_or_default().plus(one));
        }
        let is_ranked = matches!(
            value,
            Value::Integer(_) | Value::Number(_) | Value::Decimal(_) | Value::Timestamp(_) | Value::Date(_)
        );
        if is_ranked {
            self.stretch(Cell::of(value));
        }
    }

    fn stretch(&mut self, cell: Cell) {
        if self.least.as_ref().is_none_or(|least| rank(&cell) < rank(least)) {
            self.least = Some(cell.clone());
        }
        if self.greatest.as_ref().is_none_or(|greatest| rank(&cell) > rank(greatest)) {
            self.greatest = Some(cell);
        }
    }

    /// All numbers together; nothing when the column has none.
    pub fn sum(&self, kind: Type) -> Cell {
        match self.sum {
            Some(sum) => sum.whole().map_or_else(|| Cell::Number(sum.number()), Cell::Integer),
            None if kind == Type::Integer => Cell::Integer(0),
            None if kind.is_number() => Cell::Number(0.0),
            None => Cell::Null,
        }
    }

    /// What each number is on average; nothing when there are none.
    #[expect(clippy::cast_precision_loss, reason = "rows are fewer than 2^53")]
    pub fn mean(&self) -> Cell {
        self.sum.map_or(Cell::Null, |sum| Cell::Number(sum.number() / self.filled as f64))
    }

    /// The least number, or the first moment.
    pub fn least(&self) -> Cell {
        self.least.clone().unwrap_or(Cell::Null)
    }

    /// The greatest number, or the last moment.
    pub fn greatest(&self) -> Cell {
        self.greatest.clone().unwrap_or(Cell::Null)
    }
}

/// Cells of one column are of one type, so that these are compared as they are: whole numbers exactly.
fn rank(cell: &Cell) -> (i64, f64) {
    match cell {
        Cell::Integer(number) => (*number, 0.0),
        Cell::Number(number) => (0, *number),
        Cell::Moment(Moment::Instant(micros)) => (*micros, 0.0),
        Cell::Moment(Moment::Day(days)) => (i64::from(*days), 0.0),
        Cell::Null | Cell::Boolean(_) | Cell::Text(_) => (0, 0.0),
    }
}
