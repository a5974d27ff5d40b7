//! Why there are no (more) rows.

use std::time::Duration;

use super::Type;

/// What is the matter with some rows, and whose they are. Its words are for whoever asked: no
/// path, no SQL, nothing of what is in a cell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("data set {data_set}{}: {fault}", of_section(section.as_ref()))]
pub struct DataError {
    /// The data set.
    pub data_set: String,
    /// Which of its queries, where it is about one.
    pub section: Option<String>,
    /// What is the matter.
    pub fault: DataFault,
}

/// What is the matter with some rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataFault {
    /// There is no such data set (any more), or it is not for this asker.
    #[error("is not there")]
    NotThere,
    /// Its source does not answer, or went away in the middle.
    #[error("its source does not answer{}; try again later", after_row(*row))]
    SourceLost {
        /// Rows that had come, where some had.
        row: Option<u64>,
    },
    /// The source refuses the query.
    #[error("its query fails{}: {why}", after_row(*row))]
    Query {
        /// Rows that had come, where some had.
        row: Option<u64>,
        /// What the source says, without the query's text: a code, and words of ours.
        why: String,
    },
    /// A file that its rows are in is not what it should be, or changed meanwhile.
    #[error("a file of its source {why}{}", after_row(*row))]
    File {
        /// Rows that had come, where some had.
        row: Option<u64>,
        /// What is the matter with it, without its name.
        why: String,
    },
    /// A cell is not of the type that was declared.
    #[error("row {row}, column `{column}`: {why}; declared as {declared}")]
    NotOfType {
        /// The row, counted from 1.
        row: u64,
        /// The column.
        column: String,
        /// What it was declared as.
        declared: Type,
        /// What it is instead.
        why: String,
    },
    /// Other columns came than were declared.
    #[error("its columns are not those that were declared: {0}")]
    Columns(String),
    /// A value for a parameter is missing, of another type or out of bounds.
    #[error("parameter `{name}` {why}")]
    Parameter {
        /// The parameter.
        name: String,
        /// What is the matter with it.
        why: String,
    },
    /// Not as many rows came as the source had counted in the same snapshot.
    #[error("{counted} {} counted and {came} came: something is missing", if *counted == 1 { "row was" } else { "rows were" })]
    Miscounted {
        /// By the source.
        counted: u64,
        /// By us.
        came: u64,
    },
    /// The query took longer than its deadline.
    #[error("its query took longer than {}{}", humantime::format_duration(*after), after_row(*row))]
    Deadline {
        /// The deadline.
        after: Duration,
        /// Rows that had come, where some had.
        row: Option<u64>,
    },
    /// A file is not what it should be.
    #[error("line {line}, column {column}: {why}")]
    NotReadable {
        /// The line, counted from 1.
        line: u64,
        /// The character in it, counted from 1.
        column: u64,
        /// What is the matter there.
        why: String,
    },
    /// A row cannot be written in this format.
    #[error("row {row}, column `{column}` cannot be written: {why}")]
    NotWritable {
        /// The row, counted from 1.
        row: u64,
        /// The column.
        column: String,
        /// Why.
        why: String,
    },
    /// A report cannot be rendered.
    #[error("template {template}: {why}")]
    Template {
        /// Which.
        template: String,
        /// Why, with the line where there is one.
        why: String,
    },
    /// Nobody wants them any more.
    #[error("was stopped")]
    Stopped,
}

fn of_section(section: Option<&String>) -> String {
    section.map(|section| format!(", {section}")).unwrap_or_default()
}

fn after_row(row: Option<u64>) -> String {
    row.map(|row| format!(" after row {row}")).unwrap_or_default()
}
