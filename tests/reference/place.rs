//! A database of a test's own, and how the shipped queries are asked there.

use std::str::FromStr;

use exportd::datasets::reference::{self, Dialect, example};
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Executor, MySqlConnection, PgConnection, Row, SqlSafeStr, SqlStr,
    SqliteConnection, Statement,
};

use super::mariadb;
use super::shipped::{Bound, Query, Shipped};
use crate::support::postgres;

/// A database, empty at first. Gone when it is dropped.
pub struct Place {
    /// Where it is.
    pub url: String,
    /// Whose SQL it speaks.
    pub dialect: Dialect,
    _kept: Kept,
}

enum Kept {
    Folder { _folder: tempfile::TempDir },
    Postgres { _database: postgres::OwnDatabase },
    MariaDb { _database: mariadb::OwnDatabase },
}

/// Runs `case` in `place`.
pub fn run<F: Future<Output = ()>>(place: Place, case: fn(Place) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(case(place));
}

impl Place {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("app.db").display());
        Self::new(url, Kept::Folder { _folder: folder })
    }

    pub fn postgres() -> Self {
        let database = postgres::OwnDatabase::create();
        Self::new(database.url.clone(), Kept::Postgres { _database: database })
    }

    pub fn mariadb() -> Self {
        let database = mariadb::OwnDatabase::create();
        Self::new(database.url.clone(), Kept::MariaDb { _database: database })
    }

    fn new(url: String, kept: Kept) -> Self {
        let dialect = Dialect::of(&url).expect("known");
        Self { url, dialect, _kept: kept }
    }

    /// Creates the reference schema.
    pub async fn up(&self) {
        reference::up(&self.url).await.expect("the schema is created");
    }

    /// The shipped data sets in this database's words.
    pub fn shipped(&self) -> Shipped {
        Shipped::read(&example(&self.url).expect("known"))
    }

    /// Runs `statements`, in which an instant stands as `~2026-11-16T00:00:00.000Z~`.
    pub async fn run(&self, statements: &str) {
        let text: String = statements.split('~').enumerate().fold(String::new(), |text, (place, part)| {
            let instant = match self.dialect {
                Dialect::Mysql => part.replace('T', " ").replace('Z', ""),
                Dialect::Sqlite | Dialect::Postgres => part.to_owned(),
            };
            text + &if place % 2 == 1 { format!("'{instant}'") } else { part.to_owned() }
        });
        let text = || sqlx::raw_sql(AssertSqlSafe(text.clone()));
        let done = match self.connect().await {
            Connected::Sqlite(mut connection) => text().execute(&mut connection).await.map(|_| ()),
            Connected::Postgres(mut connection) => text().execute(&mut connection).await.map(|_| ()),
            Connected::MariaDb(mut connection) => text().execute(&mut connection).await.map(|_| ()),
        };
        done.expect("run");
    }

    /// The names of the columns that `bound` gives, as the database tells them before any row.
    pub async fn columns(&self, bound: &Bound) -> Vec<String> {
        let sql = sql(&bound.sql);
        macro_rules! names {
            ($connection:expr) => {{
                let prepared = $connection.prepare(sql).await.expect(&bound.sql);
                prepared.columns().iter().map(|column| column.name().to_owned()).collect()
            }};
        }
        match self.connect().await {
            Connected::Sqlite(mut connection) => names!(connection),
            Connected::Postgres(mut connection) => names!(connection),
            Connected::MariaDb(mut connection) => names!(connection),
        }
    }

    /// The rows that `query` gives, every cell as text in one way on every database, in the order of
    /// their columns' texts (not of the query).
    pub async fn rows(&self, query: &Query, bound: &Bound) -> Vec<Vec<String>> {
        let text = match self.dialect {
            Dialect::Mysql => "CHAR",
            Dialect::Sqlite | Dialect::Postgres => "TEXT",
        };
        let cells: Vec<_> =
            query.columns.iter().map(|(name, _)| format!("CAST(q.{name} AS {text})")).collect();
        let wrapped =
            Bound { sql: format!("SELECT {} FROM ({}) q", cells.join(", "), bound.sql), ..bound.clone() };
        let mut rows: Vec<Vec<String>> = self.texts(&wrapped, query.columns.len()).await;
        for row in &mut rows {
            for (cell, (_, kind)) in row.iter_mut().zip(&query.columns) {
                *cell = alike(cell, kind);
            }
        }
        rows.sort();
        rows
    }

    /// The cells of the column at `place`, a text, in the query's own order.
    pub async fn in_order(&self, bound: &Bound, place: usize) -> Vec<String> {
        let sql = sql(&bound.sql);
        macro_rules! ask {
            ($connection:expr) => {{
                let asked =
                    bound.arguments.iter().fold(sqlx::query(sql), |asked, argument| argument.bind(asked));
                let rows = asked.fetch_all(&mut $connection).await.expect(&bound.sql);
                rows.iter().map(|row| row.get::<String, _>(place)).collect()
            }};
        }
        match self.connect().await {
            Connected::Sqlite(mut connection) => ask!(connection),
            Connected::Postgres(mut connection) => ask!(connection),
            Connected::MariaDb(mut connection) => ask!(connection),
        }
    }

    /// One number.
    pub async fn number(&self, sql: &str) -> i64 {
        let cell = match self.dialect {
            Dialect::Mysql => "CHAR",
            Dialect::Sqlite | Dialect::Postgres => "TEXT",
        };
        let bound = Bound { sql: format!("SELECT CAST(({sql}) AS {cell})"), arguments: Vec::new() };
        self.texts(&bound, 1).await[0][0].parse().expect(sql)
    }

    /// Rows of texts.
    pub async fn texts(&self, bound: &Bound, columns: usize) -> Vec<Vec<String>> {
        let sql = sql(&bound.sql);
        macro_rules! ask {
            ($connection:expr) => {{
                let asked =
                    bound.arguments.iter().fold(sqlx::query(sql), |asked, argument| argument.bind(asked));
                let rows = asked
                    .fetch_all(&mut $connection)
                    .await
                    .unwrap_or_else(|error| panic!("{error}\n{}", bound.sql));
                let cell = |cell: Option<String>| cell.unwrap_or_else(|| "∅".to_owned());
                rows.iter().map(|row| (0..columns).map(|place| cell(row.get(place))).collect()).collect()
            }};
        }
        match self.connect().await {
            Connected::Sqlite(mut connection) => ask!(connection),
            Connected::Postgres(mut connection) => ask!(connection),
            Connected::MariaDb(mut connection) => ask!(connection),
        }
    }

    async fn connect(&self) -> Connected {
        match self.dialect {
            Dialect::Sqlite => {
                let options = SqliteConnectOptions::from_str(&self.url).expect("a URL");
                Connected::Sqlite(options.connect().await.expect("open"))
            }
            Dialect::Postgres => {
                let options = PgConnectOptions::from_str(&self.url).expect("a URL");
                Connected::Postgres(options.connect().await.expect("open"))
            }
            Dialect::Mysql => {
                let options = MySqlConnectOptions::from_str(&self.url).expect("a URL");
                Connected::MariaDb(options.connect().await.expect("open"))
            }
        }
    }
}

enum Connected {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    MariaDb(MySqlConnection),
}

fn sql(text: &str) -> SqlStr {
    AssertSqlSafe(text.to_owned()).into_sql_str()
}

/// A cell as every database would have written it, were they all alike.
fn alike(cell: &str, kind: &str) -> String {
    match kind {
        _ if cell == "∅" => cell.to_owned(),
        "timestamp" => instant(cell),
        "number" => format!("{:.3}", cell.parse::<f64>().expect("a number")),
        "integer" => cell.parse::<i64>().expect("a whole number").to_string(),
        "decimal" => format!("{:.6}", cell.parse::<f64>().expect("a decimal number")),
        "boolean" => matches!(cell, "1" | "t" | "true").to_string(),
        "json" => serde_json::from_str::<serde_json::Value>(cell).expect("JSON").to_string(),
        _ => cell.to_owned(),
    }
}

/// `2026-11-16T00:00:00.000Z`, whatever form it comes in.
fn instant(cell: &str) -> String {
    let (day, time) = cell.split_at(10);
    let time = time[1..].trim_end_matches('Z').trim_end_matches("+00");
    let (second, fraction) = time.split_once('.').unwrap_or((time, ""));
    format!("{day}T{second}.{fraction:0<3}Z")
}
