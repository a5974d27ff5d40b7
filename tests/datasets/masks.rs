//! Personal data are hidden from those who may not see them, and system fields are only for those
//! who ask.

use exportd::datasets::Order;
use exportd::records::Type;

use super::ground::{Database, Ground, declared, order};

#[test]
fn whoever_may_not_see_personal_data_gets_masks_and_no_system_fields() {
    for database in Database::each() {
        database.run("CREATE TABLE t (n BIGINT, email VARCHAR(50), iban VARCHAR(50), age BIGINT, visitor VARCHAR(50), v BIGINT)");
        database.run(
            "INSERT INTO t VALUES (1, 'ada@example.org', 'DE89370400440532013000', 36, 'x', 7), \
             (2, NULL, NULL, NULL, NULL, NULL), (3, 'bob@example.org', 'short', 40, 'x', 8)",
        );
        let ground = Ground::new(
            &database,
            &declared(
                r#"sql = "SELECT n, email, iban, age, visitor, v FROM t ORDER BY n"
columns = [ { name = "n", type = "integer" }, { name = "email", type = "text", pii = true, mask = "email" },
    { name = "iban", type = "text", pii = true, mask = "last4" }, { name = "age", type = "integer", pii = true },
    { name = "visitor", type = "text", pii = true, mask = "hash" }, { name = "v", type = "integer", system = true } ]"#,
            ),
        );
        let hidden = Order { unmasked: false, system_fields: false, ..order() };
        let schema = ground.begin(hidden.clone()).expect("begun").sections()[0].schema.clone();
        assert_eq!(
            schema.fields.iter().map(|field| field.kind).collect::<Vec<_>>(),
            [Type::Integer, Type::Text, Type::Text, Type::Text, Type::Text]
        );
        let rows = ground.rows(hidden);
        let hash = rows[0][4].clone();
        assert!(hash.len() == 32 && hash != "x", "{hash}");
        assert_eq!(rows[0], ["1", "a…@e…", "…3000", "[hidden]", &hash]);
        assert_eq!(rows[1], ["2", "-", "-", "-", "-"]);
        assert_eq!(rows[2], ["3", "b…@e…", "[hidden]", "[hidden]", &hash]);
        let seen = ground.rows(order());
        assert_eq!(seen[0], ["1", "ada@example.org", "DE89370400440532013000", "36", "x", "7"]);
    }
}

#[test]
fn a_masked_cell_has_to_be_of_its_type_all_the_same() {
    let database = Database::sqlite();
    database.run("CREATE TABLE t (age)");
    database.run("INSERT INTO t VALUES ('my secret')");
    let ground = Ground::new(
        &database,
        &declared(
            "sql = \"SELECT age FROM t\"\ncolumns = [ { name = \"age\", type = \"integer\", pii = true } ]",
        ),
    );
    let error = ground.read(Order { unmasked: false, ..order() }).expect_err("it fails");
    assert!(error.to_string().contains("row 1, column `age`: is text"), "{error}");
}
