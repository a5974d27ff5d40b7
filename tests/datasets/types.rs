//! Cells of every type, at their limits, arrive as what they are.

use super::ground::{Database, Ground, declared, order};

const COLUMNS: &str = r#"columns = [
    { name = "flag", type = "boolean" }, { name = "whole", type = "integer" }, { name = "number", type = "number" },
    { name = "exact", type = "decimal" }, { name = "text", type = "text" }, { name = "at", type = "timestamp" },
    { name = "day", type = "date" }, { name = "doc", type = "json" }, { name = "raw", type = "bytes" } ]"#;

fn read(database: &Database, table: &str, rows: &str) -> Vec<Vec<String>> {
    database.run(&format!("CREATE TABLE cells ({table})"));
    database.run(&format!("INSERT INTO cells VALUES {rows}"));
    // In another order than declared: columns are found by name.
    let sql = "SELECT raw, doc, day, at, text, exact, number, whole, flag FROM cells ORDER BY n";
    let ground = Ground::new(database, &declared(&format!("sql = \"{sql}\"\n{COLUMNS}")));
    assert_eq!(ground.runtime.block_on(ground.data_sets.check()), []);
    ground.rows(order())
}

#[test]
fn postgresql_s_cells_arrive_at_their_limits() {
    let rows = read(
        &Database::postgres(),
        "n int, flag boolean, whole bigint, number double precision, exact numeric, text text, at timestamptz, \
         day date, doc jsonb, raw bytea",
        r#"(1, true, 9223372036854775807, 1.7976931348623157e308, 123456789012345678901234567890.000000000100,
           '日本 😀 ''quoted'' \ end', '2026-01-01 00:00:00.000001+01', '5874897-12-31', '{"a": [1, null]}', '\x00ff'),
          (2, false, -9223372036854775808, 5e-324, -0.00001, '', '4713-01-01 00:00:00+00 BC', '0001-01-01', '1e400', ''),
           (3, null, null, null, null, null, null, null, null, null)"#,
    );
    assert_eq!(
        rows,
        [
            [
                "true",
                "9223372036854775807",
                "n1.7976931348623157e308",
                "d123456789012345678901234567890.000000000100",
                "日本 😀 'quoted' \\ end",
                "t1767222000000001",
                "D2145042905",
                "j{\"a\": [1, null]}",
                "b[0, 255]"
            ],
            [
                "false",
                "-9223372036854775808",
                "n5e-324",
                "d-0.00001",
                "",
                "t-210863520000000000",
                "D-719162",
                &format!("j1{}", "0".repeat(400)),
                "b[]"
            ],
            ["-", "-", "-", "-", "-", "-", "-", "-", "-"],
        ]
    );
}

#[test]
fn sqlite_s_cells_arrive_at_their_limits() {
    let rows = read(
        &Database::sqlite(),
        "n INTEGER, flag BOOLEAN, whole INTEGER, number REAL, exact TEXT, text TEXT, at TEXT, day TEXT, doc TEXT, raw BLOB",
        r#"(1, 1, 9223372036854775807, 1.7976931348623157e308, '0.10', '日本 😀 \', '2026-01-01T01:00:00.000001+01:00', '9999-12-31', '{"a": [1, null]}', x'00ff'),
           (2, 0, -9223372036854775808, 5e-324, '-1', '', '2026-01-01 00:00:00.5', '0001-01-01', 'null', x''),
           (3, null, null, null, null, null, null, null, null, null)"#,
    );
    assert_eq!(
        rows,
        [
            [
                "true",
                "9223372036854775807",
                "n1.7976931348623157e308",
                "d0.10",
                "日本 😀 \\",
                "t1767225600000001",
                "D2932896",
                "j{\"a\": [1, null]}",
                "b[0, 255]"
            ],
            [
                "false",
                "-9223372036854775808",
                "n5e-324",
                "d-1",
                "",
                "t1767225600500000",
                "D-719162",
                "jnull",
                "b[]"
            ],
            ["-", "-", "-", "-", "-", "-", "-", "-", "-"],
        ]
    );
}

#[test]
fn mariadb_s_cells_arrive_at_their_limits() {
    let rows = read(
        &Database::mariadb(),
        "n INT, flag BOOLEAN, whole BIGINT, number DOUBLE, exact DECIMAL(65,30), text TEXT, at DATETIME(6), day DATE, \
         doc JSON, raw BLOB",
        r#"(1, true, 9223372036854775807, 1.7976931348623157e308, 99999999999999999999999999999999999.999999999999999999999999999999,
            '日本 😀 \\', '9999-12-31 23:59:59.999999', '9999-12-31', '{"a": [1, null]}', x'00ff'),
           (2, false, -9223372036854775808, 2.5e-308, -0.5, '', '1000-01-01 00:00:00', '1000-01-01', 'null', ''),
           (3, null, null, null, null, null, null, null, null, null)"#,
    );
    assert_eq!(
        rows,
        [
            [
                "true",
                "9223372036854775807",
                "n1.7976931348623157e308",
                "d99999999999999999999999999999999999.999999999999999999999999999999",
                "日本 😀 \\",
                "t253402300799999999",
                "D2932896",
                "j{\"a\": [1, null]}",
                "b[0, 255]"
            ],
            [
                "false",
                "-9223372036854775808",
                "n2.5e-308",
                "d-0.500000000000000000000000000000",
                "",
                "t-30610224000000000",
                "D-354285",
                "jnull",
                "b[]"
            ],
            ["-", "-", "-", "-", "-", "-", "-", "-", "-"],
        ]
    );
}

#[test]
fn postgresql_s_other_types_are_read_as_what_comes_closest() {
    let database = Database::postgres();
    database.run("CREATE TYPE mood AS ENUM ('fine'); CREATE DOMAIN money_like AS numeric(10,2)");
    let sql = "SELECT 'ab'::char(4) AS a, 'fine'::mood AS b, '01987b3e-5d1c-7c3a-9f5e-0123456789ab'::uuid AS c, \
               1.1::real AS d, 7::smallint AS e, 12.5::money_like AS f, '2026-01-01 00:00'::timestamp AS g, \
               '{\"x\":  1}'::json AS h, 'v'::varchar AS i, 4294967295::oid AS j, 'x'::name AS k";
    let ground = Ground::new(&database, &declared(&format!("sql = '''{sql}'''")));
    assert_eq!(
        ground.rows(order()),
        [[
            "ab  ",
            "fine",
            "01987b3e-5d1c-7c3a-9f5e-0123456789ab",
            "n1.1",
            "7",
            "d12.50",
            "t1767225600000000",
            "j{\"x\":  1}",
            "v",
            "4294967295",
            "x"
        ]]
    );
}

#[test]
fn mariadb_s_other_types_are_read_as_what_comes_closest() {
    let database = Database::mariadb();
    database.run(
        "CREATE TABLE t (a TINYINT UNSIGNED, b SMALLINT, c MEDIUMINT, d INT UNSIGNED, e BIGINT UNSIGNED, f FLOAT, g YEAR, \
         h ENUM('x','y'), i SET('p','q'), j TIMESTAMP NULL, k VARBINARY(4), l CHAR(3), m LONGTEXT)",
    );
    database.run(
        "SET time_zone = '+05:00'; INSERT INTO t VALUES (255, -32768, -8388608, 4294967295, 9223372036854775807, 1.1, \
         2026, 'y', 'p,q', '2026-01-01 05:00:00', x'01', 'ab', 'long')",
    );
    let ground = Ground::new(&database, &declared("sql = \"SELECT * FROM t\""));
    assert_eq!(
        ground.rows(order()),
        [[
            "255",
            "-32768",
            "-8388608",
            "4294967295",
            "9223372036854775807",
            "n1.1",
            "2026",
            "y",
            "p,q",
            "t1767225600000000",
            "b[1]",
            "ab",
            "long"
        ]]
    );
}
