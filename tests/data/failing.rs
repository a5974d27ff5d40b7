//! What goes wrong with data, and what is told of it.

use std::fs;

use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::forum;
use crate::support::house::House;

const MORE: &str = r#"
[[datasets]]
name = "mistyped"
title = "Mistyped"
source = "forum"

[[datasets.queries]]
name = "rows"
title = "Rows"
sql = "SELECT id, CASE id WHEN 42 THEN 'forty-two' ELSE id END AS number FROM posts WHERE member = :user_id ORDER BY id"
columns = [ { name = "id", type = "integer" }, { name = "number", type = "integer" } ]

[[datasets]]
name = "lying"
title = "Lying"
source = "forum"

[[datasets.queries]]
name = "rows"
title = "Rows"
sql = "SELECT id FROM posts WHERE member = :user_id ORDER BY id"
count = "SELECT 300 WHERE :user_id IS NOT NULL"
columns = [ { name = "id", type = "integer" } ]

[[datasets]]
name = "capped"
title = "Capped"
source = "forum"

[[datasets.queries]]
name = "rows"
title = "Rows"
sql = "SELECT id FROM posts WHERE member = :user_id ORDER BY id"
max_rows = 100
columns = [ { name = "id", type = "integer" } ]
"#;

fn ended(caller: &Api, dataset: &str) -> Value {
    let wanted = json!({"kind": "custom", "selector": {"dataset": dataset}, "format": "csv"});
    let asked = caller.post("/api/v1/exports", &wanted).expect(202);
    caller.export(&asked.text("/id")).ended()
}

fn house() -> House {
    House::with(|settings| {
        settings.jobs.attempts = 2;
        forum::declared_with(settings, MORE);
    })
}

#[test]
fn a_cell_of_another_type_fails_the_export_and_names_data_set_and_row() {
    let house = house();
    let export = ended(&house.user("ada"), "mistyped");
    assert_eq!((&export["status"], &export["error"]["code"]), (&json!("failed"), &json!("DATA_INVALID")));
    let message = export["error"]["message"].as_str().expect("a message");
    for word in ["mistyped", "row 42", "`number`", "integer"] {
        assert!(message.contains(word), "{word}: {message}");
    }
    assert!(!message.contains("forty-two"), "what is in a cell is nobody's: {message}");
    assert!(house.stored_files().is_empty(), "{:?}", house.stored_files());
}

#[test]
fn rows_that_do_not_come_are_missed() {
    let house = house();
    let export = ended(&house.user("ada"), "lying");
    assert_eq!((&export["status"], &export["error"]["code"]), (&json!("failed"), &json!("DATA_INCOMPLETE")));
    assert_eq!(export["attempt"], 2, "another attempt might have ended better");
    let message = export["error"]["message"].as_str().expect("a message");
    assert!(message.contains("300") && message.contains("250"), "{message}");
}

#[test]
fn rows_beyond_a_limit_are_left_out_and_told() {
    let house = house();
    let export = ended(&house.user("ada"), "capped");
    assert_eq!((&export["status"], &export["progress"]["rowsDone"]), (&json!("completed"), &json!(100)));
    assert_eq!(export["warnings"][0]["code"], "ROWS_LEFT_OUT");
    assert!(export["warnings"][0]["message"].as_str().is_some_and(|message| message.contains("150 rows")));
}

#[test]
fn a_source_that_has_gone_fails_the_export_and_nothing_else() {
    let house = house();
    let ada = house.user("ada");
    house.project("ada", "shop").file("a", "a");
    let folder = house.settings().storage.root.parent().expect("a folder").to_owned();
    fs::rename(folder.join("forum.db"), folder.join("elsewhere.db")).expect("moved");
    let export = ended(&ada, "capped");
    assert_eq!(export["status"], "failed");
    let message = export["error"]["message"].as_str().expect("a message");
    assert!(message.contains("capped") && !message.contains("forum.db"), "{message}");
    ada.request("shop").completed();
}

#[test]
fn a_declaration_that_is_not_true_stops_the_start() {
    let wrong = r#"
[[datasets]]
name = "wrong"
title = "Wrong"
source = "forum"

[[datasets.queries]]
name = "rows"
title = "Rows"
sql = "SELECT id, nothing FROM posts WHERE member = :user_id"
columns = [ { name = "id", type = "integer" } ]
"#;
    let told = House::refused(|settings| forum::declared_with(settings, wrong));
    assert!(told.contains("wrong") && told.contains("rows"), "{told}");
}
