//! What a source says is wrong, in words that may go to whoever asked.

use sqlx::mysql::MySqlDatabaseError;

use crate::records::DataFault;

/// Why a source does not give what it should.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::datasets) enum Trouble {
    /// It does not answer, or went away; why, for the log.
    Lost(String),
    /// It refuses the query.
    Refused {
        /// Words of ours, for whoever asked.
        why: String,
        /// What it said, for the log.
        said: String,
    },
    /// It took too long, says the source.
    Late,
    /// Something that has its own words.
    Fault(DataFault),
}

impl From<DataFault> for Trouble {
    fn from(fault: DataFault) -> Self {
        Self::Fault(fault)
    }
}

impl Trouble {
    /// What a driver's error is.
    pub(super) fn of(error: &sqlx::Error) -> Self {
        let Some(told) = error.as_database_error() else { return without_code(error) };
        let code = told.code().unwrap_or_default().into_owned();
        let number = told.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number);
        let is_sqlite = told.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some();
        let said = format!("{code}: {}", without_values(&code, told.message()));
        match (code.as_str(), number) {
            _ if is_sqlite => sqlite(&code, said),
            // MySQL: query execution was interrupted, maximum statement execution time exceeded.
            (_, Some(3024 | 1969)) | ("57014", _) => Self::Late,
            // Server shutdown, connection killed, query interrupted by KILL.
            (_, Some(1053 | 1317 | 1927)) | ("57P01" | "57P02" | "57P03", _) => Self::Lost(said),
            (code, _) if code.starts_with("08") || code.starts_with("28") => Self::Lost(said),
            // MySQL: access denied, unknown database, too many connections; PostgreSQL: the like.
            (_, Some(1040 | 1044 | 1045 | 1049 | 1203)) | ("3D000" | "53300", _) => Self::Lost(said),
            (code, _) => Self::Refused { why: format!("{} ({code})", words(code)), said },
        }
    }
}

fn without_code(error: &sqlx::Error) -> Trouble {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            Trouble::Lost(error.to_string())
        }
        _ => Trouble::Refused { why: "it cannot be run".to_owned(), said: error.to_string() },
    }
}

/// SQLite's result codes (<https://www.sqlite.org/rescode.html>); the primary one is the low byte.
fn sqlite(code: &str, said: String) -> Trouble {
    let primary = code.parse::<i32>().unwrap_or_default() & 0xff;
    match primary {
        // BUSY, LOCKED, IOERR, CORRUPT, CANTOPEN, NOTADB.
        5 | 6 | 10 | 11 | 14 | 26 => Trouble::Lost(said),
        // INTERRUPT: only ours.
        9 => Trouble::Late,
        8 => Trouble::Refused { why: "it writes, and data sets only read (8)".to_owned(), said },
        1 => Trouble::Refused { why: format!("{} (1)", sqlite_words(&said)), said },
        _ => Trouble::Refused { why: format!("the source refuses it ({code})"), said },
    }
}

/// SQLite has one code for whatever is wrong with SQL; the difference is in its words.
fn sqlite_words(said: &str) -> &'static str {
    let said = said.trim_start_matches("1: ");
    match said {
        said if said.starts_with("no such table") => words("42P01"),
        said if said.starts_with("no such column") => words("42703"),
        said if said.starts_with("no such function") => words("42883"),
        said if said.ends_with("syntax error") => words("42601"),
        _ => "it is not valid here",
    }
}

/// What a SQLSTATE means (ISO/IEC 9075; PostgreSQL, appendix A; MySQL's error reference).
fn words(code: &str) -> &'static str {
    match code {
        "42601" | "42000" => "its syntax is wrong, or it may not read that",
        "42P01" | "42S02" => "it names a table that is not there",
        "42703" | "42S22" => "it names a column that is not there",
        "42501" => "it may not read that",
        "42P18" => "a parameter's type cannot be told; add a cast",
        "42883" => "it calls a function that is not there, or compares what cannot be compared",
        "22012" => "it divides by zero",
        "25006" => "it writes, and data sets only read",
        code if code.starts_with("22") => "a value in it cannot be converted",
        code if code.starts_with("40") => "it was in conflict with others",
        code if code.starts_with("42") => "it is not valid here",
        code if code.starts_with("53") => "the source has no room for it",
        _ => "the source refuses it",
    }
}

/// What the source said, for the log. Where it may repeat what is in a cell (class 22 and others),
/// what stands in quotes is left out; in class 42, and in what SQLite says, these are names that the
/// operator needs.
fn without_values(code: &str, message: &str) -> String {
    let is_sqlite = code.len() < 5;
    if code.starts_with("42") || is_sqlite {
        return message.to_owned();
    }
    let mut kept = String::new();
    let mut open = None;
    for letter in message.chars() {
        match (open, letter) {
            (None, '\'' | '"' | '`') => {
                open = Some(letter);
                kept.push('…');
            }
            (Some(quote), letter) if letter == quote => open = None,
            (None, letter) => kept.push(letter),
            _ => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_value_is_left_out_of_the_log_and_names_are_not() {
        let bad = "invalid input syntax for type integer: \"my secret\"";
        assert_eq!(without_values("22P02", bad), "invalid input syntax for type integer: …");
        assert_eq!(
            without_values("22007", "Incorrect datetime value: 'it''s'"),
            "Incorrect datetime value: ……"
        );
        assert_eq!(
            without_values("42703", "column \"nope\" does not exist"),
            "column \"nope\" does not exist"
        );
        assert_eq!(without_values("1", "no such column: nope"), "no such column: nope");
    }
}
