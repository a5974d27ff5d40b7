//! A value is a value, whatever is written in it; and data sets only read.

use exportd::datasets::Order;
use exportd::records::DataFault;
use serde_json::json;

use super::ground::{Database, Ground, declared, order};

const HOSTILE: [&str; 12] = [
    "'; DROP TABLE t; --",
    "' OR '1'='1",
    "\\'; DROP TABLE t; --",
    "$1",
    "?",
    ":user_id",
    "[[ :name ]]",
    "\" OR 1=1 --",
    "`; DELETE FROM t; `",
    "/* x */",
    "%",
    "日本\u{202e}😀\n\t",
];

#[test]
fn whatever_a_value_says_it_is_only_compared() {
    for database in Database::each() {
        database.run("CREATE TABLE t (n BIGINT, name VARCHAR(100))");
        let parameters = "[[datasets.parameters]]\nname = \"name\"\ntype = \"text\"\n\
                          [[datasets.parameters]]\nname = \"names\"\ntype = \"text[]\"\n";
        let query = "sql = \"SELECT n, name FROM t WHERE 1 = 1 [[ AND name = :name ]] [[ AND name IN (:names) ]] ORDER BY n\"";
        let toml =
            declared(query).replace("[[datasets.queries]]", &format!("{parameters}[[datasets.queries]]"));
        let ground = Ground::new(&database, &toml);
        let set = ground.data_sets.find("rows").expect("declared");
        let ask = |given: serde_json::Value| {
            let arguments = set.arguments(given.as_object().expect("an object")).expect("taken");
            ground.rows(Order { arguments, ..order() })
        };
        for (n, name) in HOSTILE.into_iter().enumerate() {
            // Each is unlike every other, so each finds itself and nothing else.
            let literal = name.replace('\'', "''");
            let literal = if matches!(database, Database::Mariadb(_)) {
                literal.replace('\\', "\\\\")
            } else {
                literal
            };
            database.run(&format!("INSERT INTO t VALUES ({n}, '{literal}')"));
        }
        for (n, name) in HOSTILE.into_iter().enumerate() {
            assert_eq!(ask(json!({ "name": name })), [[n.to_string(), name.to_owned()]]);
        }
        assert_eq!(ask(json!({ "names": HOSTILE })).len(), HOSTILE.len());
        assert_eq!(ask(json!({ "names": [HOSTILE[0], HOSTILE[3], "nobody"] })).len(), 2);
        assert_eq!(ask(json!({})).len(), HOSTILE.len());
        let nul = set.arguments(json!({ "name": "a\0b" }).as_object().expect("an object"));
        assert!(nul.is_err());
    }
}

#[test]
fn a_query_that_writes_is_refused_by_the_source_and_changes_nothing() {
    for database in Database::each() {
        database.run("CREATE TABLE t (n BIGINT)");
        database.run("INSERT INTO t VALUES (1)");
        let sql = match database {
            Database::Postgres(_) => "WITH gone AS (DELETE FROM t RETURNING n) SELECT n FROM gone",
            _ => "DELETE FROM t RETURNING n",
        };
        let columns = "columns = [ { name = \"n\", type = \"integer\" } ]";
        let ground =
            Ground::new(&database, &declared(&format!("sql = \"{sql}\"\ncount = \"SELECT 1\"\n{columns}")));
        let DataFault::Query { why, .. } = ground.fault(order()) else { panic!("refused as a query") };
        assert!(why.contains("only read"), "{why}");
        assert_eq!(database.run("SELECT count(*) FROM t").trim(), "1");
    }
}

#[test]
fn what_a_source_says_of_a_query_is_for_the_operator_and_not_for_whoever_asked() {
    for database in Database::each() {
        database.run("CREATE TABLE t (n BIGINT)");
        let ground = Ground::new(
            &database,
            &declared(
                "sql = \"SELECT n FROM hidden_name\"\ncolumns = [ { name = \"n\", type = \"integer\" } ]",
            ),
        );
        let told = ground.read(order()).expect_err("it fails").to_string();
        assert!(!told.contains("hidden_name") && !told.contains("SELECT"), "{told}");
        let findings = ground.runtime.block_on(ground.data_sets.check());
        assert!(findings[0].message.contains("hidden_name"), "{findings:?}");
    }
}
