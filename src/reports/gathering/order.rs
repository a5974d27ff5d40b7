//! In which order rows are shown.

use std::cmp::Ordering;

use crate::reports::language::Cell;

/// Which of two cells of one column comes first. Nothing comes last, whichever way round the others
/// are.
pub fn order(one: &Cell, other: &Cell, descending: bool) -> Ordering {
    let among = match (one, other) {
        (Cell::Null, Cell::Null) => Ordering::Equal,
        (Cell::Null, _) => return Ordering::Greater,
        (_, Cell::Null) => return Ordering::Less,
        (Cell::Integer(one), Cell::Integer(other)) => one.cmp(other),
        (Cell::Text(one), Cell::Text(other)) => one.cmp(other),
        (Cell::Boolean(one), Cell::Boolean(other)) => one.cmp(other),
        (Cell::Moment(one), Cell::Moment(other)) => one.rank().cmp(&other.rank()),
        (one, other) => one.number().unwrap_or(0.0).total_cmp(&other.number().unwrap_or(0.0)),
    };
    if descending { among.reverse() } else { among }
}
