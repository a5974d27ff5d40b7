//! All of a document is of one moment, whatever others do meanwhile.

use super::ground::{Database, Ground, all, order};

const TWO: &str = r#"
[[datasets]]
name = "rows"
source = "app"
for = "admins"
[[datasets.queries]]
name = "first"
sql = "SELECT n FROM t ORDER BY n"
columns = [ { name = "n", type = "integer" } ]
[[datasets.queries]]
name = "second"
sql = "SELECT n FROM u ORDER BY n"
columns = [ { name = "n", type = "integer" } ]
"#;

#[test]
fn rows_that_others_add_and_delete_meanwhile_are_not_seen() {
    for database in Database::each() {
        database.run("CREATE TABLE t (n BIGINT); CREATE TABLE u (n BIGINT)");
        let numbers = database.numbers(5_000);
        database.run(&format!("INSERT INTO t {numbers}; INSERT INTO u {numbers}"));
        let ground = Ground::new(&database, TWO);

        let mut reading = ground.begin(order()).expect("begun");
        assert_eq!(reading.sections().iter().map(|section| section.rows).collect::<Vec<_>>(), [5_000, 5_000]);
        database.run(
            "DELETE FROM t WHERE n > 10; INSERT INTO t VALUES (-1); DELETE FROM u; INSERT INTO u VALUES (-2)",
        );
        let first = all(reading.next_section().expect("a section")).expect("read");
        database.run("INSERT INTO u VALUES (-3)");
        let second = all(reading.next_section().expect("a section")).expect("read");
        assert!(reading.next_section().is_none());

        let expected: Vec<_> = (1..=5_000).map(|n| vec![n.to_string()]).collect();
        assert_eq!(first, expected);
        assert_eq!(second, expected);
        // And what comes next is of another moment.
        assert_eq!(ground.read(order()).expect("read")[1], [["-3"], ["-2"]]);
    }
}
