//! How the databases' SQL differs in what a scanner must know.

use std::fmt::Write as _;

/// Whose SQL it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::datasets) enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
    /// MySQL and MariaDB.
    Mysql,
}

impl Dialect {
    /// Writes what stands for the argument at `place`, counted from 1. Where arguments have
    /// numbers, one that is used twice is the same expression twice, as `GROUP BY` wants it.
    pub(super) fn write_placeholder(self, place: usize, sql: &mut String) {
        let _ = match self {
            Self::Postgres => write!(sql, "${place}"),
            Self::Sqlite => write!(sql, "?{place}"),
            Self::Mysql => write!(sql, "?"),
        };
    }

    /// Whether one argument can be used in several places.
    pub(super) fn has_numbers(self) -> bool {
        self != Self::Mysql
    }

    /// Most arguments that one statement takes.
    pub(in crate::datasets) fn most_arguments(self) -> usize {
        match self {
            Self::Postgres | Self::Mysql => 65_535,
            Self::Sqlite => 32_766,
        }
    }

    /// Whether `\'` does not end a string that began with `quote`.
    pub(super) fn escapes(self, quote: u8) -> bool {
        self == Self::Mysql && quote != b'`'
    }

    /// Whether `byte` begins something quoted.
    pub(super) fn quotes(self, byte: u8) -> bool {
        matches!(byte, b'\'' | b'"') || (byte == b'`' && self != Self::Postgres)
    }
}
