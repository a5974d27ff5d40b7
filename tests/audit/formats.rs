//! Reading it: pages, CSV, JSON Lines.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{entries, the_only};
use crate::support::api::{Api, wanted};
use crate::support::house::House;

/// A house in which ada has asked for something, as a spreadsheet would rather not read it.
fn house() -> House {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let formula = [("user-agent", "=HYPERLINK(\"http://evil.example\",\"x\")"), ("x-correlation-id", "-1")];
    house.user("ada").post_with("/api/v1/exports", &wanted("shop"), &formula).expect(202);
    house
}

#[test]
fn a_page_leads_to_the_next_and_each_reading_is_an_entry() {
    let house = house();
    let root = house.admin();
    for _ in 0..4 {
        root.get("/api/v1/admin/audit?limit=1").expect(200);
    }
    let page = root.get("/api/v1/admin/audit?limit=3&action=audit.read,export.requested").expect(200);
    let link = page.header("link");
    assert!(link.contains("rel=\"next\""), "{link}");
    let seqs = |page: &Value| {
        let items = page["items"].as_array().expect("items").clone();
        items.iter().map(|item| item["seq"].as_u64().expect("a number")).collect::<Vec<_>>()
    };
    assert_eq!(seqs(&page.json()), [5, 4, 3], "newest first, and what reads comes after");
    let next = link.split(['<', '>']).nth(1).expect("an address");
    let last = root.get(next).expect(200).json();
    assert_eq!((seqs(&last), &last["nextCursor"]), (vec![2, 1], &json!(null)));
    assert_eq!(last["items"][1]["action"], "export.requested");
    let read = entries(&root, "action=audit.read");
    assert_eq!(read.len(), 6);
    assert_eq!(read[0]["detail"], json!({"format": "json", "query": "limit=1"}));
    for (query, code) in [
        ("action=export.eaten", "VALIDATION_FAILED"),
        ("address=home", "VALIDATION_FAILED"),
        ("colour=red", "VALIDATION_FAILED"),
        ("cursor=xyz", "INVALID_CURSOR"),
    ] {
        assert_eq!(root.get(&format!("/api/v1/admin/audit?{query}")).expect(400).code(), code, "{query}");
    }
}

#[test]
fn a_spreadsheet_gets_texts_and_no_formulas() {
    let house = house();
    let answer = house.admin().get_with("/api/v1/admin/audit", &[("accept", "text/csv")]).expect(200);
    assert!(answer.header("content-type").starts_with("text/csv"));
    assert!(answer.header("content-disposition").contains("attachment; filename=\"audit-"));
    let script = "import csv,json,sys
rows=list(csv.DictReader(sys.stdin))
print(json.dumps(rows))";
    let rows: Value = serde_json::from_str(&python(script, &answer.body)).expect("JSON");
    let row = &rows[0];
    assert_eq!(row["action"], "export.requested");
    assert_eq!(row["agent"], "'=HYPERLINK(\"http://evil.example\",\"x\")");
    assert_eq!(row["correlationId"], "'-1");
    assert_eq!(row["subjectKind"], "export");
    assert_eq!(row["code"], "");
    assert_eq!(rows.as_array().expect("rows").len(), 1, "what reads it comes after");
    assert!(answer.body.ends_with(b"\r\n"));
}

#[test]
fn a_file_is_whole_or_refused_and_never_cut_like_a_page() {
    let house = house();
    let root = house.admin();
    for (query, accept, pointer) in [
        ("format=csv&limit=2", "*/*", "/limit"),
        ("limit=2", "text/csv", "/limit"),
        ("format=jsonl&cursor=x", "*/*", "/cursor"),
    ] {
        let refused =
            root.get_with(&format!("/api/v1/admin/audit?{query}"), &[("accept", accept)]).expect(400);
        assert_eq!(refused.code(), "VALIDATION_FAILED", "{query}");
        assert_eq!(refused.text("/errors/0/pointer"), pointer);
    }
    root.get("/api/v1/admin/audit?format=json&limit=2").expect(200);
}

#[test]
fn ten_thousand_entries_come_in_order_and_whole_while_more_are_written() {
    let house = house();
    house.beside(async |database| {
        for _ in 0..20 {
            let entries = (0..500).map(|n| {
                use exportd::domain::audit::{Action, AuditEntry, Author};
                let at = exportd::domain::Timestamp::from_millis(1_763_683_200_000);
                AuditEntry::done(at, Author::server(), Action::EntryDownloaded).with("n", n)
            });
            let mut batch = exportd::db::AuditBatch::new(entries.collect());
            database.audit().append(&mut batch).await.expect("written");
        }
    });
    let told = entries(&house.admin(), "");
    assert_eq!(told.len(), 10_001);
    assert!(told.iter().zip(1..).all(|(entry, seq)| entry["seq"] == seq));
    assert_eq!(entries(&house.admin(), "action=entry.downloaded").len(), 10_000);
    the_only(&house.admin(), "action=export.requested");
}

/// The script of the guide, as it stands there.
#[test]
fn the_guide_s_script_verifies_what_was_exported_and_finds_what_was_changed() {
    let guide = include_str!("../../docs/audit.md");
    let script =
        guide.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a script");
    let house = house();
    let root: Api = house.admin();
    for _ in 0..3 {
        root.get("/api/v1/admin/audit").expect(200);
    }
    let lines = root.get("/api/v1/admin/audit?format=jsonl").expect(200).body;
    let text = String::from_utf8(lines.clone()).expect("text");
    let last: Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
    let told = python(script, &lines);
    assert!(
        told.contains("4 entries, unbroken") && told.contains(last["hash"].as_str().expect("a hash")),
        "{told}"
    );
    let changed = text.replacen("\"actor\":\"ada\"", "\"actor\":\"eve\"", 1);
    assert!(python(script, changed.as_bytes()).contains("entry 1"), "a change is found");
    let without: Vec<_> = text.lines().enumerate().filter(|(n, _)| *n != 1).map(|(_, line)| line).collect();
    assert!(python(script, without.join("\n").as_bytes()).contains("entry 3"), "a gap is found");
}

/// What a script prints that is given this.
fn python(script: &str, input: &[u8]) -> String {
    let mut python = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    python.stdin.take().expect("a pipe").write_all(input).expect("it reads");
    let ended = python.wait_with_output().expect("it ends");
    String::from_utf8(ended.stdout).expect("text") + &String::from_utf8_lossy(&ended.stderr)
}
