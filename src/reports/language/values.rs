//! What texts see of rows.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{DynObject, Object, ObjectRepr};
use time::{Date, OffsetDateTime};

use crate::records::{Schema, Value as Raw};
use crate::reports::limits::LONGEST_CELL;

/// A cell that is held: what [`Raw`] is, without its batch.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number; decimals too, with the 15 digits that binary64 has.
    Number(f64),
    /// Text, JSON as it is written, and for bytes how many there are.
    Text(Arc<str>),
    /// An instant or a day.
    Moment(Moment),
}

impl Cell {
    /// What is in `raw`; long texts are cut.
    pub fn of(raw: Raw<'_>) -> Self {
        match raw {
            Raw::Null => Self::Null,
            Raw::Boolean(flag) => Self::Boolean(flag),
            Raw::Integer(number) => Self::Integer(number),
            Raw::Number(number) => Self::Number(number),
            Raw::Decimal(digits) => digits.parse().map_or_else(|_| Self::Text(cut(digits)), Self::Number),
            Raw::Text(text) | Raw::Json(text) => Self::Text(cut(text)),
            Raw::Timestamp(micros) => Self::Moment(Moment::Instant(micros)),
            Raw::Date(days) => Self::Moment(Moment::Day(days)),
            Raw::Bytes(bytes) => Self::Text(format!("{} bytes", bytes.len()).into()),
        }
    }

    /// Bytes that it holds, about.
    pub fn size(&self) -> usize {
        size_of::<Self>() + if let Self::Text(text) = self { text.len() } else { 0 }
    }

    /// The number that it is.
    pub fn number(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "a chart or a rank needs no more")]
            Self::Integer(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// As the engine has it.
    pub fn value(&self) -> Value {
        match self {
            Self::Null => Value::from(()),
            Self::Boolean(flag) => Value::from(*flag),
            Self::Integer(number) => Value::from(*number),
            Self::Number(number) => Value::from(*number),
            Self::Text(text) => Value::from(Arc::clone(text)),
            Self::Moment(moment) => moment.value(),
        }
    }
}

/// As a label of a chart.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("–"),
            Self::Boolean(flag) => f.write_str(if *flag { "yes" } else { "no" }),
            Self::Integer(number) => number.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Moment(moment) => moment.fmt(f),
        }
    }
}

fn cut(text: &str) -> Arc<str> {
    match text.char_indices().nth(LONGEST_CELL) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// An instant or a day. Ordered by time; an instant and a day have no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Microseconds since 1970.
    Instant(i64),
    /// Days since 1970.
    Day(i32),
}

impl Moment {
    /// As the engine has it.
    pub fn value(self) -> Value {
        Value::from_object(self)
    }

    /// The moment that `value` is.
    pub fn from(value: &Value) -> Option<Self> {
        value.downcast_object_ref::<Self>().copied()
    }

    /// Where it is on the calendar, in UTC; midnight for a day. `None` outside of the years that have
    /// four digits.
    pub fn calendar(self) -> Option<OffsetDateTime> {
        match self {
            Self::Instant(micros) => {
                OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok()
            }
            Self::Day(days) => {
                let day = Date::from_julian_day(days.checked_add(2_440_588)?).ok()?;
                Some(day.midnight().assume_utc())
            }
        }
    }

    /// What it is ordered by among those of its own kind.
    pub fn rank(self) -> i64 {
        match self {
            Self::Instant(micros) => micros,
            Self::Day(days) => i64::from(days),
        }
    }
}

/// `2026-11-20` or `2026-11-20 09:30`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(at) = self.calendar() else { return f.write_str("–") };
        write!(f, "{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day())?;
        match self {
            Self::Instant(_) => write!(f, " {:02}:{:02}", at.hour(), at.minute()),
            Self::Day(_) => Ok(()),
        }
    }
}

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.rank().cmp(&other.downcast_ref::<Self>()?.rank()))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A row, whose cells texts name by their columns: `row.amount`.
#[derive(Debug)]
pub struct Row {
    /// The columns.
    pub schema: Arc<Schema>,
    /// A cell for each.
    pub cells: Vec<Cell>,
}

impl Object for Row {
    // Not a map: two rows are compared by what they are, not cell by cell.
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.cells.get(self.schema.place(key)?).map(Cell::value)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }
}
