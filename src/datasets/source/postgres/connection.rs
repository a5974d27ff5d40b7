//! A transaction of PostgreSQL, and what is asked in it.

use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow, PgStatement};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Either, Executor, Row, SqlSafeStr, Statement, TypeInfo, ValueRef,
};

use super::super::{Found, Snapshot, Source, Trouble};
use super::arguments::{self, Exactness};
use super::cells;
use crate::datasets::reading::Flow;
use crate::datasets::sql::Bound;
use crate::records::Value;

/// Milliseconds after which the server notices that we have hung up, in the middle of a query.
const LOOK: u32 = 250;

/// Opens a transaction at the server that `options` name.
pub(in super::super) async fn open(
    source: &Source,
    options: &PgConnectOptions,
) -> Result<Box<dyn Snapshot>, Trouble> {
    let of = |error: sqlx::Error| Trouble::of(&error);
    let mut connection = options.connect().await.map_err(of)?;
    // The server's own deadline is only for when ours is not there any more to look.
    let deadline = source.timeout.as_millis().saturating_add(1_000).min(i32::MAX.unsigned_abs().into());
    let settings = format!(
        "SELECT set_config(name, '{LOOK}', false) FROM pg_settings WHERE name = 'client_connection_check_interval'; \
         SET statement_timeout = {deadline}; SET timezone = 'UTC'"
    );
    // The first query fixes the moment that all others see.
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1".to_owned();
    for statements in [settings, begin] {
        connection.execute(sqlx::raw_sql(AssertSqlSafe(statements))).await.map_err(of)?;
    }
    Ok(Box::new(PostgresSnapshot { connection, has_loose: None }))
}

/// What makes a comparison one of bytes.
const EXACTLY: &str = "::text COLLATE \"C\"";
/// Whether any collation takes different texts for equal. Before PostgreSQL 12 there is none, nor
/// the column that tells.
const HAS_LOOSE: &str = "SELECT EXISTS (SELECT FROM pg_collation c \
    WHERE to_jsonb(c) ->> 'collisdeterministic' = 'false')";

struct PostgresSnapshot {
    connection: PgConnection,
    /// Whether the database has a collation that takes different texts for equal, once it was asked.
    has_loose: Option<bool>,
}

impl PostgresSnapshot {
    async fn prepare(&mut self, sql: &str) -> Result<PgStatement, Trouble> {
        let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
        self.connection.prepare(sql).await.map_err(|error| Trouble::of(&error))
    }

    /// The query's SQL, in which the owner's id is compared by its bytes. Mostly it is already, and
    /// every index is of use; where the place is one of `citext` or `char(n)`, or a collation might
    /// take other ids for this one, it is made so.
    async fn exact(&mut self, query: &Bound) -> Result<String, Trouble> {
        let Some(owner) = query.owner() else { return Ok(query.sql.clone()) };
        let prepared = self.prepare(&query.sql).await?;
        let kind = match prepared.parameters() {
            Some(Either::Left(types)) => types.get(owner),
            _ => None,
        };
        let is_loose = match kind.map_or(Exactness::Always, arguments::exactness) {
            Exactness::Always => false,
            Exactness::Never => true,
            Exactness::ByCollation => self.has_loose().await?,
        };
        Ok(if is_loose { query.exactly(EXACTLY) } else { query.sql.clone() })
    }

    async fn has_loose(&mut self) -> Result<bool, Trouble> {
        if let Some(known) = self.has_loose {
            return Ok(known);
        }
        let row = self.connection.fetch_one(HAS_LOOSE).await.map_err(|error| Trouble::of(&error))?;
        let found = row.try_get(0).map_err(|error| Trouble::of(&error))?;
        Ok(*self.has_loose.insert(found))
    }

    /// The query with its values, as the types that the server finds their places to have.
    async fn asked(&mut self, query: &Bound) -> Result<Asked, Trouble> {
        let sql = self.exact(query).await?;
        let prepared = self.prepare(&sql).await?;
        let types = match prepared.parameters() {
            Some(Either::Left(types)) => types.to_vec(),
            _ => Vec::new(),
        };
        let arguments = arguments::bind(query, &types)?;
        Ok(sqlx::query_with(AssertSqlSafe(sql), arguments))
    }
}

type Asked = sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments>;

#[async_trait]
impl Snapshot for PostgresSnapshot {
    async fn columns(&mut self, query: &Bound) -> Result<Vec<Found>, Trouble> {
        let sql = self.exact(query).await?;
        let prepared = self.prepare(&sql).await?;
        let found = |column: &sqlx::postgres::PgColumn| Found {
            name: column.name().to_owned(),
            told: column.type_info().name().to_lowercase(),
            gives: cells::Coding::of(column.type_info()).gives(),
        };
        Ok(prepared.columns().iter().map(found).collect())
    }

    async fn number(&mut self, query: &Bound) -> Result<u64, Trouble> {
        let asked = self.asked(query).await?;
        let row = self.connection.fetch_one(asked).await.map_err(|error| Trouble::of(&error))?;
        let mut text = String::new();
        let coding = row.columns().first().map(|column| cells::Coding::of(column.type_info()));
        match coding.map(|coding| value(&row, 0, coding, &mut text)) {
            Some(Ok(Ok(Value::Integer(number)))) => Ok(u64::try_from(number).unwrap_or_default()),
            _ => Err(super::super::snapshot::no_number()),
        }
    }

    async fn read(&mut self, query: &Bound, flow: &mut Flow) -> Result<(), Trouble> {
        // What is left out is not even sent. The order inside is kept: there is nothing outside to
        // order, join or group by.
        let asked = match flow.cut() {
            Some(most) => {
                self.asked(&query.within("SELECT * FROM (", &format!(") AS cut LIMIT {most}"))).await?
            }
            None => self.asked(query).await?,
        };
        let mut rows = self.connection.fetch(asked);
        let mut codings = Vec::new();
        let mut text = String::new();
        while let Some(row) = rows.try_next().await.map_err(|error| Trouble::of(&error))? {
            if flow.is_open() {
                if codings.is_empty() {
                    codings = codings_of(&row, flow);
                }
                add(&row, flow, &codings, &mut text)?;
            }
            if !flow.end_row().await? {
                break;
            }
        }
        Ok(())
    }

    async fn stop(&mut self) {
        // Hanging up is enough: the server looks (`client_connection_check_interval`).
    }
}

/// How the cells of each target are coded; alike in all rows.
fn codings_of(row: &PgRow, flow: &Flow) -> Vec<(usize, cells::Coding)> {
    let ordinals = (0..flow.targets()).map(|target| flow.ordinal(target));
    ordinals.map(|ordinal| (ordinal, cells::Coding::of(row.columns()[ordinal].type_info()))).collect()
}

#[inline]
fn add(
    row: &PgRow,
    flow: &mut Flow,
    codings: &[(usize, cells::Coding)],
    text: &mut String,
) -> Result<(), Trouble> {
    for (target, (ordinal, coding)) in codings.iter().enumerate() {
        match value(row, *ordinal, *coding, text)? {
            Ok(value) => flow.cell(target, value)?,
            Err(why) => return Err(flow.not_of_type(target, why).into()),
        }
    }
    Ok(())
}

#[inline]
fn value<'a>(
    row: &'a PgRow,
    ordinal: usize,
    coding: cells::Coding,
    text: &'a mut String,
) -> Result<Result<Value<'a>, &'static str>, Trouble> {
    let raw = row.try_get_raw(ordinal).map_err(|error| Trouble::of(&error))?;
    if raw.is_null() {
        return Ok(Ok(Value::Null));
    }
    let bytes = raw.as_bytes().map_err(|error| Trouble::Lost(error.to_string()))?;
    Ok(coding.read(bytes, text))
}
