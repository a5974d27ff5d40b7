//! A database with a test's tables in it, and the data sets that are declared over it.

use std::path::PathBuf;
use std::process::Command;

use exportd::datasets::{Arguments, Config, DataSets, Order, Reading};
use exportd::domain::UserId;
use exportd::records::{Batch, DataError, DataFault, Rows, Value};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::support::mariadb::OwnSchema;
use crate::support::postgres::{OwnDatabase, psql};

/// A database of a test's own.
pub enum Database {
    Sqlite(TempDir),
    Postgres(OwnDatabase),
    Mariadb(OwnSchema),
}

impl Database {
    pub fn sqlite() -> Self {
        let database = Self::Sqlite(tempfile::tempdir().expect("a folder"));
        database.run("PRAGMA journal_mode = WAL");
        database
    }

    pub fn postgres() -> Self {
        Self::Postgres(OwnDatabase::create())
    }

    pub fn mariadb() -> Self {
        Self::Mariadb(OwnSchema::create())
    }

    /// One of each.
    pub fn each() -> [Self; 3] {
        [Self::sqlite(), Self::postgres(), Self::mariadb()]
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}", file(folder).display()),
            Self::Postgres(database) => database.url.clone(),
            Self::Mariadb(schema) => schema.url.clone(),
        }
    }

    /// Runs `statements` and gives what they print.
    pub fn run(&self, statements: &str) -> String {
        match self {
            Self::Sqlite(folder) => {
                let ran = Command::new("sqlite3").arg(file(folder)).arg(statements).output();
                let ran = ran.expect("sqlite3 is installed");
                assert!(ran.status.success(), "{statements}: {}", String::from_utf8_lossy(&ran.stderr));
                String::from_utf8(ran.stdout).expect("text")
            }
            Self::Postgres(database) => psql(&database.url, statements),
            Self::Mariadb(schema) => schema.run(statements),
        }
    }

    /// SQL for rows with a column `i` from 1 to `most`.
    pub fn numbers(&self, most: u64) -> String {
        match self {
            Self::Postgres(_) => format!("SELECT i FROM generate_series(1::bigint, {most}) AS s(i)"),
            Self::Sqlite(_) => format!(
                "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {most}) SELECT i FROM s"
            ),
            Self::Mariadb(_) => format!("SELECT seq AS i FROM seq_1_to_{most}"),
        }
    }

    /// SQL that takes longer than any test waits and gives one row with a column `i`.
    pub fn slow(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "SELECT 1::bigint AS i FROM pg_sleep(600)",
            Self::Sqlite(_) => {
                "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 10000000000) \
                 SELECT max(i) AS i FROM s"
            }
            Self::Mariadb(_) => "SELECT 1 + SLEEP(600) AS i",
        }
    }

    /// Queries of ours that the server still runs.
    pub fn still_runs(&self) -> u64 {
        let asked = match self {
            Self::Sqlite(_) => return 0,
            Self::Postgres(_) => {
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep%' \
                 AND pid <> pg_backend_pid()"
            }
            Self::Mariadb(_) => {
                "SELECT count(*) FROM information_schema.processlist WHERE db = database() AND id <> connection_id()"
            }
        };
        self.run(asked).trim().parse().expect("a number")
    }
}

pub fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("data.db")
}

/// The data sets of a declaration.
pub struct Ground {
    pub data_sets: DataSets,
    pub runtime: Runtime,
    _folder: TempDir,
}

impl Ground {
    /// Over `database`, as the source `app`; `declared` is the rest of the file.
    pub fn new(database: &Database, declared: &str) -> Self {
        Self::with_source(&format!("url = \"{}\"", database.url()), declared)
    }

    /// Over the source `app` of these settings.
    pub fn with_source(source: &str, declared: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("datasets.toml");
        std::fs::write(&file, format!("[sources.app]\n{source}\n{declared}")).expect("written");
        let config = Config { file: Some(file), mask_key: Some("a key".to_owned()) };
        let data_sets = DataSets::open(&config).unwrap_or_else(|error| panic!("{error}"));
        Self { data_sets, runtime: Runtime::new().expect("a runtime"), _folder: folder }
    }

    pub fn begin(&self, order: Order) -> Result<Reading, DataError> {
        self.runtime.block_on(self.data_sets.begin(order))
    }

    /// Everything that is ordered.
    pub fn read(&self, order: Order) -> Result<Vec<Vec<Vec<String>>>, DataError> {
        let mut reading = self.begin(order)?;
        let mut sections = Vec::new();
        while let Some(rows) = reading.next_section() {
            sections.push(all(rows)?);
        }
        Ok(sections)
    }

    /// The one section that is ordered.
    #[track_caller]
    pub fn rows(&self, order: Order) -> Vec<Vec<String>> {
        let sections = self.read(order).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(sections.len(), 1);
        sections.into_iter().next().expect("one")
    }

    /// What is the matter with what is ordered.
    #[track_caller]
    pub fn fault(&self, order: Order) -> DataFault {
        self.read(order).expect_err("it fails").fault
    }
}

/// A data set `rows` of kind custom for admins, of one query, that is all of this.
pub fn declared(query: &str) -> String {
    format!(
        "[[datasets]]\nname = \"rows\"\nsource = \"app\"\nfor = \"admins\"\n[[datasets.queries]]\nname = \"all\"\n{query}\n"
    )
}

/// An order of the data set `rows`, for `ada`, who sees everything.
pub fn order() -> Order {
    Order {
        data_set: "rows".to_owned(),
        owner: user("ada"),
        unmasked: true,
        system_fields: true,
        arguments: Arguments::new(),
        sections: None,
        users: None,
        most_rows: None,
        cancel: CancellationToken::new(),
    }
}

pub fn user(id: &str) -> UserId {
    id.parse().expect("an id")
}

/// All rows, as text.
pub fn all(mut rows: Box<dyn Rows>) -> Result<Vec<Vec<String>>, DataError> {
    let mut read = Vec::new();
    let mut room = Batch::new(rows.schema());
    while let Some(batch) = rows.next(room)? {
        read.extend((0..batch.len()).map(|row| cells(&batch, row)));
        room = batch;
    }
    Ok(read)
}

fn cells(batch: &Batch, row: usize) -> Vec<String> {
    (0..batch.columns().len()).map(|place| shown(batch.value(row, place))).collect()
}

/// A cell with its type, short.
fn shown(value: Value<'_>) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => format!("n{number:?}"),
        Value::Decimal(text) => format!("d{text}"),
        Value::Text(text) => text.to_owned(),
        Value::Timestamp(micros) => format!("t{micros}"),
        Value::Date(days) => format!("D{days}"),
        Value::Json(text) => format!("j{text}"),
        Value::Bytes(bytes) => format!("b{bytes:?}"),
    }
}
