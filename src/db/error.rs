//! What can go wrong with a database, in three words.

use sea_orm::{DbErr, RuntimeErr};

/// Why rows could not be read or written. Details are for the log, never for a client.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not answer, or not in time: gone, locked, out of connections. Worth trying again.
    #[error("the database does not answer")]
    Unavailable(#[source] DbErr),
    /// A row says what no row of ours says.
    #[error("a row of {table} cannot be understood: {what}")]
    Corrupt {
        /// Where it lies.
        table: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// Its schema is not the one this version needs.
    #[error("the schema has {applied} of this version's {known} migrations; run `exportd migrate up`")]
    NotMigrated {
        /// Migrations it has.
        applied: usize,
        /// Migrations this version knows.
        known: usize,
    },
    /// Its schema was made by a newer version.
    #[error("the schema was made by a newer version of exportd (it has {0}); use that version")]
    TooNew(String),
    /// The address names no database we know.
    #[error("`database.url` must begin with sqlite:// or postgres://")]
    UnknownKind,
    /// Row security is required, and does not bind the server's role.
    #[error(
        "row security does not bind {role}, the role of `database.url`: {why}; give the server a role of its own and \
         `database.migrate_url` the owner's, as docs/postgres.md shows"
    )]
    Unbound {
        /// The role.
        role: String,
        /// How it gets past.
        why: &'static str,
    },
    /// It refused a statement: a fault of ours.
    #[error("the database refused a statement")]
    Refused(#[source] DbErr),
}

impl StoreError {
    /// Whether the same call may work a little later.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// The same once more, for each of several who waited for one statement.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::Unavailable(error) => Self::Unavailable(error.clone()),
            Self::Corrupt { table, what } => Self::Corrupt { table, what: what.clone() },
            Self::NotMigrated { applied, known } => Self::NotMigrated { applied: *applied, known: *known },
            Self::TooNew(migration) => Self::TooNew(migration.clone()),
            Self::UnknownKind => Self::UnknownKind,
            Self::Unbound { role, why } => Self::Unbound { role: role.clone(), why },
            Self::Refused(error) => Self::Refused(error.clone()),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if is_away(&error) { Self::Unavailable(error) } else { Self::Refused(error) }
    }
}

/// Whether it is the database that is away, rather than a statement that is wrong.
fn is_away(error: &DbErr) -> bool {
    let runtime = match error {
        DbErr::ConnectionAcquire(_) => return true,
        DbErr::Conn(error) | DbErr::Exec(error) | DbErr::Query(error) => error,
        _ => return false,
    };
    let RuntimeErr::SqlxError(error) = runtime else { return false };
    match error.as_ref() {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_away_code(&code)),
        _ => false,
    }
}

/// SQLite: 5 busy, 6 locked, 10 I/O, 13 full, 14 cannot open, and their extended codes.
/// PostgreSQL: class 08 connection, 40 rolled back for another's sake, 53 resources, 57 operator,
/// 55P03 lock not available, 25P03 idle too long.
///
/// Sources: sqlite.org/rescode.html; PostgreSQL 15, Appendix A.
fn is_away_code(code: &str) -> bool {
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6 | 10 | 13 | 14),
        _ => {
            ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class))
                || code == "55P03"
                || code == "25P03"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_away_code;

    #[test]
    fn busy_is_away_and_a_broken_rule_is_a_fault_of_ours() {
        for code in ["5", "517", "261", "6", "13", "08006", "40001", "40P01", "53300", "57P01", "55P03"] {
            assert!(is_away_code(code), "{code}");
        }
        for code in ["1", "19", "2067", "23505", "42P01"] {
            assert!(!is_away_code(code), "{code}");
        }
    }
}
