//! A declaration that does not fit its source is found at the start, and not by whoever asks first.

use exportd::datasets::{Finding, Severity};

use super::ground::{Database, Ground, declared};

fn check(database: &Database, query: &str) -> Vec<Finding> {
    let ground = Ground::new(database, &declared(query));
    ground.runtime.block_on(ground.data_sets.check())
}

#[track_caller]
fn is_found(findings: &[Finding], told: &str) {
    let [finding] = findings else { panic!("one finding, not {findings:?}") };
    assert_eq!((finding.data_set.as_str(), finding.query.as_deref()), ("rows", Some("all")));
    assert_eq!(finding.severity, Severity::Fault);
    assert!(finding.message.contains(told), "{}", finding.message);
}

#[test]
fn a_declaration_that_fits_is_found_to() {
    for database in Database::each() {
        database.run("CREATE TABLE t (n BIGINT, v VARCHAR(20))");
        let query = "sql = \"SELECT v, n FROM t [[ WHERE v = :user_id ]]\"\ncolumns = [ { name = \"n\", type = \"integer\" }, { name = \"v\", type = \"text\" } ]";
        assert_eq!(check(&database, query), []);
        assert_eq!(check(&database, "sql = \"SELECT * FROM t\""), []);
    }
}

#[test]
fn a_column_that_is_missing_or_too_much_or_twice_is_found() {
    for database in Database::each() {
        database.run("CREATE TABLE t (n BIGINT, v VARCHAR(20))");
        let columns = "columns = [ { name = \"n\", type = \"integer\" }, { name = \"w\", type = \"text\" } ]";
        is_found(&check(&database, &format!("sql = \"SELECT n FROM t\"\n{columns}")), "`w` is not there");
        let columns = "columns = [ { name = \"n\", type = \"integer\" } ]";
        is_found(
            &check(&database, &format!("sql = \"SELECT n, v FROM t\"\n{columns}")),
            "`v` comes and was not declared",
        );
        is_found(
            &check(&database, &format!("sql = \"SELECT n, v AS n FROM t\"\n{columns}")),
            "`n` comes twice",
        );
        is_found(&check(&database, "sql = \"SELECT m FROM t\""), "a column that is not there");
        is_found(&check(&database, "sql = \"SELECT n FROM nowhere\""), "nowhere");
        is_found(&check(&database, "sql = \"SELEKT n FROM t\""), "SELEKT");
    }
}

#[test]
fn a_file_that_is_not_there_is_a_fault_of_the_declaration() {
    let source = "url = \"sqlite:///nowhere/mistyped.db\"";
    let ground = Ground::with_source(source, &declared("sql = \"SELECT 1 AS n\""));
    let findings = ground.runtime.block_on(ground.data_sets.check());
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].severity, Severity::Absent);
}

#[test]
fn the_command_exits_with_1_for_whatever_is_wrong_with_the_declaration() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = Database::sqlite();
    database.run("CREATE TABLE t (n BIGINT)");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("exportd.toml"), format!("[datasets]\nfile = {:?}\n", path("datasets.toml")))
        .expect("written");
    let right =
        format!("[sources.app]\nurl = \"{}\"\n{}", database.url(), declared("sql = \"SELECT n FROM t\""));
    let bounds = "[[datasets.parameters]]\nname = \"most\"\ntype = \"integer\"\nmin = 5\nmax = 1\n";
    for (exit, text, told) in [
        (0, right.clone(), ""),
        (1, right.replace("data.db", "dato.db"), "not there"),
        (1, right.replace("SELECT n", "SELECT m"), "no such column: m"),
        (
            1,
            right.replace("[[datasets.queries]]", &format!("{bounds}[[datasets.queries]]")),
            "more than `max`",
        ),
    ] {
        std::fs::write(path("datasets.toml"), text).expect("written");
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_exportd"))
            .args(["datasets", "check", "--config"])
            .arg(path("exportd.toml"))
            .output()
            .expect("it is there");
        let all = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
        assert_eq!(ran.status.code(), Some(exit), "{all}");
        assert!(all.contains(told), "{all}");
    }
}

#[test]
fn every_column_that_nothing_tells_the_type_of_is_told_at_once() {
    let found = check(&Database::sqlite(), "sql = \"SELECT 1 + 1 AS a, 2 + 2 AS b\"");
    is_found(&found, "`a` is an expression; `b` is an expression");
}

#[test]
fn a_type_that_the_column_cannot_have_is_found() {
    for (database, told) in [
        (Database::sqlite(), "`v` is TEXT, and was declared as integer"),
        (Database::postgres(), "`v` is varchar, and was declared as integer"),
        (Database::mariadb(), "`v` is varchar, and was declared as integer"),
    ] {
        database.run("CREATE TABLE t (v VARCHAR(20))");
        let query = "sql = \"SELECT v FROM t\"\ncolumns = [ { name = \"v\", type = \"integer\" } ]";
        is_found(&check(&database, query), told);
    }
    let interval = "sql = \"SELECT interval '1 day' AS v\"\ncolumns = [ { name = \"v\", type = \"text\" } ]";
    is_found(&check(&Database::postgres(), interval), "`v` is interval, which is not read; cast it");
    let expression = "sql = \"SELECT 1 + 1 AS v\"";
    is_found(&check(&Database::sqlite(), expression), "declare the columns");
}

#[test]
fn a_clause_that_is_wrong_only_when_it_is_kept_is_found() {
    for database in Database::each() {
        database.run("CREATE TABLE t (n BIGINT)");
        let query = "sql = \"SELECT n FROM t [[ WHERE nothing = :user_id ]]\"\ncolumns = [ { name = \"n\", type = \"integer\" } ]";
        is_found(&check(&database, query), "nothing");
        let count = "sql = \"SELECT n FROM t\"\ncount = \"SELECT count(*), 1 FROM t\"";
        is_found(&check(&database, count), "more than one column");
    }
}
