//! SQLite: a file, opened to be read only, in one deferred transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteRow, SqliteValueRef};
use sqlx::{
    Arguments, AssertSqlSafe, Column, ConnectOptions, Decode, Executor, Row, SqlSafeStr, Sqlite, Statement,
    TypeInfo, ValueRef,
};

use super::{Found, Gives, Snapshot, Trouble};
use crate::datasets::reading::Flow;
use crate::datasets::sql::Bound;
use crate::datasets::{Argument, instants};
use crate::records::{Type, Value};

/// Instructions of its virtual machine between two looks at whether to stop: about a millisecond.
const INSTRUCTIONS: i32 = 10_000;
/// What makes a comparison one of bytes; without it a column made with `COLLATE NOCASE` or `RTRIM`
/// takes one user for another.
const EXACTLY: &str = " COLLATE BINARY";

/// Opens the file that `options` names.
pub(super) async fn open(options: &SqliteConnectOptions) -> Result<Box<dyn Snapshot>, Trouble> {
    let mut connection = options.connect().await.map_err(lost)?;
    let stopped = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stopped);
    let mut handle = connection.lock_handle().await.map_err(lost)?;
    handle.set_progress_handler(INSTRUCTIONS, move || !seen.load(Ordering::Relaxed));
    drop(handle);
    // A deferred transaction is of the moment of its first read.
    for statement in ["BEGIN DEFERRED", "SELECT count(*) FROM sqlite_schema"] {
        connection.execute(statement).await.map_err(lost)?;
    }
    Ok(Box::new(SqliteSnapshot { connection, stopped }))
}

/// Whatever goes wrong before a query runs is the file's fault.
fn lost(error: sqlx::Error) -> Trouble {
    match Trouble::of(&error) {
        Trouble::Refused { said, .. } => Trouble::Lost(said),
        other => other,
    }
}

struct SqliteSnapshot {
    connection: SqliteConnection,
    /// Makes whatever runs end, from any thread.
    stopped: Arc<AtomicBool>,
}

#[async_trait]
impl Snapshot for SqliteSnapshot {
    async fn columns(&mut self, query: &Bound) -> Result<Vec<Found>, Trouble> {
        let sql = AssertSqlSafe(query.exactly(EXACTLY)).into_sql_str();
        let prepared = self.connection.prepare(sql).await.map_err(|error| Trouble::of(&error))?;
        Ok(prepared.columns().iter().map(|column| found(column.name(), column.type_info().name())).collect())
    }

    async fn number(&mut self, query: &Bound) -> Result<u64, Trouble> {
        let row = self.connection.fetch_one(asked(query)?).await.map_err(|error| Trouble::of(&error))?;
        match row.try_get_raw(0).map(cell) {
            Ok(Ok(Value::Integer(number))) => Ok(u64::try_from(number).unwrap_or_default()),
            _ => Err(super::snapshot::no_number()),
        }
    }

    async fn read(&mut self, query: &Bound, flow: &mut Flow) -> Result<(), Trouble> {
        let mut rows = self.connection.fetch(asked(query)?);
        while let Some(row) = rows.try_next().await.map_err(|error| Trouble::of(&error))? {
            if flow.is_open() {
                add(&row, flow)?;
            }
            if !flow.end_row().await? {
                break;
            }
        }
        Ok(())
    }

    async fn stop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

impl Drop for SqliteSnapshot {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

fn asked(query: &Bound) -> Result<sqlx::query::Query<'static, Sqlite, SqliteArguments>, Trouble> {
    let mut arguments = SqliteArguments::default();
    for argument in &query.arguments {
        add_argument(&mut arguments, argument).map_err(|error| Trouble::Refused {
            why: "a value cannot be bound".to_owned(),
            said: error.to_string(),
        })?;
    }
    Ok(sqlx::query_with(AssertSqlSafe(query.exactly(EXACTLY)), arguments))
}

/// Instants are bound as `YYYY-MM-DDTHH:MM:SS`, in UTC: SQLite's own functions take that, and as a
/// text it stands before every spelling in RFC 3339 of the same second.
fn add_argument(
    arguments: &mut SqliteArguments,
    argument: &Argument,
) -> Result<(), sqlx::error::BoxDynError> {
    match argument {
        Argument::Text(text) | Argument::Decimal(text) => arguments.add(text.clone()),
        Argument::Integer(number) => arguments.add(*number),
        Argument::Number(number) => arguments.add(*number),
        Argument::Boolean(flag) => arguments.add(i64::from(*flag)),
        Argument::Timestamp(micros) => arguments.add(instants::instant_text(*micros, 'T')),
        Argument::Date(days) => arguments.add(instants::day_text(i64::from(*days))),
    }
}

fn add(row: &SqliteRow, flow: &mut Flow) -> Result<(), Trouble> {
    for target in 0..flow.targets() {
        let ordinal = flow.ordinal(target);
        let value = row.try_get_raw(ordinal).map_err(|error| Trouble::of(&error))?;
        match cell(value) {
            Ok(value) => flow.cell(target, value)?,
            Err(why) => return Err(flow.not_of_type(target, why).into()),
        }
    }
    Ok(())
}

/// A cell as SQLite keeps it: by its value and not by its column.
fn cell<'r>(value: SqliteValueRef<'r>) -> Result<Value<'r>, &'static str> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let cell = match value.type_info().name() {
        "INTEGER" => <i64 as Decode<'_, Sqlite>>::decode(value).map(Value::Integer),
        "REAL" => <f64 as Decode<'_, Sqlite>>::decode(value).map(Value::Number),
        "TEXT" => <&'r str as Decode<'r, Sqlite>>::decode(value).map(Value::Text),
        _ => <&'r [u8] as Decode<'r, Sqlite>>::decode(value).map(Value::Bytes),
    };
    cell.map_err(|_| "is not UTF-8")
}

fn found(name: &str, told: &str) -> Found {
    let gives = match told {
        "TEXT" => Gives::Loose(Type::Text),
        "INTEGER" | "INT4" => Gives::Loose(Type::Integer),
        "REAL" => Gives::Loose(Type::Number),
        "BLOB" => Gives::Loose(Type::Bytes),
        "BOOLEAN" => Gives::Loose(Type::Boolean),
        "DATE" => Gives::Loose(Type::Date),
        "DATETIME" => Gives::Loose(Type::Timestamp),
        _ => Gives::Any,
    };
    let told = if told == "NULL" { "an expression" } else { told };
    Found { name: name.to_owned(), told: told.to_owned(), gives }
}
