//! A cell that is not what it was declared as ends the reading, with its row and its column.

use exportd::records::{DataFault, Type};

use super::ground::{Database, Ground, declared, order};

/// 3,000 rows of which the one numbered 1,500 has `wrong` in its column `v`, and others `right`.
fn ground(database: &Database, column: &str, declared_as: Type, right: &str, wrong: &str) -> Ground {
    database.run(&format!("CREATE TABLE t (n BIGINT, v {column})"));
    let numbers = database.numbers(3_000);
    let cell = |value: &str| match database {
        Database::Postgres(_) => format!("CAST({value} AS {column})"),
        _ => value.to_owned(),
    };
    let (right, wrong) = (cell(right), cell(wrong));
    let lenient = if matches!(database, Database::Mariadb(_)) { "SET sql_mode = ''; " } else { "" };
    database.run(&format!(
        "{lenient}INSERT INTO t SELECT i, CASE WHEN i = 1500 THEN {wrong} ELSE {right} END FROM ({numbers}) AS s"
    ));
    let columns = format!(
        "columns = [ {{ name = \"n\", type = \"integer\" }}, {{ name = \"v\", type = \"{declared_as}\" }} ]"
    );
    Ground::new(database, &declared(&format!("sql = \"SELECT n, v FROM t ORDER BY n\"\n{columns}")))
}

#[test]
fn a_cell_of_another_type_is_told_with_its_row_and_nothing_of_what_is_in_it() {
    for (database, column, declared_as, right, wrong, told) in [
        (Database::sqlite(), "BLOB", Type::Integer, "7", "'my secret'", "is text"),
        (
            Database::sqlite(),
            "TEXT",
            Type::Timestamp,
            "'2026-01-01 00:00:00'",
            "'my secret'",
            "is no instant",
        ),
        (Database::sqlite(), "BLOB", Type::Json, "'{}'", "'{my secret}'", "is no well-formed JSON"),
        (Database::sqlite(), "BLOB", Type::Text, "'ok'", "CAST(x'ff' AS TEXT)", "is not UTF-8"),
        (
            Database::sqlite(),
            "BLOB",
            Type::Number,
            "1.5",
            "9e999",
            "is no finite number (NaN or infinity); leave such rows out in the query, or cast the column to text there",
        ),
        (
            Database::postgres(),
            "double precision",
            Type::Number,
            "1",
            "'NaN'",
            "is NaN; leave such rows out in the query, or cast the column to text there",
        ),
        (
            Database::postgres(),
            "double precision",
            Type::Number,
            "1",
            "'-Infinity'",
            "is infinite; leave such rows out in the query, or cast the column to text there",
        ),
        (
            Database::postgres(),
            "numeric",
            Type::Decimal,
            "1",
            "'NaN'",
            "is NaN; leave such rows out in the query, or cast the column to text there",
        ),
        (Database::postgres(), "numeric", Type::Integer, "1", "1.5", "has a fraction or is beyond 64 bits"),
        (
            Database::postgres(),
            "numeric",
            Type::Decimal,
            "1",
            "'Infinity'",
            "is infinite; leave such rows out in the query, or cast the column to text there",
        ),
        (
            Database::postgres(),
            "timestamptz",
            Type::Timestamp,
            "'2026-01-01'",
            "'infinity'",
            "is infinite; leave such rows out in the query, or cast the column to text there",
        ),
        (
            Database::postgres(),
            "timestamptz",
            Type::Timestamp,
            "'2026-01-01'",
            "'294276-12-31'",
            "is beyond what an instant holds",
        ),
        (
            Database::postgres(),
            "date",
            Type::Date,
            "'2026-01-01'",
            "'-infinity'",
            "is infinite; leave such rows out in the query, or cast the column to text there",
        ),
        (
            Database::postgres(),
            "bigint",
            Type::Number,
            "1",
            "9007199254740993",
            "is beyond what a number holds",
        ),
        (Database::mariadb(), "TINYINT(1)", Type::Boolean, "1", "2", "is a whole number"),
        (
            Database::mariadb(),
            "DATETIME",
            Type::Timestamp,
            "'2026-01-01'",
            "'0000-00-00'",
            "is the zero date, which is no date",
        ),
        (
            Database::mariadb(),
            "DATE",
            Type::Date,
            "'2026-01-01'",
            "'2026-00-00'",
            "is a date without a month or a day",
        ),
        (
            Database::mariadb(),
            "BIGINT UNSIGNED",
            Type::Integer,
            "1",
            "18446744073709551615",
            "is beyond 63 bits; cast it to decimal",
        ),
        (Database::mariadb(), "TEXT", Type::Json, "'{}'", "'{my secret}'", "is no well-formed JSON"),
    ] {
        let ground = ground(&database, column, declared_as, right, wrong);
        let fault = DataFault::NotOfType {
            row: 1_500,
            column: "v".to_owned(),
            declared: declared_as,
            why: told.to_owned(),
        };
        let error = ground.read(order()).expect_err("it fails");
        assert_eq!(error.fault, fault, "{column}");
        assert_eq!((error.data_set.as_str(), error.section.as_deref()), ("rows", Some("all")));
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
