//! Which rows are meant.

use crate::formats::push_value;
use crate::records::{Batch, Column, DataFault, Field, Schema, Type, Value};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// A row is meant only if what it has in `column` is what `test` says. Nothing never is.
#[derive(Debug, Clone)]
pub struct Filter {
    /// The column. It need not be among those that are read.
    pub column: String,
    /// What must be in it.
    pub test: Test,
}

/// What must be in a column.
#[derive(Debug, Clone)]
pub enum Test {
    /// One of these values.
    OneOf(Column),
    /// An instant from this one on, in microseconds since 1970; or a day that begins then or later.
    From(i64),
    /// An instant before this one; or a day that begins before it.
    Before(i64),
}

impl Filter {
    /// `column` is one of `values`, all of which are of `kind`.
    ///
    /// # Errors
    /// [`DataFault::Columns`] if one is not.
    pub fn one_of(column: &str, kind: Type, values: &[Value<'_>]) -> Result<Self, DataFault> {
        let mut wanted = Column::new(kind);
        if values.iter().all(|value| wanted.push(*value)) {
            return Ok(Self { column: column.to_owned(), test: Test::OneOf(wanted) });
        }
        Err(DataFault::Columns(format!("`{column}` is compared with what is no {kind}")))
    }

    /// The column to read for it, where none of that name is read anyway.
    pub fn field(&self) -> Field {
        let kind = match &self.test {
            Test::OneOf(values) => values.kind(),
            Test::From(_) | Test::Before(_) => Type::Timestamp,
        };
        Field::new(&self.column, kind)
    }

    /// Whether a column of `kind` can be tested.
    pub fn takes(&self, kind: Type) -> bool {
        match self.test {
            Test::OneOf(_) => true,
            Test::From(_) | Test::Before(_) => matches!(kind, Type::Timestamp | Type::Date),
        }
    }

    fn means(&self, value: Value<'_>) -> bool {
        match &self.test {
            Test::OneOf(values) => (0..values.len()).any(|row| is_same(value, values.value(row))),
            Test::From(first) => instant(value).is_some_and(|at| at >= *first),
            Test::Before(end) => instant(value).is_some_and(|at| at < *end),
        }
    }
}

fn instant(value: Value<'_>) -> Option<i64> {
    match value {
        Value::Timestamp(micros) => Some(micros),
        Value::Date(days) => Some(i64::from(days).saturating_mul(DAY)),
        _ => None,
    }
}

/// Values of unlike types are the same if they are written alike: an id may be a number in a file and
/// text everywhere else.
fn is_same(one: Value<'_>, other: Value<'_>) -> bool {
    match (one, other) {
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::Decimal(one), Value::Decimal(other)) => shortest(one) == shortest(other),
        _ if std::mem::discriminant(&one) == std::mem::discriminant(&other) => one == other,
        _ => written(one) == written(other),
    }
}

fn written(value: Value<'_>) -> Vec<u8> {
    let mut text = Vec::new();
    push_value(&mut text, value);
    text
}

/// A decimal number without zeros that mean nothing: 1.50 is 1.5, and -0 is 0.
fn shortest(decimal: &str) -> (bool, &str, &str) {
    let (is_negative, digits) = decimal.strip_prefix('-').map_or((false, decimal), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    (is_negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction)
}

/// Filters and where their columns are.
#[derive(Debug, Clone)]
pub struct Placed(Vec<(usize, Filter)>);

impl Placed {
    /// `filters` of rows that have the columns of `schema`.
    pub fn new(filters: &[Filter], schema: &Schema) -> Result<Self, DataFault> {
        let place = |filter: &Filter| {
            let place = schema.place(&filter.column).expect("it is read for the filter");
            let kind = schema.fields[place].kind;
            if filter.takes(kind) {
                return Ok((place, filter.clone()));
            }
            Err(DataFault::Columns(format!("`{}` is {kind}, and rows are told by its time", filter.column)))
        };
        Ok(Self(filters.iter().map(place).collect::<Result<_, _>>()?))
    }

    /// Whether every row is meant.
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a row is meant.
    pub fn mean(&self, batch: &Batch, row: usize) -> bool {
        self.0.iter().all(|(place, filter)| filter.means(batch.value(row, *place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(filter: &Filter, value: Value<'_>) -> bool {
        filter.means(value)
    }

    #[test]
    fn a_value_is_one_of_those_that_are_meant_or_written_like_one() {
        let ids = Filter::one_of("id", Type::Text, &[Value::Text("7"), Value::Text("8")]).expect("texts");
        assert!(means(&ids, Value::Text("8")) && means(&ids, Value::Integer(7)));
        assert!(
            !means(&ids, Value::Text("07")) && !means(&ids, Value::Null) && !means(&ids, Value::Text(""))
        );
        let prices = Filter::one_of("price", Type::Decimal, &[Value::Decimal("1.50")]).expect("decimals");
        assert!(means(&prices, Value::Decimal("01.5")) && !means(&prices, Value::Decimal("-1.5")));
        let nothing = Filter::one_of("id", Type::Text, &[Value::Null]).expect("nothing is of every type");
        assert!(!means(&nothing, Value::Null), "nothing is like nothing");
        assert!(Filter::one_of("id", Type::Text, &[Value::Integer(1)]).is_err());
    }

    #[test]
    fn a_range_of_time_has_its_first_instant_and_not_its_end() {
        let from = Filter { column: "at".to_owned(), test: Test::From(DAY) };
        let before = Filter { column: "at".to_owned(), test: Test::Before(DAY) };
        for (value, is_after) in [
            (Value::Timestamp(DAY - 1), false),
            (Value::Timestamp(DAY), true),
            (Value::Date(0), false),
            (Value::Date(1), true),
        ] {
            assert_eq!((means(&from, value), means(&before, value)), (is_after, !is_after), "{value:?}");
        }
        assert!(!means(&from, Value::Null) && !means(&before, Value::Null));
        assert!(!from.takes(Type::Text));
    }
}
