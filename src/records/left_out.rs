//! Rows that are there, and are not in a document.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Rows of a section that one limit leaves out of its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// How many.
    pub rows: u64,
    /// How many the limit lets in.
    pub most: u64,
    /// Whose limit it is.
    pub limit: LimitOf,
}

/// Whose limit leaves rows out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitOf {
    /// Whoever asked wanted no more: `limit` of the selector.
    Request,
    /// The data set's own: `max_rows` of its query.
    DataSet,
    /// The house's, for all exports of a kind: `limits.*`.
    House,
}

impl LimitOf {
    /// The word in templates.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::DataSet => "data_set",
            Self::House => "house",
        }
    }
}

impl LeftOut {
    /// Why, as a sentence without its beginning and its end.
    pub fn why(&self) -> String {
        let most = rows(self.most);
        match self.limit {
            LimitOf::Request => format!("no more than {most} of this was asked for (`limit`)"),
            LimitOf::DataSet => format!("this data set gives at most {most} of this; ask for a part"),
            LimitOf::House => format!("an export has at most {most} of this; ask for a part"),
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let are = if self.rows == 1 { "is" } else { "are" };
        write!(f, "{} {are} left out: {}", rows(self.rows), self.why())
    }
}

fn rows(count: u64) -> String {
    format!("{count} {}", if count == 1 { "row" } else { "rows" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_is_left_out_and_two_are() {
        let told = |rows, most, limit| LeftOut { rows, most, limit }.to_string();
        assert_eq!(
            told(1, 20, LimitOf::House),
            "1 row is left out: an export has at most 20 rows of this; ask for a part"
        );
        assert_eq!(
            told(2, 1, LimitOf::DataSet),
            "2 rows are left out: this data set gives at most 1 row of this; ask for a part"
        );
        assert_eq!(
            told(7, 1, LimitOf::Request),
            "7 rows are left out: no more than 1 row of this was asked for (`limit`)"
        );
    }
}
