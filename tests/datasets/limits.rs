//! A query has so much time, a source so many connections, and memory holds a few batches.

use std::time::Duration;

use exportd::datasets::Order;
use exportd::records::{Batch, DataFault};
use tokio_util::sync::CancellationToken;

use super::ground::{Database, Ground, all, declared, order};
use crate::support::api::eventually;

const SHORT: Duration = Duration::from_millis(300);

fn ground(database: &Database, more: &str, query: &str) -> Ground {
    Ground::with_source(&format!("url = \"{}\"\n{more}", database.url()), &declared(query))
}

fn slow(database: &Database, more: &str, count: bool) -> Ground {
    let count = if count { "count = \"SELECT 1\"" } else { "" };
    let columns = "columns = [ { name = \"i\", type = \"integer\" } ]";
    ground(database, more, &format!("sql = \"{}\"\n{count}\n{columns}", database.slow()))
}

#[test]
fn a_query_slower_than_its_deadline_fails_and_runs_no_longer() {
    for database in Database::each() {
        for count in [true, false] {
            let ground = slow(&database, "timeout = \"300ms\"", count);
            assert_eq!(ground.fault(order()), DataFault::Deadline { after: SHORT, row: None });
            eventually("the query is stopped at its source", || (database.still_runs() == 0).then_some(()));
        }
    }
}

#[test]
fn a_query_that_nobody_wants_any_more_stops_at_its_source() {
    for database in Database::each() {
        let ground = slow(&database, "", true);
        let cancel = CancellationToken::new();
        let mut reading = ground.begin(Order { cancel: cancel.clone(), ..order() }).expect("begun");
        let rows = reading.next_section().expect("a section");
        if !matches!(database, Database::Sqlite(_)) {
            eventually("the query runs", || (database.still_runs() > 0).then_some(()));
        }
        cancel.cancel();
        assert_eq!(all(rows).expect_err("stopped").fault, DataFault::Stopped);
        eventually("the query is stopped at its source", || (database.still_runs() == 0).then_some(()));
    }
}

#[test]
fn rows_that_nobody_reads_any_more_are_not_fetched() {
    for database in Database::each() {
        let ground = slow(&database, "connections = 1", true);
        drop(ground.begin(order()).expect("begun"));
        eventually("the query is stopped at its source", || (database.still_runs() == 0).then_some(()));
        // And the only connection is free again, so another gets as far.
        drop(ground.begin(order()).expect("begun"));
    }
}

#[test]
fn a_source_waits_for_a_slow_reader_and_memory_holds_a_few_batches() {
    let database = Database::postgres();
    let wide = "SELECT i, repeat('x', 200) AS v FROM generate_series(1::bigint, 300000) AS s(i)";
    let ground = ground(&database, "", &format!("sql = \"{wide}\"\ncount = \"SELECT 300000\""));
    let mut reading = ground.begin(order()).expect("begun");
    let mut rows = reading.next_section().expect("a section");
    let first = rows.next(Batch::new(rows.schema())).expect("rows").expect("some");
    eventually("the server waits for us to read", || {
        let asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'exportd' \
                     AND datname = current_database() AND wait_event = 'ClientWrite'";
        (database.run(asked).trim() == "1").then_some(())
    });
    let rest = all(rows).expect("read");
    assert_eq!(first.len() + rest.len(), 300_000);
    assert_eq!(rest.last().expect("rows")[0], "300000");
}

#[test]
fn a_reader_slower_than_the_deadline_is_told_after_which_row() {
    let database = Database::sqlite();
    let numbers = database.numbers(100_000);
    let ground = ground(
        &database,
        "connections = 1\ntimeout = \"500ms\"",
        &format!(
            "sql = \"{numbers}\"\ncount = \"SELECT 100000\"\ncolumns = [ {{ name = \"i\", type = \"integer\" }} ]"
        ),
    );
    let mut reading = ground.begin(order()).expect("begun");
    let rows = reading.next_section().expect("a section");
    // Nobody reads until the deadline has passed: what ends the wait is that the connection is
    // free, and so another reading can take its place.
    let again = || ground.runtime.block_on(ground.data_sets.begin(order())).ok().map(drop);
    eventually("another can begin", again);
    let error = all(rows).expect_err("its deadline has passed");
    assert!(matches!(error.fault, DataFault::Deadline { row: Some(_), .. }), "{error}");
}
