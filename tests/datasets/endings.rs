//! A source that goes away in the middle is told, with the row; and nothing looks like an end that
//! is none.

use exportd::datasets::Severity;
use exportd::records::{Batch, DataFault, Rows};

use super::ground::{Database, Ground, all, declared, file, order};

/// A reading of 200,000 rows of which some are read.
fn some(ground: &Ground) -> Box<dyn Rows> {
    let mut reading = ground.begin(order()).expect("begun");
    let mut rows = reading.next_section().expect("a section");
    assert!(rows.next(Batch::new(rows.schema())).expect("rows").is_some());
    rows
}

fn wide(database: &Database) -> String {
    let numbers = database.numbers(200_000);
    let text = "'twohundredbytes-twohundredbytes-twohundredbytes-twohundredbytes-twohundredbytes-twohundredbytes-twohundredbytes-'";
    database.run("CREATE TABLE t (n BIGINT, v VARCHAR(200))");
    database.run(&format!("INSERT INTO t SELECT i, {text} FROM ({numbers}) AS s"));
    declared("sql = \"SELECT n, v FROM t\"")
}

#[track_caller]
fn is_lost(rows: Box<dyn Rows>) {
    let error = all(rows).expect_err("the source is gone");
    assert!(matches!(error.fault, DataFault::SourceLost { row: Some(row) } if row >= 1_000), "{error}");
}

#[test]
fn a_connection_that_is_ended_in_the_middle_is_told_with_the_row() {
    let database = Database::postgres();
    let ground = Ground::new(&database, &wide(&database));
    let rows = some(&ground);
    database.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'exportd' \
         AND datname = current_database()",
    );
    is_lost(rows);

    let database = Database::mariadb();
    let ground = Ground::new(&database, &wide(&database));
    let rows = some(&ground);
    let ours =
        "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()";
    let id = database.run(ours);
    database.run(&format!("KILL {}", id.trim()));
    is_lost(rows);
}

#[test]
fn a_file_that_is_cut_off_in_the_middle_is_told_with_the_row() {
    let database = Database::sqlite();
    let ground = Ground::new(&database, &wide(&database));
    database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    let rows = some(&ground);
    let Database::Sqlite(folder) = &database else { panic!("made above") };
    let open = std::fs::OpenOptions::new().write(true).open(file(folder)).expect("a file");
    let length = open.metadata().expect("a file").len();
    open.set_len(length / 2).expect("cut");
    is_lost(rows);
}

#[test]
fn a_house_that_stops_while_rows_are_read_ends_them_as_stopped() {
    let database = Database::sqlite();
    let ground = Ground::new(&database, &wide(&database));
    let rows = some(&ground);
    ground.runtime.shutdown_background();
    assert_eq!(all(rows).expect_err("nobody reads on").fault, DataFault::Stopped);
}

#[test]
fn a_source_that_is_not_there_is_a_warning_at_the_start_and_a_fault_when_used() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a port")
        .port();
    for (url, severity) in [
        (format!("postgres://ada:hunter2@127.0.0.1:{port}/x"), Severity::Warning),
        (format!("mysql://ada:hunter2@127.0.0.1:{port}/x"), Severity::Warning),
        ("sqlite:///nowhere/at/all.db".to_owned(), Severity::Absent),
    ] {
        let ground = Ground::with_source(&format!("url = \"{url}\""), &declared("sql = \"SELECT 1 AS n\""));
        let findings = ground.runtime.block_on(ground.data_sets.check());
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, severity);
        assert!(!findings[0].message.contains("hunter2"), "{findings:?}");
        let error = ground.read(order()).expect_err("it fails");
        assert_eq!(error.fault, DataFault::SourceLost { row: None });
        assert!(!error.to_string().contains("nowhere"), "{error}");
    }
}
