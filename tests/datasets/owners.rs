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

#[test]
fn a_data_set_that_is_not_there_is_told_as_such() {
    let ground = Ground::new(&Database::sqlite(), MINE);
    let order = Order { data_set: "others".to_owned(), ..order() };
    assert_eq!(ground.fault(order), DataFault::NotThere);
}
