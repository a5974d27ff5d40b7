//! Data are whole, or whoever has the file is told: what a limit leaves out and what is masked.

use std::process::Command;

use serde_json::{Value, json};

use super::exported;
use crate::support::api::Api;
use crate::support::forum::{self, POSTS};
use crate::support::house::House;

/// A house whose exports of conversations have at most a hundred messages.
fn capped() -> House {
    House::with(|settings| {
        settings.caps.max_messages = 100;
        forum::declared(settings);
    })
}

const CUT: &str = "messages: 150 rows are left out: an export has at most 100 rows of this; ask for a part";

fn manifest(caller: &Api, export: &Value) -> Value {
    let id = export["id"].as_str().expect("an id");
    caller.get(&caller.export(id).path("/manifest")).expect(200).json()
}

/// A workbook's strings.
fn strings(workbook: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), workbook).expect("a file");
    let unzipped = Command::new("unzip").arg("-p").arg(file.path()).output().expect("unzip is installed");
    assert!(unzipped.status.success(), "{unzipped:?}");
    String::from_utf8_lossy(&unzipped.stdout).into_owned()
}

#[test]
fn a_report_never_says_that_all_rows_are_in_it_when_some_are_not() {
    let house = capped();
    let ada = house.user("ada");
    for template in ["compliance", "executive", "technical", "customer"] {
        for (selector, missing, why) in [
            (json!({}), "150", "at most 100 rows"),
            (json!({"limit": 20}), "230", "no more than 20 rows of this was asked for"),
            (json!({"conversationIds": ["thread-1"], "limit": 1}), "49", "no more than 1 row "),
        ] {
            let wanted = json!({"kind": "conversation", "template": template, "selector": selector});
            let (_, package) = exported(&ada, wanted, "html");
            let text = String::from_utf8(package.body).expect("UTF-8");
            assert!(!text.contains("Every row that the source counted"), "{template}: {text}");
            assert!(text.contains(missing) && text.contains("left out"), "{template}: {text}");
            assert!(text.contains(why), "{template}: {text}");
        }
    }
    let whole = json!({"kind": "conversation", "template": "compliance", "selector": {"conversationIds": ["thread-1"]}});
    let (_, package) = exported(&ada, whole, "html");
    let text = String::from_utf8(package.body).expect("UTF-8");
    assert!(
        text.contains("Every row that the source counted is in it") && !text.contains("left out"),
        "{text}"
    );

    let own = json!({"name": "mine", "title": "Mine", "audience": "me", "sections": [{"type": "text", "text": "All is well."}]});
    ada.post("/api/v1/templates", &own).expect(201);
    let (_, package) = exported(&ada, json!({"kind": "conversation", "template": "mine"}), "markdown");
    let text = String::from_utf8(package.body).expect("UTF-8");
    assert!(text.contains("150 rows are left out"), "whatever the template says: {text}");
}

#[test]
fn whoever_has_only_the_document_is_told_what_it_lacks() {
    let house = capped();
    let ada = house.user("ada");
    for format in ["json", "xml", "html", "markdown", "txt", "xlsx"] {
        let (export, package) = exported(&ada, json!({"kind": "conversation"}), format);
        let text = match format {
            "xlsx" => strings(&package.body),
            "json" => package.json()["metadata"]["left out"].as_str().expect("told").to_owned(),
            _ => String::from_utf8(package.body).expect("UTF-8"),
        };
        assert!(text.contains(CUT), "{format}: {text}");
        let warnings = &export["warnings"];
        assert_eq!(
            (&warnings[0]["code"], &warnings[0]["path"]),
            (&json!("ROWS_LEFT_OUT"), &json!("messages"))
        );
        let manifest = manifest(&ada, &export);
        assert_eq!(&manifest["warnings"], warnings, "{format}: the manifest tells it, too");
        assert!(manifest["signature"].is_object(), "signed: {manifest}");
    }
    let scores = json!({"kind": "custom", "selector": {"dataset": "scores", "parameters": {"least": 0}}});
    let (_, package) = exported(&ada, scores, "json");
    assert_eq!(package.json()["metadata"]["masked"], "scores.email");
}

#[test]
fn a_parquet_file_tells_what_it_lacks_among_its_facts() {
    let house = House::with(|settings| {
        settings.caps.max_rows = 30;
        forum::declared(settings);
    });
    let ada = house.user("ada");
    let scores = json!({"kind": "custom", "selector": {"dataset": "scores", "parameters": {"least": 0}}});
    let (export, package) = exported(&ada, scores, "parquet");
    let text = String::from_utf8_lossy(&package.body);
    assert!(text.contains("scores: 220 rows are left out") && text.contains("scores.email"), "{export}");
}

#[test]
fn a_limit_that_was_asked_for_is_told_without_alarm_and_with_its_number() {
    let house = House::with(forum::declared);
    let ada = house.user("ada");
    let of = |limit: usize| json!({"kind": "conversation", "selector": {"limit": limit}});
    let (export, _) = exported(&ada, of(1), "jsonl");
    let warning = &export["warnings"][0];
    assert_eq!((&warning["code"], &warning["path"]), (&json!("LIMIT_REACHED"), &json!("messages")));
    let told = warning["message"].as_str().expect("a message");
    assert_eq!(told, "249 rows are left out: no more than 1 row of this was asked for (`limit`)");
    for enough in [POSTS, POSTS + 1] {
        let (export, _) = exported(&ada, of(enough), "jsonl");
        assert_eq!(export["warnings"], json!([]), "these are all");
    }
}

#[test]
fn an_estimate_tells_what_the_export_will_lack() {
    let house = capped();
    let ada = house.user("ada");
    let warnings =
        |wanted: &Value| ada.post("/api/v1/exports/estimate", wanted).expect(200).json()["warnings"].clone();
    for wanted in [
        json!({"kind": "conversation", "format": "jsonl"}),
        json!({"kind": "conversation", "format": "jsonl", "selector": {"limit": 120}}),
        json!({"kind": "custom", "format": "jsonl", "selector": {"dataset": "scores", "parameters": {"least": 0}}}),
    ] {
        let foretold = warnings(&wanted);
        assert!(foretold.as_array().is_some_and(|told| !told.is_empty()), "{wanted}");
        assert_eq!(foretold, exported(&ada, wanted, "jsonl").0["warnings"]);
    }
    let both = warnings(&json!({"kind": "conversation", "selector": {"limit": 120}}));
    assert_eq!((&both[0]["code"], &both[1]["code"]), (&json!("LIMIT_REACHED"), &json!("ROWS_LEFT_OUT")));
    assert!(both.to_string().contains("130 rows are") && both.to_string().contains("20 rows are"), "{both}");
}

#[test]
fn masked_columns_are_named_one_by_one_and_only_where_there_are_rows() {
    let house = House::with(forum::declared);
    let ada = house.user("ada");
    let of = |least: u32| json!({"kind": "custom", "selector": {"dataset": "scores", "parameters": {"least": least}}});
    let (export, _) = exported(&ada, of(31), "csv");
    assert_eq!(
        export["warnings"],
        json!([{"code": "DATA_MASKED", "path": "scores.email", "message": "`email` is masked, as it is personal"}])
    );
    assert_eq!(exported(&ada, of(99), "csv").0["warnings"], json!([]), "nothing is masked in no rows");
}

#[test]
fn a_transcript_in_plain_text_tells_what_it_drops_as_one_in_markdown_does() {
    let house = House::with(|settings| {
        forum::declared(settings);
        let database = settings.storage.root.parent().expect("a folder").join("forum.db");
        forum::run(&database, "UPDATE posts SET body = 'rings ' || char(7) WHERE id = 1");
    });
    let ada = house.user("ada");
    for format in ["markdown", "txt"] {
        let (export, _) = exported(&ada, json!({"kind": "conversation"}), format);
        let told = export["warnings"].to_string();
        assert!(
            told.contains("without the columns id, score") && told.contains("1 character that"),
            "{format}: {told}"
        );
        assert!(told.contains("CONTENT_CHANGED") && told.contains("U+0007"), "{format}: {told}");
    }
}

#[test]
fn a_project_s_manifest_has_the_warnings_of_its_export() {
    let house = House::with(forum::declared);
    let shop = house.project("ada", "shop").file("a.txt", "a");
    std::os::unix::fs::symlink("a.txt", shop.path.join("link")).expect("a link");
    let ada = house.user("ada");
    let export = ada.request("shop").completed();
    assert_eq!(export["warnings"][0]["code"], "SYMLINK_SKIPPED", "{export}");
    assert_eq!(manifest(&ada, &export)["warnings"], export["warnings"]);
}

#[test]
fn an_empty_list_is_never_everything_and_a_list_s_fault_is_told_with_its_place() {
    let house = House::with(|settings| {
        let more = r#"
[[datasets]]
name = "threads"
source = "forum"
[[datasets.parameters]]
name = "titles"
type = "text[]"
values = ["Thread 1", "Thread 2"]
[[datasets.queries]]
name = "posts"
sql = "SELECT id FROM posts WHERE member = :user_id [[ AND title IN (:titles) ]]"
columns = [ { name = "id", type = "integer" } ]
"#;
        forum::declared_with(settings, more);
    });
    let ada = house.user("ada");
    let threads = |titles: Value| json!({"kind": "custom", "selector": {"dataset": "threads", "parameters": {"titles": titles}}});
    let none = "must have at least one; leave it out for all";
    for (wanted, pointer, message) in [
        (
            json!({"kind": "conversation", "selector": {"conversationIds": []}}),
            "/selector/conversationIds",
            none,
        ),
        (
            json!({"kind": "conversation", "selector": {"conversationIds": ["a", ""]}}),
            "/selector/conversationIds/1",
            "must be an id",
        ),
        (json!({"kind": "bulk", "selector": {"kinds": []}}), "/selector/kinds", none),
        (
            json!({"kind": "bulk", "selector": {"kinds": ["trace", "cats"]}}),
            "/selector/kinds/1",
            "must be one of",
        ),
        (threads(json!([])), "/selector/parameters/titles", none),
        (threads(json!(["Thread 1", "Thread 2", "Thread 9"])), "/selector/parameters/titles/2", "is none of"),
    ] {
        let refused = ada.post("/api/v1/exports", &wanted).expect(400);
        assert_eq!(refused.text("/errors/0/pointer"), pointer);
        assert!(refused.text("/errors/0/message").contains(message), "{}", refused.json());
        assert!(!refused.text("/detail").contains("of the request"), "{}", refused.json());
    }
}

#[test]
fn what_is_inside_a_compressed_document_is_called_what_it_is() {
    let house = House::with(forum::declared);
    let ada = house.user("ada");
    let wanted = json!({"kind": "conversation", "options": {"compression": "gzip"}});
    let (export, package) = exported(&ada, wanted, "jsonl");
    assert!(export["fileName"].as_str().is_some_and(|name| name.ends_with(".jsonl.gz")), "{export}");
    assert_eq!(package.header("content-type"), "application/gzip");
    let path = manifest(&ada, &export)["entries"][0]["path"].as_str().expect("a path").to_owned();
    assert_eq!(path, "conversations.jsonl");
    let handle = ada.export(export["id"].as_str().expect("an id"));
    let listed = ada.get(&handle.path("/entries")).expect(200).json();
    assert_eq!(listed["items"][0]["path"], "conversations.jsonl");
    let entry = ada.get(&handle.path(&format!("/entries/{path}"))).expect(200);
    assert_eq!(entry.header("content-type"), "application/jsonl");
    assert!(entry.header("content-disposition").contains("\"conversations.jsonl\""));
    assert!(entry.body.starts_with(b"{\"id\":"), "and not compressed");
}
