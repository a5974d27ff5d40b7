//! Nothing is silently missing, and nothing too much: as many rows come as the source counted.

use exportd::datasets::Arguments;
use exportd::records::{DataFault, LimitOf, Section};

use super::ground::{Database, Ground, all, declared, order};

#[test]
fn as_many_rows_as_were_counted_or_none_that_anyone_may_trust() {
    for database in Database::each() {
        database.run("CREATE TABLE t (n BIGINT)");
        database.run(&format!("INSERT INTO t {}", database.numbers(2_500)));
        for (count, came) in [("SELECT 2501", 2_500), ("SELECT 2499", 2_500), ("SELECT 0", 2_500)] {
            let query = format!(
                "sql = \"SELECT n FROM t\"\ncount = \"{count}\"\ncolumns = [ {{ name = \"n\", type = \"integer\" }} ]"
            );
            let counted = count.trim_start_matches("SELECT ").parse().expect("a number");
            let ground = Ground::new(&database, &declared(&query));
            assert_eq!(ground.fault(order()), DataFault::Miscounted { counted, came });
        }
        let query = "sql = \"SELECT n FROM t -- that is all\"\ncount = \"SELECT count(*) FROM t\"";
        assert_eq!(Ground::new(&database, &declared(query)).rows(order()).len(), 2_500);
        let without = "sql = \"SELECT n FROM t -- that is all\"";
        assert_eq!(Ground::new(&database, &declared(without)).rows(order()).len(), 2_500);
    }
}

#[test]
fn a_count_that_is_no_number_is_the_query_s_fault() {
    for database in Database::each() {
        database.run("CREATE TABLE t (n BIGINT)");
        let query = "sql = \"SELECT n FROM t\"\ncount = \"SELECT 'many'\"";
        let why = "its count is not one whole number".to_owned();
        assert_eq!(
            Ground::new(&database, &declared(query)).fault(order()),
            DataFault::Query { row: None, why }
        );
    }
}

#[test]
fn what_a_limit_leaves_out_is_told_and_the_first_rows_stay_the_first() {
    for database in Database::each() {
        database.run("CREATE TABLE t (n BIGINT)");
        database.run(&format!("INSERT INTO t {}", database.numbers(3_000)));
        let two = format!(
            "{}max_rows = 1500\n[[datasets.queries]]\nname = \"more\"\nsql = \"SELECT n FROM t ORDER BY n\"\n",
            declared("sql = \"SELECT n FROM t ORDER BY n DESC\"")
        );
        let ground = Ground::new(&database, &two);
        for (most, rows, left_out) in [
            (None, [1_500, 3_000], [1_500, 0]),
            (Some(10), [10, 10], [2_990, 2_990]),
            (Some(2_000), [1_500, 2_000], [1_500, 1_000]),
        ] {
            let mut reading =
                ground.begin(exportd::datasets::Order { most_rows: most, ..order() }).expect("begun");
            let told: Vec<_> = reading.sections().iter().map(Section::rows_left_out).collect();
            assert_eq!(told, left_out);
            for (place, expected) in rows.into_iter().enumerate() {
                assert_eq!(reading.sections()[place].rows, expected);
                let read = all(reading.next_section().expect("a section")).expect("read");
                assert_eq!(read.len() as u64, expected);
                let first = if place == 0 { ["3000", "2999"] } else { ["1", "2"] };
                assert_eq!([&read[0][0], &read[1][0]], first);
            }
        }
    }
}

/// A count of the operator's own.
const COUNT: &str = "count = \"SELECT count(*) FROM (SELECT n FROM t [[ LIMIT :limit ]]) AS s\"\n";

#[test]
fn rows_beyond_the_limit_of_the_request_are_counted_and_foretold() {
    for database in Database::each() {
        database.run("CREATE TABLE t (n BIGINT)");
        database.run(&format!("INSERT INTO t {}", database.numbers(300)));
        for more in ["", COUNT, "max_rows = 5\n"] {
            let of_traces = format!("sql = \"SELECT n FROM t ORDER BY n [[ LIMIT :limit ]]\"\n{more}");
            let of_traces = declared(&of_traces).replace("for =", "kind = \"trace\"\nfor =");
            let ground = Ground::new(&database, &of_traces);
            for (limit, left_out) in [(7, 293), (299, 1), (300, 0), (400, 0)] {
                let arguments = Arguments::new().number("limit", Some(limit));
                let wanted = exportd::datasets::Order { arguments, ..order() };
                let forecast = ground.runtime.block_on(ground.data_sets.forecast(wanted.clone()));
                let mut reading = ground.begin(wanted).expect("begun");
                let section = reading.sections()[0].clone();
                let asked = section.left_out.iter().find(|one| one.limit == LimitOf::Request);
                assert_eq!(asked.map_or(0, |asked| asked.rows), left_out, "{more}: {limit}");
                assert!(asked.is_none_or(|asked| asked.most == limit), "{asked:?}");
                let rows = if more.starts_with("max_rows") { 5 } else { limit.min(300) };
                assert_eq!((section.rows, section.rows_left_out()), (rows, 300 - rows));
                assert_eq!(all(reading.next_section().expect("a section")).expect("read").len() as u64, rows);
                assert_eq!(forecast.expect("a forecast").sections, [section], "and was foretold");
            }
        }
    }
}

#[test]
fn a_forecast_tells_how_many_rows_there_would_be_and_about_how_many_bytes() {
    for database in Database::each() {
        database.run("CREATE TABLE t (n BIGINT, v VARCHAR(100))");
        let numbers = database.numbers(20_000);
        database.run(&format!("INSERT INTO t SELECT i, 'twenty bytes of text' FROM ({numbers}) AS s"));
        let ground = Ground::new(&database, &declared("sql = \"SELECT n, v FROM t\"\nmax_rows = 15000"));
        let forecast = ground.runtime.block_on(ground.data_sets.forecast(order())).expect("a forecast");
        assert_eq!((forecast.rows, forecast.left_out), (15_000, 5_000));
        assert!((15_000 * 28..15_000 * 60).contains(&forecast.bytes), "{forecast:?}");
        assert!(!forecast.duration.is_zero());
        database.run("DELETE FROM t");
        let nothing = ground.runtime.block_on(ground.data_sets.forecast(order())).expect("a forecast");
        assert_eq!((nothing.rows, nothing.bytes), (0, 0));
    }
}
