//! A transaction of MySQL or MariaDB, and what is asked in it.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::mysql::{MySqlArguments, MySqlConnectOptions, MySqlConnection, MySqlRow};
use sqlx::{
    Arguments, AssertSqlSafe, Column, ConnectOptions, Executor, Row, SqlSafeStr, Statement, TypeInfo,
};

use super::super::{Found, Snapshot, Source, Trouble};
use super::cells::{self, Coding};
use crate::datasets::reading::Flow;
use crate::datasets::sql::Bound;
use crate::datasets::{Argument, instants};
use crate::records::Value;

/// How long a connection may take whose only purpose is to end another.
const KILLING: Duration = Duration::from_secs(5);
/// What MySQL warns of when a text that is compared with a number is none as a whole (`ER_TRUNCATED_WRONG_VALUE`).
const TRUNCATED: i64 = 1292;

/// Opens a transaction at the server that `options` name.
pub(in super::super) async fn open(
    source: &Source,
    options: &MySqlConnectOptions,
) -> Result<Box<dyn Snapshot>, Trouble> {
    let of = |error: sqlx::Error| Trouble::of(&error);
    let mut connection = options.connect().await.map_err(of)?;
    let about =
        connection.fetch_one("SELECT CAST(CONNECTION_ID() AS SIGNED), VERSION()").await.map_err(of)?;
    let id: i64 = about.try_get(0).map_err(of)?;
    let version: String = about.try_get(1).map_err(of)?;
    // The server's own deadline is only for when ours is not there any more to look.
    let deadline = source.timeout + Duration::from_secs(1);
    let (limit, exactly) = match version.contains("MariaDB") {
        true => (
            format!("SET SESSION max_statement_time = {}", deadline.as_secs_f64()),
            " COLLATE utf8mb4_nopad_bin",
        ),
        false => (
            format!("SET SESSION max_execution_time = {}", deadline.as_millis()),
            " COLLATE utf8mb4_0900_bin",
        ),
    };
    for statement in [
        limit,
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ".to_owned(),
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY".to_owned(),
    ] {
        connection.execute(sqlx::raw_sql(AssertSqlSafe(statement))).await.map_err(of)?;
    }
    Ok(Box::new(MysqlSnapshot { connection, id, exactly, options: options.clone() }))
}

struct MysqlSnapshot {
    connection: MySqlConnection,
    /// What the server calls the connection.
    id: i64,
    /// What makes a comparison one of bytes: the usual collations take `DEMO`, `dèmo` and `demo `
    /// for `demo`, and even `utf8mb4_bin` takes the last for it.
    exactly: &'static str,
    /// To reach the server a second time, when this connection does not listen.
    options: MySqlConnectOptions,
}

impl MysqlSnapshot {
    /// Refuses what the server only warns of: that `42abc` was compared with a number, as 42.
    async fn refuse_half_numbers(&mut self) -> Result<(), Trouble> {
        let warnings = self.connection.fetch_all(sqlx::raw_sql("SHOW WARNINGS LIMIT 64"));
        for row in warnings.await.map_err(|error| Trouble::of(&error))? {
            let code = row.try_get_unchecked::<String, _>(1).unwrap_or_default();
            if code.parse() == Ok(TRUNCATED) {
                let why = "it compares a text with a number, and the text is none (1292)".to_owned();
                return Err(Trouble::Refused { why, said: String::new() });
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Snapshot for MysqlSnapshot {
    async fn columns(&mut self, query: &Bound) -> Result<Vec<Found>, Trouble> {
        let sql = AssertSqlSafe(query.exactly(self.exactly)).into_sql_str();
        let prepared = self.connection.prepare(sql).await.map_err(|error| Trouble::of(&error))?;
        let found = |column: &sqlx::mysql::MySqlColumn| {
            let told = column.type_info().name();
            let gives = Coding::of(column.type_info()).gives();
            Found { name: column.name().to_owned(), told: told.to_lowercase(), gives }
        };
        Ok(prepared.columns().iter().map(found).collect())
    }

    async fn number(&mut self, query: &Bound) -> Result<u64, Trouble> {
        let row = self
            .connection
            .fetch_one(asked(query, self.exactly)?)
            .await
            .map_err(|error| Trouble::of(&error))?;
        let coding = row.columns().first().map(|column| Coding::of(column.type_info()));
        let number = match coding.map(|coding| cells::value(&row, 0, coding)) {
            Some(Ok(Ok(Value::Integer(number)))) => u64::try_from(number).unwrap_or_default(),
            _ => return Err(super::super::snapshot::no_number()),
        };
        drop(row);
        self.refuse_half_numbers().await?;
        Ok(number)
    }

    async fn read(&mut self, query: &Bound, flow: &mut Flow) -> Result<(), Trouble> {
        // A limit of the session holds for a query without one of its own, and keeps its order.
        let most = flow.cut().map_or("DEFAULT".to_owned(), |most| most.to_string());
        let limit = sqlx::raw_sql(AssertSqlSafe(format!("SET SESSION sql_select_limit = {most}")));
        self.connection.execute(limit).await.map_err(|error| Trouble::of(&error))?;
        let mut rows = self.connection.fetch(asked(query, self.exactly)?);
        let mut codings = Vec::new();
        while let Some(row) = rows.try_next().await.map_err(|error| Trouble::of(&error))? {
            if flow.is_open() {
                if codings.is_empty() {
                    codings = codings_of(&row, flow);
                }
                add(&row, flow, &codings)?;
            }
            if !flow.end_row().await? {
                break;
            }
        }
        Ok(())
    }

    async fn stop(&mut self) {
        let killing = async {
            let mut other = self.options.connect().await?;
            other.execute(sqlx::raw_sql(AssertSqlSafe(format!("KILL {}", self.id)))).await
        };
        match tokio::time::timeout(KILLING, killing).await {
            Ok(Ok(_)) => {}
            // The server's own deadline ends it then.
            Ok(Err(_)) | Err(_) => tracing::warn!("a query could not be stopped at its source"),
        }
    }
}

fn codings_of(row: &MySqlRow, flow: &Flow) -> Vec<(usize, Coding)> {
    let ordinals = (0..flow.targets()).map(|target| flow.ordinal(target));
    ordinals.map(|ordinal| (ordinal, Coding::of(row.columns()[ordinal].type_info()))).collect()
}

fn add(row: &MySqlRow, flow: &mut Flow, codings: &[(usize, Coding)]) -> Result<(), Trouble> {
    for (target, (ordinal, coding)) in codings.iter().enumerate() {
        match cells::value(row, *ordinal, *coding)? {
            Ok(value) => flow.cell(target, value)?,
            Err(why) => return Err(flow.not_of_type(target, why).into()),
        }
    }
    Ok(())
}

fn asked(
    query: &Bound,
    exactly: &str,
) -> Result<sqlx::query::Query<'static, sqlx::MySql, MySqlArguments>, Trouble> {
    let mut arguments = MySqlArguments::default();
    for argument in &query.arguments {
        let added = match argument {
            Argument::Text(text) | Argument::Decimal(text) => arguments.add(text.clone()),
            Argument::Integer(number) => arguments.add(*number),
            Argument::Number(number) => arguments.add(*number),
            Argument::Boolean(flag) => arguments.add(*flag),
            Argument::Timestamp(micros) => arguments.add(instants::instant_text(*micros, ' ')),
            Argument::Date(days) => arguments.add(instants::day_text(i64::from(*days))),
        };
        added.map_err(|error| Trouble::Refused {
            why: "a value cannot be bound".to_owned(),
            said: error.to_string(),
        })?;
    }
    Ok(sqlx::query_with(AssertSqlSafe(query.exactly(exactly)), arguments))
}
