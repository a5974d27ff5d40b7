//! Rows put in by the hundred: one statement of text instead of ten thousand bound values, which
//! is what makes a few seconds out of a minute.

use std::fmt::Write as _;

use crate::domain::Timestamp;

use super::target::Target;
use super::{Dialect, ReferenceError};

/// Bytes after which a statement is sent.
const ENOUGH: usize = 128 * 1024;

/// A cell of a row that is put in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    Null,
    Whole(i64),
    Number(f64),
    /// Money, in millionths.
    Millionths(i64),
    Flag(bool),
    Text(&'a str),
    At(Timestamp),
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Cell::Null, Into::into)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Cell::Text(text)
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Self {
        Cell::Text(text)
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Cell::Whole(number)
    }
}

impl From<f64> for Cell<'_> {
    fn from(number: f64) -> Self {
        Cell::Number(number)
    }
}

impl From<bool> for Cell<'_> {
    fn from(flag: bool) -> Self {
        Cell::Flag(flag)
    }
}

impl From<Timestamp> for Cell<'_> {
    fn from(at: Timestamp) -> Self {
        Cell::At(at)
    }
}

/// The rows of one table that are on their way.
pub(super) struct Insert {
    dialect: Dialect,
    head: String,
    text: String,
}

impl Insert {
    /// Into `table`, whose `columns` are named as in SQL.
    pub(super) fn into(dialect: Dialect, table: &str, columns: &str) -> Self {
        Self { dialect, head: format!("INSERT INTO {table} ({columns}) VALUES "), text: String::new() }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) {
        self.text.push_str(if self.text.is_empty() { &self.head } else { ",\n" });
        for (place, cell) in cells.iter().enumerate() {
            self.text.push(if place == 0 { '(' } else { ',' });
            self.dialect.write(*cell, &mut self.text);
        }
        self.text.push(')');
    }

    /// Whether it is time to send them.
    pub(super) fn is_full(&self) -> bool {
        self.text.len() >= ENOUGH
    }

    /// Sends what there is.
    pub(super) async fn send(&mut self, target: &mut Target) -> Result<(), ReferenceError> {
        if !self.text.is_empty() {
            target.run(&self.text).await?;
            self.text.clear();
        }
        Ok(())
    }
}

impl Dialect {
    fn write(self, cell: Cell<'_>, out: &mut String) {
        // Writing to a text does not fail.
        let _ = match cell {
            Cell::Null => write!(out, "NULL"),
            Cell::Whole(number) => write!(out, "{number}"),
            Cell::Number(number) => write!(out, "{number:?}"),
            Cell::Millionths(number) => {
                write!(out, "'{}.{:06}'", number / 1_000_000, number % 1_000_000)
            }
            Cell::Flag(flag) => write!(out, "{}", if flag { "TRUE" } else { "FALSE" }),
            Cell::Text(text) => return self.write_text(text, out),
            Cell::At(at) => match self {
                Self::Mysql => write!(out, "'{}'", at.to_string().replace('T', " ").trim_end_matches('Z')),
                Self::Sqlite | Self::Postgres => write!(out, "'{at}'"),
            },
        };
    }

    /// Quoted, whatever it is: the names of users are the caller's.
    fn write_text(self, text: &str, out: &mut String) {
        out.push('\'');
        for letter in text.chars() {
            if letter == '\'' || (letter == '\\' && self == Self::Mysql) {
                out.push(letter);
            }
            out.push(letter);
        }
        out.push('\'');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(dialect: Dialect, cells: &[Cell<'_>]) -> String {
        let mut insert = Insert::into(dialect, "t", "a");
        insert.row(cells);
        insert.text
    }

    #[test]
    fn a_text_stays_within_its_quotes() {
        let evil = "o'brien\\'); DROP TABLE users; --";
        let row = |dialect| written(dialect, &[Cell::Text(evil)]);
        assert_eq!(row(Dialect::Sqlite), "INSERT INTO t (a) VALUES ('o''brien\\''); DROP TABLE users; --')");
        assert_eq!(row(Dialect::Mysql), "INSERT INTO t (a) VALUES ('o''brien\\\\''); DROP TABLE users; --')");
    }

    #[test]
    fn cells_are_written_as_each_database_reads_them() {
        let cells = [Cell::Null, (-3).into(), 0.5.into(), Cell::Millionths(1_234), true.into()];
        assert_eq!(
            written(Dialect::Postgres, &cells),
            "INSERT INTO t (a) VALUES (NULL,-3,0.5,'0.001234',TRUE)"
        );
        let at = Cell::At(Timestamp::from_millis(1_763_683_200_007));
        assert!(written(Dialect::Sqlite, &[at]).ends_with("('2025-11-21T00:00:00.007Z')"));
        assert!(written(Dialect::Mysql, &[at]).ends_with("('2025-11-21 00:00:00.007')"));
    }
}
