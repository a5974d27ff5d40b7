//! How many of a query's rows are wanted, and what leaves out the others.

use crate::datasets::query::Query;
use crate::records::{LeftOut, LimitOf};

/// What of a query's rows is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Share {
    /// How many rows.
    pub(super) wanted: u64,
    /// What leaves out the others, each with how many.
    pub(super) left_out: Vec<LeftOut>,
}

impl Share {
    /// Of `counted` rows that `query` gives, where the house lets in `most`. `asked` is what the
    /// request's own limit has left out before they were counted.
    pub(super) fn of(query: &Query, most: Option<u64>, counted: u64, asked: Option<LeftOut>) -> Self {
        let own = query.max_rows.map(|most| (most, LimitOf::DataSet));
        let house = most.map(|most| (most, LimitOf::House));
        let narrowest = [own, house].into_iter().flatten().min_by_key(|(most, _)| *most);
        let cut = narrowest.filter(|(most, _)| *most < counted);
        let cut = cut.map(|(most, limit)| LeftOut { rows: counted - most, most, limit });
        let wanted = cut.map_or(counted, |cut| cut.most);
        Self { wanted, left_out: asked.into_iter().chain(cut).collect() }
    }

    /// The same rows of a reading that looked at fewer than `most`.
    pub(super) fn again(query: &Query, most: Option<u64>, rows: u64, left_out: &[LeftOut]) -> Self {
        let is_asked = |left_out: &&LeftOut| left_out.limit == LimitOf::Request;
        let cut: u64 = left_out.iter().filter(|one| !is_asked(one)).map(|left_out| left_out.rows).sum();
        Self::of(query, most, rows + cut, left_out.iter().find(is_asked).copied())
    }
}
