//! Rows of one format become rows of another, and a broken file is told by line and column.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder, and the program in it.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.path().join(name), text).expect("written");
        self
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).expect("it is there")
    }

    fn run(&self, program: &str, words: &[&str], input: &[u8]) -> Output {
        let mut command = Command::new(program);
        command.args(words).current_dir(self.path());
        let piped = || Stdio::piped();
        let mut child = command.stdin(piped()).stdout(piped()).stderr(piped()).spawn().expect("installed");
        // Whoever is not asked to read may be gone by now.
        let _ = child.stdin.take().expect("piped").write_all(input);
        child.wait_with_output().expect("it ends")
    }

    /// `exportd convert`: its exit code, and what it tells.
    fn convert(&self, words: &[&str], input: &[u8]) -> (i32, String, String) {
        let words: Vec<_> = ["convert"].iter().chain(words).copied().collect();
        let output = self.run(env!("CARGO_BIN_EXE_exportd"), &words, input);
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (output.status.code().expect("it exits"), text(output.stdout), text(output.stderr))
    }

    fn converts(&self, words: &[&str]) -> String {
        let (code, out, err) = self.convert(words, b"");
        assert_eq!(code, 0, "{words:?}: {err}");
        out
    }

    /// What another program makes of a file.
    fn asks(&self, program: &str, words: &[&str]) -> String {
        let output = self.run(program, words, b"");
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program}: {err}");
        String::from_utf8(output.stdout).expect("text")
    }
}

/// Text that formats trip over, in JSON.
const ROWS: &str = r#"[
{"id":1,"zip":"01234","price":1.50,"at":"2026-11-20T09:15:00.250Z","ok":true,"note":"a,\"b\"\r\nc & <d> ]]>","none":null},
{"id":9007199254740993,"zip":"99999","price":-0.10,"at":"1969-12-31T23:59:59Z","ok":false,"note":"日本語 𐍈 \u0000\u001b\ufffe","none":null},
{"id":-9223372036854775808,"zip":"","price":12345678901234567890.5,"at":null,"ok":null,"note":"","none":{"a":[1,"x"]}}
]"#;

#[test]
fn a_file_becomes_every_format_and_comes_back_as_it_was() {
    let desk = Desk::new().file("a.json", ROWS);
    let journey = ["a.json", "b.xml.gz", "c.jsonl", "d.csv.zst", "e.xml", "f.json.gz", "g.jsonl"];
    for leg in journey.windows(2) {
        desk.converts(&[leg[0], "-o", leg[1]]);
    }
    let rows: Vec<Value> =
        desk.text("g.jsonl").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let mut expected: Vec<Value> = serde_json::from_str(ROWS).expect("JSON");
    // What csv has no form of its own for is text from there on.
    expected[2]["none"] = json!(r#"{"a":[1,"x"]}"#);
    assert_eq!(rows, expected);
    assert!(desk.text("g.jsonl").contains(r#""price":1.50"#), "decimals keep their digits");
    let left: Vec<_> = std::fs::read_dir(desk.path())
        .expect("there")
        .map(|entry| entry.expect("there").file_name())
        .collect();
    assert_eq!(left.len(), journey.len(), "nothing else is left: {left:?}");
}

#[test]
fn what_is_almost_nothing_is_not_nothing_and_what_is_parted_otherwise_is_hinted_at() {
    let desk = Desk::new()
        .file("a.jsonl", "{\"n\":1e-400,\"m\":{\"a\":1}}\n{\"n\":1,\"m\":\"x\"}\n")
        .file("b.csv", "a;b\n1;2\n3;4\n")
        .file("c.csv", "a;b\n1;2\n3\n");
    let (code, _, err) = desk.convert(&["a.jsonl", "-o", "a.csv"], b"");
    assert_eq!((code, desk.text("a.csv").contains("1e-400")), (0, true), "{err}");
    assert!(err.contains("`m`") && err.contains("texts stand in quotes"), "{err}");
    let (code, _, err) = desk.convert(&["b.csv", "-o", "b.json"], b"");
    assert!(code == 0 && err.contains("2 columns parted by semicolons"), "{err}");
    let (code, _, err) = desk.convert(&["--check", "c.csv"], b"");
    assert!(code == 0 && !err.contains("parted"), "{err}");
}

#[test]
fn other_programs_read_what_is_written() {
    const PYTHON: &str = "
import csv, json, sys, base64, xml.etree.ElementTree as tree
rows = json.load(open('a.json'))
notes = [row['note'] for row in rows]
assert [row['note'] for row in csv.DictReader(open('a.csv', newline='', encoding='utf-8'))] == notes
assert [row['zip'] for row in csv.DictReader(open('a.csv', newline='', encoding='utf-8'))] == ['01234', '99999', '']
assert [json.loads(line) for line in open('a.jsonl', encoding='utf-8')] == rows
assert json.load(open('b.json', encoding='utf-8')) == {'data': {'rows': rows}}
def text(field):
    text = field.text or ''
    return base64.b64decode(text).decode() if field.get('encoding') == 'base64' else text
space = '{urn:exportd:export:1}'
fields = tree.parse('a.xml').getroot().findall(f'{space}section/{space}row/{space}field[@name=\"note\"]')
assert [text(field) for field in fields] == notes
print('alike')
";
    let desk = Desk::new().file("a.json", ROWS);
    for name in ["a.csv", "a.jsonl", "b.json", "a.xml"] {
        desk.converts(&["a.json", "-o", name]);
    }
    assert_eq!(desk.asks("python3", &["-c", PYTHON]), "alike\n");
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/src/formats/xml/export.xsd");
    desk.asks("xmllint", &["--noout", "--schema", schema, "a.xml"]);
    let unlike = desk.text("a.xml").replace("type=\"integer\"", "type=\"int\"");
    std::fs::write(desk.path().join("unlike.xml"), unlike).expect("written");
    let output = desk.run("xmllint", &["--noout", "--schema", schema, "unlike.xml"], b"");
    assert!(!output.status.success(), "the schema finds what is not of it");
}

#[test]
fn a_fault_is_told_by_file_line_and_column_and_nothing_is_written() {
    let desk = Desk::new().file("a.csv", "id,name\r\n1,x\r\n2\r\n").file("b.csv", "before");
    let (code, out, err) = desk.convert(&["a.csv", "-o", "b.csv"], b"");
    assert_eq!((code, out.as_str()), (5, ""));
    assert_eq!(err, "exportd: a.csv:3:1: 1 cell, and the header has 2 columns\n");
    assert_eq!(desk.text("b.csv"), "before");

    let (code, out, _) = desk.convert(&["--check", "a.csv", "--json"], b"");
    let told: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &told["ok"], &told["line"], &told["column"]), (5, &json!(false), &json!(3), &json!(1)));

    let (code, _, err) = desk.convert(&["-", "--from", "jsonl", "-o", "b.csv"], b"{\"a\":1}\n{\"a\":}\n");
    assert_eq!((code, err.as_str()), (5, "exportd: standard input:2:6: a value should be here\n"));
    let (code, _, err) = desk.convert(&["--check", "cut.json.gz"], b"");
    assert_eq!(code, 3, "{err}");
    std::fs::write(desk.path().join("cut.json.gz"), [0x1f, 0x8b, 8, 0, 0]).expect("written");
    let (code, _, err) = desk.convert(&["--check", "cut.json.gz"], b"");
    assert_eq!(code, 5, "{err}");
}

#[test]
fn a_check_tells_what_is_in_a_file() {
    let desk = Desk::new().file("a.json", ROWS);
    let told = desk.converts(&["--check", "a.json"]);
    assert!(told.contains("3 rows, 7 columns"), "{told}");
    let facts: Value = serde_json::from_str(&desk.converts(&["--check", "a.json", "--json"])).expect("JSON");
    let columns: Vec<_> = facts["sections"][0]["columns"].as_array().expect("columns").iter().collect();
    let kinds: Vec<_> = columns.iter().map(|column| column["type"].as_str().expect("a type")).collect();
    assert_eq!(kinds, ["integer", "text", "decimal", "timestamp", "boolean", "text", "json"]);
    assert_eq!((&facts["ok"], &facts["rows"]), (&json!(true), &json!(3)));
}

#[test]
fn rows_stream_from_standard_input_to_standard_output() {
    let desk = Desk::new();
    let words = ["-", "--from", "csv", "-o", "-", "--to", "jsonl"];
    let (code, out, err) = desk.convert(&words, "\u{feff}a,b\n1,\n2,\"\"\n".as_bytes());
    assert_eq!((code, out.as_str()), (0, "{\"a\":1,\"b\":null}\n{\"a\":2,\"b\":\"\"}\n"), "{err}");
    assert!(err.contains("rows      2"), "{err}");
}

#[test]
fn a_document_of_several_sections_keeps_them_and_a_table_says_whose_rows_are_whose() {
    let document = r#"{"metadata":{"title":"All","exportId":"e-1","schema":[]},"data":{"users":[{"id":1}],"files":[{"id":"f","size":2}]}}"#;
    let desk = Desk::new().file("a.json", document);
    desk.converts(&["a.json", "-o", "a.xml"]);
    desk.converts(&["a.xml", "-o", "b.json"]);
    let back: Value = serde_json::from_str(&desk.text("b.json")).expect("JSON");
    assert_eq!(back["data"], serde_json::from_str::<Value>(document).expect("JSON")["data"]);
    assert_eq!((&back["metadata"]["exportId"], &back["metadata"]["title"]), (&json!("e-1"), &json!("All")));
    desk.converts(&["a.xml", "-o", "a.csv"]);
    assert_eq!(desk.text("a.csv"), "section,id,size\r\nusers,1,\r\nfiles,f,2\r\n");
}

#[test]
fn formulas_are_guarded_when_asked_for_and_the_change_is_told() {
    let desk = Desk::new().file("a.json", r#"[{"a":"=1+1","n":-1}]"#);
    desk.converts(&["a.json", "-o", "a.csv"]);
    assert_eq!(desk.text("a.csv"), "a,n\r\n=1+1,-1\r\n");
    let (code, out, err) =
        desk.convert(&["a.json", "-o", "a.csv", "--guard-formulas", "--bom", "--json"], b"");
    assert_eq!((code, desk.text("a.csv").as_str()), (0, "\u{feff}a,n\r\n'=1+1,-1\r\n"), "{err}");
    let facts: Value = serde_json::from_str(&out).expect("JSON");
    assert!(facts["warnings"][0].as_str().is_some_and(|words| words.contains("1 cell")), "{facts}");
}

#[test]
fn wrong_use_is_told_before_anything_is_read() {
    let desk = Desk::new().file("a.csv", "a\n1\n").file("a.pdf", "%PDF");
    for words in [
        &["a.csv"][..],
        &["a.csv", "-o", "b"],
        &["a.csv", "-o", "b.zip"],
        &["a.csv", "-o", "b.json", "--to", "docx"],
        &["-", "-o", "b.json"],
        &["a.pdf", "-o", "b.json"],
        &["a.csv", "-o", "."],
        &["--check", "a.csv", "-o", "b.json"],
    ] {
        let (code, out, err) = desk.convert(words, b"");
        assert_eq!((code, out.as_str()), (2, ""), "{words:?}: {err}");
    }
    assert_eq!(desk.convert(&["none.csv", "-o", "b.json"], b"").0, 3);
}
