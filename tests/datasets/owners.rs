//! Everyone gets their own rows, and nobody else's, however ids look.

use exportd::datasets::Order;
use exportd::records::DataFault;

use super::ground::{Database, Ground, order, user};

const MINE: &str = r#"
[[datasets]]
name = "rows"
source = "app"
[[datasets.queries]]
name = "mine"
sql = "SELECT n FROM t WHERE user_id = :user_id ORDER BY n"
columns = [ { name = "n", type = "integer" } ]
"#;

fn ground(database: &Database, kind: &str, more: &str) -> Ground {
    database.run(&format!("CREATE TABLE t (user_id {kind}, n BIGINT)"));
    database.run("INSERT INTO t VALUES (0, 0), (10, 10), (42, 42)");
    Ground::with_source(&format!("url = \"{}\"\n{more}", database.url()), MINE)
}

fn ask(ground: &Ground, id: &str) -> Result<Vec<Vec<String>>, DataFault> {
    let read = ground.read(Order { owner: user(id), ..order() });
    read.map(|mut sections| sections.remove(0)).map_err(|error| error.fault)
}

#[test]
fn an_id_that_only_looks_like_another_s_number_gets_nothing() {
    for database in Database::each() {
        let ground = ground(&database, "BIGINT", "");
        assert_eq!(ask(&ground, "42"), Ok(vec![vec!["42".to_owned()]]));
        for id in ["010", "1e1", "10.0", "+10", " 10", "10 ", "42abc", "abc", "4 2", "-0", "0x2a"] {
            let got = ask(&ground, id);
            assert!(got.as_ref().is_err() || got.as_ref().is_ok_and(Vec::is_empty), "{id:?}: {got:?}");
        }
    }
}

#[test]
fn ids_are_bound_as_the_operator_says_they_are_kept() {
    for database in Database::each() {
        let ground = ground(&database, "BIGINT", "user_ids = \"integer\"");
        assert_eq!(ask(&ground, "42"), Ok(vec![vec!["42".to_owned()]]));
        let DataFault::Parameter { name, .. } = ask(&ground, "42abc").expect_err("refused") else { panic!() };
        assert_eq!(name, "user_id");
    }
    for database in Database::each() {
        let ground = ground(&database, "VARCHAR(20)", "user_ids = \"text\"");
        database.run("INSERT INTO t VALUES ('1e1', 5)");
        assert_eq!(ask(&ground, "1e1"), Ok(vec![vec!["5".to_owned()]]));
        assert_eq!(ask(&ground, "10"), Ok(vec![vec!["10".to_owned()]]));
    }
}

/// Ids that usual collations take for one another, in tables made as people make them.
const ALIKE: [&str; 6] = ["demo", "DEMO", "demo ", "d\u{e8}mo", "de\u{301}mo", "\u{ff44}emo"];

#[test]
fn an_id_is_compared_by_its_bytes_whatever_the_columns_collation() {
    let (sqlite, postgres, mariadb) = (Database::sqlite(), Database::postgres(), Database::mariadb());
    postgres
        .run("CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false)");
    for (database, kinds) in [
        (&sqlite, &["TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM", "TEXT"][..]),
        (&postgres, &["text COLLATE loose", "varchar(20) COLLATE loose", "text"][..]),
        (
            &mariadb,
            &[
                "VARCHAR(20)",
                "VARCHAR(20) COLLATE utf8mb4_bin",
                "VARCHAR(20) COLLATE utf8mb4_nopad_bin",
                "VARCHAR(20) CHARACTER SET utf8mb3",
                "VARBINARY(20)",
            ][..],
        ),
    ] {
        for kind in kinds {
            database.run("DROP TABLE IF EXISTS t");
            let ground = ground(database, kind, "user_ids = \"text\"");
            database.run("DELETE FROM t");
            for (n, id) in ALIKE.iter().enumerate() {
                database.run(&format!("INSERT INTO t VALUES ('{id}', {n})"));
            }
            for (n, id) in ALIKE.iter().enumerate() {
                // Blanks at the end of an id do not get in by any door, but they may one day.
                let Ok(owner) = id.parse() else { continue };
                let got = ground.rows(Order { owner, ..order() });
                assert_eq!(got, [[n.to_string()]], "{kind}: {id:?}");
            }
            assert_eq!(ask(&ground, "dem"), Ok(vec![]), "{kind}");
        }
    }
}

#[test]
fn types_that_pass_over_case_or_blanks_are_compared_as_text() {
    let database = Database::postgres();
    let superuser = match &database {
        Database::Postgres(own) => own.superuser_url(),
        _ => unreachable!("it was made as one"),
    };
    crate::support::postgres::psql(&superuser, "CREATE EXTENSION citext");
    for kind in ["citext", "char(10)"] {
        database.run("DROP TABLE IF EXISTS t");
        let ground = ground(&database, kind, "");
        database.run("INSERT INTO t VALUES ('demo', 1), ('DEMO', 2)");
        assert_eq!(ask(&ground, "demo"), Ok(vec![vec!["1".to_owned()]]), "{kind}");
        assert_eq!(ask(&ground, "DEMO"), Ok(vec![vec!["2".to_owned()]]), "{kind}");
        assert_eq!(ask(&ground, "Demo"), Ok(vec![]), "{kind}");
    }
}

#[test]
fn what_is_compared_by_its_bytes_keeps_its_index_where_the_guide_says_so() {
    let mariadb = Database::mariadb();
    for collation in ["utf8mb4_nopad_bin", "utf8mb4_bin", "utf8mb4_general_ci", "utf8mb4_unicode_ci"] {
        mariadb.run("DROP TABLE IF EXISTS t");
        mariadb.run(&format!(
            "CREATE TABLE t (user_id VARCHAR(20) COLLATE {collation}, n BIGINT, KEY of_user (user_id))"
        ));
        mariadb.run("INSERT INTO t SELECT concat('u', seq), seq FROM seq_1_to_2000");
        let plan = mariadb.run("EXPLAIN SELECT n FROM t WHERE user_id = ('u7' COLLATE utf8mb4_nopad_bin)");
        assert!(plan.contains("of_user") && plan.contains("\tref\t"), "{collation}: {plan}");
    }
    let sqlite = Database::sqlite();
    sqlite.run("CREATE TABLE t (user_id TEXT, n INTEGER); CREATE INDEX of_user ON t (user_id)");
    let plan = sqlite.run("EXPLAIN QUERY PLAN SELECT n FROM t WHERE user_id = ('u7' COLLATE BINARY)");
    assert!(plan.contains("USING INDEX of_user"), "{plan}");
}

#[test]
fn a_data_set_that_is_not_there_is_told_as_such() {
    let ground = Ground::new(&Database::sqlite(), MINE);
    let order = Order { data_set: "others".to_owned(), ..order() };
    assert_eq!(ground.fault(order), DataFault::NotThere);
}
