//! What is restored by the guide is what there was: cell by cell, and all of it or nothing.

use std::fs;
use std::path::Path;

use exportd::datasets::reference::{self, Seed, example};
use exportd::domain::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::everyone::{followed, unzipped};
use super::exported;
use crate::datasets::ground::{Database, file};
use crate::support::house::House;

const DECLARED: &str = r#"
[[datasets]]
name = "everything"
kind = "bulk"
source = "app"
for = "admins"

[[datasets.queries]]
name = "users"
sql = "SELECT id FROM users ORDER BY id"
columns = [ { name = "id", type = "text" } ]

[[datasets.queries]]
name = "odd"
sql = "SELECT * FROM odd WHERE 1 = 1 [[ AND owner >= :first_user ]] [[ AND owner < :next_user ]] ORDER BY id"
columns = [ { name = "id", type = "integer" }, { name = "owner", type = "text" }, { name = "t", type = "text" },
    { name = "b", type = "bytes" }, { name = "j", type = "json" }, { name = "n", type = "number" },
    { name = "d", type = "decimal" }, { name = "at", type = "timestamp" }, { name = "day", type = "date" },
    { name = "f", type = "boolean" }, { name = "stamp", type = "text" }, { name = "seconds", type = "timestamp" } ]
"#;

/// What a table of each type is made of: bytes, JSON, a long text, a number, a decimal, an instant, a
/// day, a boolean, and an instant that SQLite keeps as seconds.
fn tables(database: &Database) -> String {
    let types = match database {
        Database::Sqlite(_) => ["BLOB", "TEXT", "TEXT", "REAL", "TEXT", "TEXT", "TEXT", "INTEGER", "INTEGER"],
        Database::Postgres(_) => {
            ["bytea", "json", "text", "float8", "numeric", "timestamptz", "date", "boolean", "timestamp"]
        }
        Database::Mariadb(_) => [
            "LONGBLOB",
            "JSON",
            "LONGTEXT",
            "DOUBLE",
            "DECIMAL(40, 6)",
            "DATETIME(6)",
            "DATE",
            "BOOLEAN",
            "DATETIME",
        ],
    };
    let [bytes, json, text, number, decimal, instant, day, flag, seconds] = types;
    format!(
        "CREATE TABLE users (id VARCHAR(20) PRIMARY KEY);
         CREATE TABLE odd (id BIGINT PRIMARY KEY, owner VARCHAR(20) NOT NULL, t {text}, b {bytes}, j {json}, n {number},
            d {decimal}, at {instant}, day {day}, f {flag}, stamp VARCHAR(40), seconds {seconds},
            FOREIGN KEY (owner) REFERENCES users (id));"
    )
}

/// Cells that are easily lost on the way.
fn odd(database: &Database) -> String {
    let is_sqlite = matches!(database, Database::Sqlite(_));
    let awkward = "it''s \"quoted\", \\N \\. \\\\\n\r\t,;|\u{2028}é 🙂 \u{7f}";
    let (awkward, nul, long, bytes) = match database {
        Database::Sqlite(_) => (
            awkward.to_owned(),
            "'a' || char(0) || 'b'",
            "printf('%.*c', 1048576, 'x')",
            ["x'0000ff0a5c27'", "x''"],
        ),
        Database::Postgres(_) => {
            (awkward.to_owned(), "'a'", "repeat('x', 1048576)", ["'\\x0000ff0a5c27'", "'\\x'"])
        }
        Database::Mariadb(_) => (
            awkward.replace('\\', "\\\\"),
            "concat('a', char(0), 'b')",
            "repeat('x', 1048576)",
            ["x'0000ff0a5c27'", "x''"],
        ),
    };
    let instant = |text: &str| {
        if is_sqlite { format!("'{text}Z'") } else { format!("'{}'", text.replace('T', " ")) }
    };
    let seconds = |number: i64, text: &str| if is_sqlite { number.to_string() } else { format!("'{text}'") };
    let (last, first, some) = (
        instant("9999-12-31T23:59:59.999999"),
        instant("1970-01-01T00:00:00"),
        instant("2026-02-28T12:00:00.250"),
    );
    let (before, after) = (seconds(-1, "1969-12-31 23:59:59"), seconds(1_772_280_000, "2026-02-28 12:00:00"));
    let [some_bytes, no_bytes] = bytes;
    [
        "INSERT INTO users VALUES ('ada'), ('bob')".to_owned(),
        format!(
            "INSERT INTO odd VALUES (0, 'ada', '{awkward}', {some_bytes}, 'null', -0e0, '0.002370', {last}, '9999-12-31', NULL,
                '2026-01-01T00:00:00.000Z', {before})"
        ),
        format!(
            "INSERT INTO odd VALUES (1, 'bob', '', {no_bytes}, '\"a \\\"b\\\"\"', 1e300, '12345678901234567890.123456', {first},
                '1970-01-01', NULL, '', {after})"
        )
        .replace("\\\"", if matches!(database, Database::Mariadb(_)) { "\\\\\"" } else { "\\\"" }),
        format!("INSERT INTO odd VALUES (2, 'bob', {nul}, NULL, 'true', 5e-324, '-0.10', {some}, NULL, NULL, NULL, NULL)"),
        format!("INSERT INTO odd VALUES (3, 'bob', {long}, NULL, '1.50', 0.1, NULL, NULL, NULL, NULL, NULL, NULL)"),
        "INSERT INTO odd VALUES (9007199254740993, 'ada', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
            .to_owned(),
        "UPDATE odd SET f = (id = 1) WHERE id < 2".to_owned(),
        "INSERT INTO odd (id, owner, j) VALUES (4, 'ada', '{\"a\": [1.50, null, 1E5], \"a\": \"é\"}')".to_owned(),
    ]
    .join(";\n")
}

/// All cells, with what the database tells of their types.
fn dumped(database: &Database) -> String {
    let columns = ["id", "owner", "t", "b", "j", "n", "d", "at", "day", "f", "stamp", "seconds"];
    match database {
        Database::Sqlite(_) => {
            let cell = |name: &&str| format!("typeof({name}), quote({name}), hex({name})");
            let cells: Vec<_> = columns.iter().map(cell).collect();
            database.run(&format!("SELECT {} FROM odd ORDER BY id", cells.join(", ")))
        }
        Database::Postgres(_) => database.run("COPY (SELECT * FROM odd ORDER BY id) TO STDOUT"),
        Database::Mariadb(_) => {
            // Bytes are no text, and the hex digits of a number are those of its whole part.
            let cell =
                |name: &&str| if *name == "b" { "hex(b)".to_owned() } else { format!("quote({name})") };
            let cells: Vec<_> = columns.iter().map(cell).collect();
            database.run(&format!("SELECT {} FROM odd ORDER BY id", cells.join(", ")))
        }
    }
}

/// Everyone's data of what is declared over `database`, unpacked.
fn archived(database: &Database, declared: &str, selector: &Value) -> TempDir {
    let house = House::with(|settings| {
        let path = settings.storage.root.parent().expect("a folder").join("datasets.toml");
        fs::write(&path, declared.replace("{url}", &database.url())).expect("a folder");
        settings.datasets.file = Some(path);
    });
    let wanted = json!({"kind": "bulk", "selector": selector});
    let (export, package) = exported(&house.admin(), wanted, "zip");
    assert!(!export["warnings"].to_string().contains("ROWS_LEFT_OUT"), "{}", export["warnings"]);
    let folder = tempfile::tempdir().expect("a folder");
    unzipped(&package.body, folder.path());
    folder
}

fn address(database: &Database) -> String {
    match database {
        Database::Sqlite(folder) => format!("sqlite:{}", file(folder).display()),
        other => other.url(),
    }
}

fn with_odd_rows(database: &Database) -> TempDir {
    database.run(&tables(database));
    database.run(&odd(database));
    archived(database, &format!("[sources.app]\nurl = \"{{url}}\"\n{DECLARED}"), &json!({}))
}

#[test]
fn every_cell_comes_back_as_it_was() {
    for (database, copy) in Database::each().into_iter().zip(Database::each()) {
        let folder = with_odd_rows(&database);
        copy.run(&tables(&copy));
        let (exit, told) = followed(folder.path(), &address(&copy));
        assert_eq!((exit, told.as_str()), (0, ""), "{}", copy.url());
        let (before, after) = (dumped(&database), dumped(&copy));
        for (before, after) in before.lines().zip(after.lines()) {
            assert_eq!(
                after.get(..500).unwrap_or(after),
                before.get(..500).unwrap_or(before),
                "{}",
                copy.url()
            );
        }
        assert!(before == after && before.len() > 1 << 20, "{}", copy.url());
    }
}

#[test]
fn a_restore_stops_at_the_first_fault_names_the_part_and_the_row_and_leaves_nothing() {
    for (database, copy) in Database::each().into_iter().zip(Database::each()) {
        let folder = with_odd_rows(&database);
        copy.run(&tables(&copy).replace("FOREIGN", "CHECK (n < 1e299), FOREIGN"));
        let (exit, told) = followed(folder.path(), &address(&copy));
        assert_eq!(exit, 1, "{told}");
        // MariaDB is given many rows at a time, and tells of none.
        let row = if matches!(copy, Database::Mariadb(_)) { "row 1 to" } else { "row 2, table odd: " };
        assert!(told.contains(&format!("data/odd/part-000001.jsonl, {row}")), "{told}");
        assert!(told.ends_with("nothing was restored"), "{told}");
        assert_eq!(copy.run("SELECT count(*) FROM users").trim(), "0", "{}", copy.url());

        let part = folder.path().join("out/data/odd/part-000001.jsonl");
        let rows = fs::read_to_string(&part).expect("a part");
        fs::write(&part, rows.replace("ada", "eve")).expect("written");
        let (exit, told) = followed(folder.path(), &address(&copy));
        assert!(exit == 1 && told.contains("part-000001.jsonl is damaged"), "{told}");
    }
}

const TABLES: [&str; 9] = [
    "users",
    "files",
    "file_metadata",
    "widget_sessions",
    "conversations",
    "messages",
    "feedback",
    "events",
    "traces",
];

#[test]
fn the_shipped_data_set_is_restored_whole_and_of_a_range_with_what_it_refers_to() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let seed = Seed {
        seed: 7,
        first: "demo".parse().expect("an id"),
        users: 5,
        conversations: 60,
        first_percent: 50,
        days: 60,
        until: Timestamp::from_millis(1_795_262_400_000),
    };
    for database in Database::each() {
        runtime.block_on(reference::up(&database.url())).expect("the schema is created");
        runtime.block_on(reference::seed(&database.url(), &seed)).expect("seeded");
        // Of the range, and on messages from long before it.
        let at = match &database {
            Database::Mariadb(_) => "2026-11-03 00:00:00",
            _ => "2026-11-03T00:00:00.000Z",
        };
        let old = "SELECT id FROM messages WHERE created_at < '2026-10-25'";
        database.run(&format!("UPDATE feedback SET created_at = '{at}' WHERE message_id IN ({old})"));
        let shipped = example(&database.url()).expect("known");
        let range = json!({"dateRange": {"start": "2026-11-01T00:00:00Z", "end": "2026-11-08T00:00:00Z"}});
        for (is_whole, selector) in [(true, json!({})), (false, range)] {
            let folder = archived(&database, &shipped, &selector);
            let copy = like(&database);
            runtime.block_on(reference::up(&copy.url())).expect("the schema is created");
            assert_eq!(followed(folder.path(), &address(&copy)), (0, String::new()), "{}", copy.url());
            if is_whole {
                for table in TABLES {
                    let rows = format!("SELECT * FROM {table} ORDER BY 1, 2");
                    assert!(copy.run(&rows) == database.run(&rows), "{table} of {}", copy.url());
                }
            } else {
                is_of_the_range(&database, &copy, folder.path());
            }
        }
    }
}

fn like(database: &Database) -> Database {
    match database {
        Database::Sqlite(_) => Database::sqlite(),
        Database::Postgres(_) => Database::postgres(),
        Database::Mariadb(_) => Database::mariadb(),
    }
}

/// All feedback and traces of the range are there, and messages from before it that these refer to.
fn is_of_the_range(database: &Database, copy: &Database, folder: &Path) {
    let count =
        |database: &Database, sql: &str| -> u64 { database.run(sql).trim().parse().expect("a number") };
    for (table, column) in [("feedback", "created_at"), ("traces", "start_time"), ("messages", "created_at")]
    {
        let inside = format!(
            "SELECT count(*) FROM {table} WHERE {column} >= '2026-11-01' AND {column} < '2026-11-08'"
        );
        assert_eq!(count(copy, &inside), count(database, &inside), "{table}");
        assert!(
            count(copy, &format!("SELECT count(*) FROM {table}"))
                < count(database, &format!("SELECT count(*) FROM {table}"))
        );
    }
    let old = "SELECT count(*) FROM conversations WHERE created_at < '2026-11-01'";
    assert!(count(copy, old) > 0, "some talks of the range began before it: {}", folder.display());
}
